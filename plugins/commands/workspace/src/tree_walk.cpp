#include "tree_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "unique_fd.h"

namespace tutti::workspace {
namespace {

constexpr int kEntriesBetweenChecks = 64;

class Walker {
 public:
  Walker(const WalkLimits& limits, const Walk& walk)
      : limits_(limits), walk_(walk), deadline_(std::chrono::steady_clock::now() + limits.max_time) {}

  WalkEnd Run(int directory) {
    Descend(UniqueFd(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), "", 0);
    return end_ == WalkEnd::kComplete && is_too_deep_ ? WalkEnd::kTooDeep : end_;
  }

 private:
  void Descend(UniqueFd directory, const std::string& prefix, int depth) {
    if (!directory) {
      return;
    }
    const int fd = directory.get();
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(fd), &::closedir);
    if (!listing) {
      return;
    }
    // The listing owns the descriptor from here on.
    [[maybe_unused]] const int owned = directory.Release();
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(listing.get())) {
      if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) {
        continue;
      }
      if (!CountEntry()) {
        return;
      }
      names.emplace_back(entry->d_name);
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      Visit(fd, prefix, name, depth);
      if (end_ != WalkEnd::kComplete) {
        return;
      }
    }
  }

  void Visit(int directory, const std::string& prefix, const std::string& name, int depth) {
    struct stat status {};

    if (!IsInTime() || ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      return;
    }
    if (!S_ISDIR(status.st_mode)) {
      if (!walk_.visit({.path = prefix + name, .directory = directory, .name = name.c_str(), .status = status})) {
        end_ = WalkEnd::kStopped;
      }
      return;
    }
    if (name == ".git") {
      return;
    }
    if (depth + 1 >= limits_.max_depth) {
      is_too_deep_ = true;
      return;
    }
    Descend(UniqueFd(::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)),
            prefix + name + "/", depth + 1);
  }

  bool CountEntry() {
    if (++entries_ > limits_.max_entries) {
      end_ = WalkEnd::kTooManyEntries;
    }
    return end_ == WalkEnd::kComplete;
  }

  bool IsInTime() {
    if (++visits_ % kEntriesBetweenChecks == 0) {
      if (walk_.cancelled()) {
        end_ = WalkEnd::kCancelled;
      } else if (std::chrono::steady_clock::now() >= deadline_) {
        end_ = WalkEnd::kOutOfTime;
      }
    }
    return end_ == WalkEnd::kComplete;
  }

  const WalkLimits& limits_;
  const Walk& walk_;
  const std::chrono::steady_clock::time_point deadline_;
  std::size_t entries_ = 0;
  int visits_ = 0;
  bool is_too_deep_ = false;
  WalkEnd end_ = WalkEnd::kComplete;
};

}  // namespace

WalkEnd WalkTree(int directory, const WalkLimits& limits, const Walk& walk) {
  return walk.cancelled() ? WalkEnd::kCancelled : Walker(limits, walk).Run(directory);
}

const char* Describe(WalkEnd end) {
  switch (end) {
    case WalkEnd::kComplete:
    case WalkEnd::kStopped:
      return "";
    case WalkEnd::kTooManyEntries:
      return "[stopped: too many files below; give a narrower path]";
    case WalkEnd::kTooDeep:
      return "[directories nested very deeply were left out; give a narrower path]";
    case WalkEnd::kOutOfTime:
      return "[stopped after the time limit; give a narrower path]";
    case WalkEnd::kCancelled:
      return "[cancelled]";
  }
  return "";
}

}  // namespace tutti::workspace
