// Whether the next call fits into the limits, and what to say when it does not.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "amounts.h"
#include "facts.h"
#include "limit_list.h"

namespace tutti::budget {

enum class Action : std::uint8_t { kModelCall, kToolCall, kStartAgent, kCreateAgent };

// One bound that a call must keep.
struct Demand {
  const Limit* limit = nullptr;
  Scope scope;
  std::string day;  // "2026-11-21" of a limit per day, else empty
  Resource resource = Resource::kCost;
  std::int64_t bound = 0;
  std::int64_t next = 0;  // what the call will take of it
};

// What is known of a scope; the day is empty for all days.
using BookKey = std::pair<Scope, std::string>;
// Limit, scope, day, resource.
using RaiseKey = std::tuple<std::string, Scope, std::string, Resource>;

struct Books {
  std::map<BookKey, Amounts> spent;
  std::map<RaiseKey, std::int64_t> raised;
};

struct Breach {
  Demand demand;
  std::int64_t raised = 0;  // by people so far
  std::int64_t spent = 0;
  std::int64_t reserved = 0;  // by calls in flight

  [[nodiscard]] std::int64_t allowed() const { return demand.bound + raised; }

  // What is missing for the call.
  [[nodiscard]] std::int64_t missing() const;

  // "run 4f1c.. may take 10.00 USD in all: 9.80 USD are spent, ..."
  [[nodiscard]] std::string Sentence() const;

  // The same for every call that meets it, until the limit is raised.
  [[nodiscard]] std::string Key() const;

  // Members of an answer and of the journal's event.
  [[nodiscard]] std::string ToJson() const;
};

// In the order of the limits. `day` is today's.
std::vector<Demand> DemandsOf(const std::vector<const Limit*>& limits, const Facts& facts, Action action,
                              const Amounts& next, const std::string& day);

// The rows to look at.
std::vector<BookKey> KeysOf(const std::vector<Demand>& demands);

// What counts besides the rows: spent is added to them, reserved stands beside them.
struct Besides {
  std::int64_t spent = 0;
  std::int64_t reserved = 0;
};

// How much of a bound is left, raises included; negative when it is passed.
std::int64_t RoomOf(const Demand& demand, const Books& books, const Besides& besides);

// The first demand that is not met. `besides_of` is asked per demand.
std::optional<Breach> FindBreach(const std::vector<Demand>& demands, const Books& books,
                                 const std::function<Besides(const Demand&)>& besides_of);

}  // namespace tutti::budget
