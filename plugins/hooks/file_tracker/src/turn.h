// What one turn of an agent has touched so far, and all turns that are under way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::file_tracker {

// A tool call that changed or read a file.
struct Touch {
  // nullopt for a call that failed, of another tool, or without a path. `payload` is that of PostToolUse.
  static std::optional<Touch> FromCall(JsonView payload);

  std::string tool;
  std::string path;  // as the tool was given it
  bool is_read = false;
};

struct TouchedFile {
  std::string path;  // canonical
  std::string tool;  // the first that touched it
};

// The commit each repository was at when the turn first touched it, by the repository's directory; empty: none yet.
using BaseCommits = std::map<std::string, std::string>;

// Threads: any.
class Turn {
 public:
  explicit Turn(std::size_t max_files) : max_files_(max_files) {}

  void SetText(std::string id);

  // Each path once. One beyond the limit is only counted.
  void AddChanged(TouchedFile file);
  void AddRead(TouchedFile file);

  // A touch that could not be looked at.
  void CountUnlisted();

  // The first commit told for a repository stays.
  void SetBase(const std::string& repository, const std::string& commit);

  // Whether this is the first time that a change in `directory` is told.
  bool EnterDirectory(const std::string& directory);

  struct State {
    std::string text_id;  // of the last text; empty: none
    std::vector<TouchedFile> changed;
    std::vector<TouchedFile> read;
    BaseCommits bases;
    std::size_t calls_not_listed = 0;
  };

  [[nodiscard]] State state() const;

 private:
  void Add(TouchedFile file, std::vector<TouchedFile>& files);

  const std::size_t max_files_;
  mutable std::mutex mutex_;
  State state_;                    // guarded by mutex_
  std::set<std::string> entered_;  // guarded by mutex_; directories
};

// By run. When there are too many, the oldest turn is forgotten. Threads: any.
class Turns {
 public:
  Turns(std::size_t max_turns, std::size_t max_files) : max_turns_(max_turns), max_files_(max_files) {}

  // Makes it when it is new.
  std::shared_ptr<Turn> At(const std::string& run);

  // Forgets it; nullptr when there is none.
  std::shared_ptr<Turn> Take(const std::string& run);

  [[nodiscard]] std::size_t size() const;

 private:
  const std::size_t max_turns_;
  const std::size_t max_files_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::pair<std::uint64_t, std::shared_ptr<Turn>>> turns_;  // guarded by mutex_
  std::map<std::uint64_t, std::string> by_age_;                                             // guarded by mutex_
  std::uint64_t next_ = 0;                                                                  // guarded by mutex_
};

}  // namespace tutti::file_tracker
