#include "job_queue.h"

#include <utility>

namespace tutti::summarizer {

bool JobQueue::Add(Job& job) {
  if (size_ >= capacity_) {
    return false;
  }
  std::deque<Job>& jobs = waiting_[job.subject];
  if (jobs.empty()) {
    turns_.push_back(job.subject);
  }
  jobs.push_back(std::move(job));
  ++size_;
  return true;
}

std::vector<Job> JobQueue::Take(std::size_t count) {
  std::vector<Job> taken;
  if (turns_.empty()) {
    return taken;
  }
  std::string subject = std::move(turns_.front());
  turns_.pop_front();
  const auto found = waiting_.find(subject);
  while (!found->second.empty() && taken.size() < count) {
    taken.push_back(std::move(found->second.front()));
    found->second.pop_front();
  }
  size_ -= taken.size();
  if (found->second.empty()) {
    waiting_.erase(found);
  } else {
    turns_.push_back(std::move(subject));
  }
  return taken;
}

std::vector<Job> JobQueue::TakeAll() {
  std::vector<Job> all;
  while (size_ > 0) {
    for (Job& job : Take(size_)) {
      all.push_back(std::move(job));
    }
  }
  return all;
}

}  // namespace tutti::summarizer
