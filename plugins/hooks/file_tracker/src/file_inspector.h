// FileInspector: looks at the files of one turn.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "change_report.h"
#include "git_repository.h"
#include "turn.h"

namespace tutti::file_tracker {

struct Limits {
  std::size_t max_file_bytes = std::size_t{2} << 20U;
  std::uint64_t max_counted_bytes = std::uint64_t{16} << 20U;
  std::size_t max_diff_bytes = std::size_t{128} << 10U;
  std::size_t max_total_diff_bytes = std::size_t{512} << 10U;
  std::uint32_t context_lines = 3;
};

// Threads: one at a time. Its functions block on the file system.
class FileInspector {
 public:
  using Clock = std::chrono::steady_clock;

  // `working_dir` is canonical. A repository that `bases` does not name is compared with its HEAD.
  FileInspector(std::string working_dir, Limits limits, BaseCommits bases, Clock::time_point until);

  // What is known of a file without looking at it.
  [[nodiscard]] FileChange Unseen(const TouchedFile& file, std::string reason) const;
  [[nodiscard]] FileRead Uncounted(const TouchedFile& file) const;

  // nullopt: the file is in no repository, so nothing says what has changed.
  std::optional<FileChange> InspectChange(const TouchedFile& file);
  [[nodiscard]] FileRead InspectRead(const TouchedFile& file) const;

 private:
  std::string BaseOf(const GitRepository& repository) const;

  const std::string working_dir_;
  const Limits limits_;
  const BaseCommits bases_;
  const Clock::time_point until_;
  std::size_t diff_bytes_left_;
  // By the directory of a file: most files of a turn share one.
  std::map<std::string, Result<std::optional<GitRepository>>> repositories_;
};

// Tells the turn which commit the repository of a file that was just changed is at.
void NoteBase(const TouchedFile& file, Turn& turn);

}  // namespace tutti::file_tracker
