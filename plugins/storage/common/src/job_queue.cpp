#include "job_queue.h"

namespace tutti::storage {

Status JobQueue::Push(Job& job) {
  constexpr std::chrono::milliseconds kRetry(100);
  {
    const std::lock_guard lock(mutex_);
    if (closed_) {
      return Status::Unavailable("the storage is closed");
    }
    const std::size_t bytes = job.batch ? job.batch->bytes() : 0;
    if (job.batch && (jobs_.size() >= most_jobs_ || (bytes_ > 0 && bytes_ + bytes > most_bytes_))) {
      return Status::ResourceExhausted("the storage queue is full (" + std::to_string(jobs_.size()) + " batches, " +
                                       std::to_string(bytes_) +
                                       " bytes); try again, or raise queue_batches or queue_bytes")
          .WithRetryAfter(kRetry);
    }
    bytes_ += bytes;
    jobs_.push_back(std::move(job));
  }
  ready_.notify_one();
  return {};
}

std::vector<Job> JobQueue::Take(std::size_t most) {
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
  std::vector<Job> taken;
  while (!jobs_.empty() && taken.size() < most) {
    const bool is_task = !jobs_.front().batch;
    if (is_task && !taken.empty()) {
      break;
    }
    bytes_ -= is_task ? 0 : jobs_.front().batch->bytes();
    taken.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
    if (is_task) {
      break;
    }
  }
  return taken;
}

void JobQueue::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  ready_.notify_all();
}

void JobQueue::Open() {
  const std::lock_guard lock(mutex_);
  closed_ = false;
}

std::size_t JobQueue::size() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

}  // namespace tutti::storage
