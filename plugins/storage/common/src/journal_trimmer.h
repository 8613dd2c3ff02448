// Takes the oldest events of a stream away, so many at a time. What is left has no gap, and the numbers go on where
// they were, also when nothing is left.
//
// Used within a transaction. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "driver.h"

namespace tutti::storage {

class JournalTrimmer {
 public:
  // Both must outlive the trimmer.
  JournalTrimmer(Connection& connection, const Dialect& dialect) : connection_(connection), dialect_(dialect) {}

  // {"removed","first","last","more"}
  Result<std::string> Trim(const TrimPlan& plan);

 private:
  // The first event among the numbers from `first` to before `end` that is not older; `end` when all are.
  Result<std::int64_t> FirstNotOlder(const TrimPlan& plan, std::int64_t first, std::int64_t end);
  Result<std::int64_t> Remove(const std::string& stream, std::int64_t first, std::int64_t end);

  Connection& connection_;
  const Dialect& dialect_;
};

}  // namespace tutti::storage
