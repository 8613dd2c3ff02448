// JobQueue: what waits for a model call, bounded, in the order of events per subject, subjects in turn.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "job.h"

namespace tutti::summarizer {

// Threads: one at a time; the caller's lock guards it.
class JobQueue {
 public:
  explicit JobQueue(std::size_t capacity) : capacity_(capacity) {}

  // False when it is full: then `job` is as it was.
  [[nodiscard]] bool Add(Job& job);

  // The oldest jobs of the subject whose turn it is, at most `count`; none when nothing waits. The subject then goes to
  // the end of the line.
  std::vector<Job> Take(std::size_t count);

  // Everything that waits.
  std::vector<Job> TakeAll();

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  const std::size_t capacity_;
  std::size_t size_ = 0;
  std::list<std::string> turns_;  // subjects that have jobs
  std::map<std::string, std::deque<Job>> waiting_;
};

}  // namespace tutti::summarizer
