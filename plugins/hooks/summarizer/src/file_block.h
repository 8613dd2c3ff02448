// FileBlock: the file changes that a turn ended with, while their summaries are being written.
//
// The entries lie in the payload of the turn's last text row. When the last summary is there the payload is written and
// announced once more, whole, in the shape it had.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "job.h"
#include "tutti/sdk/json.hpp"

namespace tutti::summarizer {

// Threads: any.
class FileBlock {
 public:
  // `row`: {"id","agent_id","task_slug","payload"} of agent_logs. nullptr when its payload has no file changes.
  static std::shared_ptr<FileBlock> FromRow(JsonView row, std::string stream);

  // One job per changed file that has a difference to look at.
  static std::vector<Job> Jobs(const std::shared_ptr<FileBlock>& block, std::int64_t time_us,
                               std::size_t diff_characters);

  // The summary of a file, empty when it keeps the one it has. True when it was the last that was missing and any of
  // them is new: then Operations is to be stored.
  bool Set(std::size_t file, std::string_view summary);

  // The new entries in the row, and the block announced again: storage operations with commas between.
  [[nodiscard]] std::string Operations() const;

 private:
  FileBlock(JsonView row, std::string stream);

  std::string stream_, row_, agent_, slug_;
  mutable std::mutex mutex_;
  Json payload_;                                  // guarded by mutex_
  std::vector<std::optional<std::string>> left_;  // guarded by mutex_; by entry, empty: none is awaited
  std::size_t awaited_ = 0;                       // guarded by mutex_
  bool has_new_ = false;                          // guarded by mutex_
};

}  // namespace tutti::summarizer
