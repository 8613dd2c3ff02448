// The plugin's rows: what was spent by scope and day, which calls have been charged, and what people raised.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "amounts.h"
#include "breach.h"
#include "facts.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::budget {

// "2026-11-21", UTC.
std::string DayOf(std::int64_t unix_micros);

// Adds to the rows of these scopes, which must be in their order.
void AddCharge(Batch& batch, const std::vector<Scope>& scopes, const std::string& day, const Amounts& amounts);

// Makes a batch that charges this call fail when it is applied a second time.
Op ChargeOnce(std::string_view call);

// What `keys` name, and every raise of these scopes. ReadBooks takes the answer.
std::string BooksBatch(const std::vector<BookKey>& keys, const std::vector<Scope>& raised);
Books ReadBooks(const std::vector<BookKey>& keys, const StoreReply& reply);

struct Raise {
  std::string id;  // UUID; a second one of that id is ALREADY_EXISTS
  std::string limit;
  Scope scope;
  std::string day;
  Resource resource = Resource::kCost;
  std::int64_t amount = 0;
  std::string by;
};

Op InsertRaise(const Raise& raise);

// For budget.get: spent rows of a day, newest change first, or of one scope with all its days; and the newest raises.
Op ListSpent(std::string_view day, std::string_view kind, std::string_view id, std::int64_t limit);
Op ListRaises(std::string_view scope_id, std::int64_t limit);

// A row of ListSpent as amounts.
Amounts AmountsOf(JsonView row);

// Rows of single runs before a day, and marks of charged calls before a time.
std::string CleanBatch(const std::string& before_day, std::int64_t calls_before_micros);

}  // namespace tutti::budget
