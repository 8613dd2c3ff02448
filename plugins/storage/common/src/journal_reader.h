// Reading the journal: pages of a stream's events, and where its numbers begin and end.
//
// Used within a transaction that sees one state of the database. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "driver.h"

namespace tutti::storage {

class JournalReader {
 public:
  struct Bounds {
    std::int64_t numbers = 0;  // events a filtered page looks at
    std::size_t bytes = 0;     // of the events of a page, unless it is a single one
  };

  // Both must outlive the reader.
  JournalReader(Connection& connection, const Dialect& dialect) : connection_(connection), dialect_(dialect) {}

  // {"count","first","last","next","events":[...]}
  Result<std::string> Page(const JournalPlan& plan, Bounds bounds);

  // {"count","heads":[{"stream","first","last"}]}
  Result<std::string> Heads(const HeadsPlan& plan);

 private:
  struct Span {
    std::int64_t first = 1, last = 0;
  };

  Result<Span> Held(const std::string& stream);
  // The number up to which a page may look.
  Result<std::int64_t> Reach(const JournalPlan& plan, const Span& held, std::int64_t numbers);
  [[nodiscard]] std::string Bind(std::vector<Parameter>& parameters, Type type, Value value) const;
  // " AND ..." with what is found by an index; then what is looked at in each event.
  [[nodiscard]] std::string Indexed(const JournalPlan& plan, std::vector<Parameter>& parameters) const;
  [[nodiscard]] std::string Filtered(const JournalPlan& plan, std::vector<Parameter>& parameters) const;

  Connection& connection_;
  const Dialect& dialect_;
};

}  // namespace tutti::storage
