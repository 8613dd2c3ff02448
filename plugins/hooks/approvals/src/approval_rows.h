// The storage operations behind approvals. What becomes known to everybody, a question, its answer and what came of a
// kept command, is announced in the batch that stores it: approval.requested, approval.answered, approval.finished.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::approvals {

struct Asked {
  std::string id;
  std::string args;    // of approvals.ask
  std::string why;     // the sentence a person reads
  std::string always;  // JSON object, or empty: "always" cannot be said
  std::string created_at, expires_at;
};

struct Closing {
  std::string_view status;       // allowed, denied, expired, cancelled
  std::string_view answer;       // allow, deny, or empty
  std::string_view reason;       // or empty
  std::string_view answered_by;  // or empty
  std::string_view amount;       // JSON number, or empty
  std::string_view runner;       // host that runs the kept command, or empty
};

std::string RequestBatch(const Asked& asked);

// Closes `row` if it is pending; with `rule`, a row of approvals.rules, or empty. FAILED_PRECONDITION: it is not any
// more.
std::string CloseBatch(JsonView row, const Closing& closing, std::string_view rule);

// What came of the kept command of `row`; `result` a JSON object. Stored once: FAILED_PRECONDITION: it is known
// already.
std::string FinishBatch(JsonView row, std::string_view result);

// The answer has reached who asked.
std::string DeliverBatch(std::string_view id);

std::string GetBatch(std::string_view id);

// The newest first.
std::string ListBatch(std::string_view status, std::int64_t limit);

// What this run was asked at this point before, the newest first.
std::string SameBatch(JsonView args);

// What was asked with the "key" of args.ask and is pending, whichever run it was for; and all of it of this run.
std::string KeyBatch(JsonView args);

// Three results: pending rows that are overdue; those of `ids` that are not pending any more; all lasting rules.
std::string SweepBatch(std::string_view now, const std::vector<std::string>& ids);

// Pending rows of the run, or of any run.
std::string PendingOfRunBatch(std::string_view run);
std::string PendingRunsBatch();

// Kept commands, allowed before that time, that this host began and did not end.
std::string UnfinishedBatch(std::string_view runner, std::string_view before);

std::string PendingCountBatch(std::size_t most);

std::string RulesBatch(std::int64_t limit);
std::string RemoveRuleBatch(std::string_view id);

}  // namespace tutti::approvals
