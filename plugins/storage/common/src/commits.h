// Commits whose answers were lost: whether they were made after all, as soon as the database can be asked.
//
// Every commit of the writer has a mark of its own. When the connection is lost while committing, the database is asked
// for the mark over another one. While it cannot be asked, nothing else is committed, because only the newest mark is
// kept there. Results of batches that have an id are kept until then, so that their next try is answered with them.
//
// Used by the one writer thread; not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "driver.h"

namespace tutti::storage {

class Commits {
 public:
  using Results = std::vector<std::pair<std::string, std::string>>;  // batch id, result

  Commits();

  // The mark of the next commit.
  [[nodiscard]] CommitMark Next() { return {writer_, ++number_}; }

  // The outcome of this commit is not known; `results` are of its batches with ids.
  void Lost(CommitMark mark, Results results);

  // Finds out what is not known yet. A failure: not now; nothing may be committed on this connection.
  Status Settle(Driver& driver, Connection& connection);

  // The result of a batch that was committed although its first try could not say so. Takes it.
  std::optional<std::string> Take(const std::string& id);

 private:
  const std::string writer_;
  std::int64_t number_ = 0;
  std::optional<CommitMark> lost_;
  Results lost_results_;
  std::unordered_map<std::string, std::string> made_;
  std::deque<std::string> order_;  // ids of made_, oldest first
  std::size_t bytes_ = 0;          // of the results in made_
};

}  // namespace tutti::storage
