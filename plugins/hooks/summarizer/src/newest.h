// Newest: which sentence of a subject is the newest that was announced, so that a late one does not replace it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace tutti::summarizer {

// Threads: one at a time; the caller's lock guards it.
class Newest {
 public:
  // Remembers `capacity` subjects; beyond that the one whose last sentence is oldest is forgotten.
  explicit Newest(std::size_t capacity) : capacity_(capacity) {}

  // Whether what happened at `time_us` is newer than everything announced before; then it is the newest.
  bool Advance(const std::string& subject, std::int64_t time_us) {
    const auto found = times_.find(subject);
    if (found != times_.end()) {
      const bool is_newer = time_us > found->second;
      found->second = is_newer ? time_us : found->second;
      return is_newer;
    }
    if (times_.size() >= capacity_) {
      auto oldest = times_.begin();
      for (auto at = times_.begin(); at != times_.end(); ++at) {
        oldest = at->second < oldest->second ? at : oldest;
      }
      times_.erase(oldest);
    }
    times_.emplace(subject, time_us);
    return true;
  }

 private:
  const std::size_t capacity_;
  std::map<std::string, std::int64_t> times_;
};

}  // namespace tutti::summarizer
