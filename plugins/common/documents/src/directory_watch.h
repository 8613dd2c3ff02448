// DirectoryWatch: whether something changed in directories since they were read. Needs no thread: the kernel keeps what
// happened until it is asked (inotify), and a change that was made before the question is seen by it.
//
// Changes that it does not see: those through another hard link or through memory maps, those of what a symbolic link
// names, and those that another machine makes on a network file system.
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "descriptor.h"

namespace tutti::documents {

class DirectoryWatch {
 public:
  // `most`: directories watched at once; 0 watches none.
  explicit DirectoryWatch(std::size_t most) : most_(most) {}

  // Before the directories are read again: forgets what happened so far, and every directory that is not added until
  // Settle.
  void Begin();
  // Call it before the directory is read. A directory that cannot be watched leaves the watch incomplete.
  void Add(const std::string& path);
  void Settle();

  // Whether all directories added since Begin are watched.
  [[nodiscard]] bool is_complete() const { return is_complete_; }

  // Why it is not; empty when it is.
  [[nodiscard]] const std::string& problem() const { return problem_; }

  // Whether something changed since Begin or the last call; true also when the kernel lost events.
  bool Take();

 private:
  void Fail(const std::string& problem);

  const std::size_t most_;
  Descriptor events_;
  std::set<int> watched_;
  std::set<int> added_;
  bool is_complete_ = false;
  std::string problem_;
};

}  // namespace tutti::documents
