// Visits the files below a directory, never through a symbolic link, bounded in entries, depth and time.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace tutti::workspace {

struct WalkLimits {
  std::size_t max_entries = 200'000;
  int max_depth = 64;  // one open descriptor each
  std::chrono::milliseconds max_time{20'000};
};

enum class WalkEnd { kComplete, kStopped, kTooManyEntries, kTooDeep, kOutOfTime, kCancelled };

struct WalkEntry {
  std::string path;           // relative to where the walk began
  int directory;              // the descriptor that holds it, valid during the visit
  const char* name;           // its name there
  const struct stat& status;  // of the entry itself, links not followed
};

struct Walk {
  // Called for everything that is not a directory. False ends the walk with kStopped.
  std::function<bool(const WalkEntry&)> visit;
  // Asked now and then.
  std::function<bool()> cancelled;
};

// `directory` is borrowed. Directories called ".git" are passed over, unreadable ones too. Entries of one directory
// come sorted by name. kTooDeep is only told when nothing worse ended the walk.
WalkEnd WalkTree(int directory, const WalkLimits& limits, const Walk& walk);

// A note for the reader of results, empty for kComplete and kStopped.
const char* Describe(WalkEnd end);

}  // namespace tutti::workspace
