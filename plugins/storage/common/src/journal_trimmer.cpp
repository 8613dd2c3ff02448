#include "journal_trimmer.h"

#include <algorithm>

#include "tutti/sdk/json.hpp"

namespace tutti::storage {
Result<std::int64_t> JournalTrimmer::FirstNotOlder(const TrimPlan& plan, std::int64_t first, std::int64_t end) {
  std::int64_t found = end;
  auto run = connection_.Run(
      {"SELECT \"seq\" FROM \"tutti_journal\" WHERE \"stream\" = " + dialect_.Placeholder(1, Type::kText) +
           " AND \"seq\" >= " + dialect_.Placeholder(2, Type::kInt64) + " AND \"seq\" < " +
           dialect_.Placeholder(3, Type::kInt64) + " AND \"time\" >= " + dialect_.Placeholder(4, Type::kTime) +
           " ORDER BY \"seq\" LIMIT 1",
       {{Type::kText, plan.stream}, {Type::kInt64, first}, {Type::kInt64, end}, {Type::kTime, plan.time}}},
      [&](std::span<const std::string_view> fields) {
        found = ReadInteger(fields[0]);
        return Status();
      });
  return run.ok() ? Result<std::int64_t>(found) : run;
}

Result<std::int64_t> JournalTrimmer::Remove(const std::string& stream, std::int64_t first, std::int64_t end) {
  auto removed = connection_.Run(
      {"DELETE FROM \"tutti_journal\" WHERE \"stream\" = " + dialect_.Placeholder(1, Type::kText) + " AND \"seq\" >= " +
           dialect_.Placeholder(2, Type::kInt64) + " AND \"seq\" < " + dialect_.Placeholder(3, Type::kInt64),
       {{Type::kText, stream}, {Type::kInt64, first}, {Type::kInt64, end}}},
      nullptr);
  if (!removed.ok()) {
    return removed;
  }
  // The row that those who append wait for is taken last.
  auto moved = connection_.Run({"UPDATE \"tutti_streams\" SET \"floor\" = " + dialect_.Placeholder(1, Type::kInt64) +
                                    " WHERE \"stream\" = " + dialect_.Placeholder(2, Type::kText) +
                                    " AND \"floor\" < " + dialect_.Placeholder(3, Type::kInt64),
                                {{Type::kInt64, end}, {Type::kText, stream}, {Type::kInt64, end}}},
                               nullptr);
  return moved.ok() ? removed : moved;
}

Result<std::string> JournalTrimmer::Trim(const TrimPlan& plan) {
  std::int64_t first = 1;
  std::int64_t last = 0;
  auto run = connection_.Run(
      {"SELECT \"floor\", \"head\" FROM \"tutti_streams\" WHERE \"stream\" = " + dialect_.Placeholder(1, Type::kText),
       {{Type::kText, plan.stream}}},
      [&](std::span<const std::string_view> fields) {
        first = ReadInteger(fields[0]);
        last = ReadInteger(fields[1]);
        return Status();
      });
  if (!run.ok()) {
    return run.status();
  }
  const std::int64_t wanted = plan.until == TrimPlan::Until::kBefore ? std::min(plan.number, last + 1)
                              : plan.until == TrimPlan::Until::kKeep ? last + 1 - std::min(plan.number, last)
                                                                     : last + 1;
  std::int64_t end = std::min(wanted, first + plan.limit);
  bool more = end < wanted;
  std::int64_t removed = 0;
  if (end > first && plan.until == TrimPlan::Until::kOlderThan) {
    auto found = FirstNotOlder(plan, first, end);
    if (!found.ok()) {
      return found.status();
    }
    more = more && *found == end;
    end = *found;
  }
  if (end > first) {
    auto gone = Remove(plan.stream, first, end);
    if (!gone.ok()) {
      return gone.status();
    }
    removed = *gone;
    first = end;
  }
  return JsonObject()("removed", removed)("first", first)("last", last)("more", more).Take();
}

}  // namespace tutti::storage
