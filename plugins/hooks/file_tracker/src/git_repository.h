// A git repository, as far as the tracker asks: where a file was at a commit, and what has changed since. Neither the
// index nor the working tree is walked, so the size of the repository does not matter.
//
// Threads: one at a time per object; different objects side by side. Every function may block on the file system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"

struct git_repository;

namespace tutti::file_tracker {

// libgit2 is ready while one of these lives.
class GitLibrary {
 public:
  GitLibrary();
  ~GitLibrary();
  GitLibrary(const GitLibrary&) = delete;
  GitLibrary& operator=(const GitLibrary&) = delete;
};

struct DiffLimits {
  std::size_t max_file_bytes = 0;  // of the committed file
  std::size_t max_diff_bytes = 0;
  std::uint32_t context_lines = 3;
};

struct FileDiff {
  bool is_in_base = false;
  std::int64_t lines_added = 0;
  std::int64_t lines_removed = 0;
  std::optional<std::string> text;  // unified, valid UTF-8 without NUL; empty: no difference
  std::string omitted;              // why there is no text
};

class GitRepository {
 public:
  // The innermost repository with a working tree that `path` (canonical, need not exist) lies in; nullopt when there is
  // none, or the path is part of the repository's own files. A failure is git's sentence.
  static Result<std::optional<GitRepository>> Around(const std::string& path);

  // The directory that tells it from others.
  [[nodiscard]] std::string directory() const;

  // The commit of HEAD; empty before the first commit.
  [[nodiscard]] Result<std::string> Head() const;

  // What `path` is, compared with `commit` (empty: with nothing). `content` nullptr: the file does not exist; otherwise
  // it is brought to the form in which git stores it (line ends) first.
  [[nodiscard]] FileDiff Compare(const std::string& path, const std::string& commit, const std::string* content,
                                 const DiffLimits& limits) const;

  // Whether `path` is in `commit`, without looking into it.
  [[nodiscard]] bool Holds(const std::string& path, const std::string& commit) const;

  // Whether the repository's rules tell git to leave the file alone.
  [[nodiscard]] bool Ignores(const std::string& path) const;

 private:
  struct Free {
    void operator()(git_repository* repository) const;
  };

  explicit GitRepository(git_repository* repository) : repository_(repository) {}

  // Relative to the working tree.
  [[nodiscard]] std::string NameOf(const std::string& path) const;

  std::unique_ptr<git_repository, Free> repository_;
};

}  // namespace tutti::file_tracker
