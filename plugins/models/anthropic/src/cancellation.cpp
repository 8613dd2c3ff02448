#include "cancellation.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace tutti::anthropic {

Cancellation::~Cancellation() {
  CloseWatched();
}

void Cancellation::Cancel() {
  const std::lock_guard lock(mutex_);
  is_cancelled_ = true;
  if (watched_ >= 0) {
    ::shutdown(watched_, SHUT_RDWR);
  }
  changed_.notify_all();
}

bool Cancellation::is_cancelled() const {
  const std::lock_guard lock(mutex_);
  return is_cancelled_;
}

bool Cancellation::WaitFor(std::chrono::milliseconds delay) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, delay, [this] { return is_cancelled_; });
}

void Cancellation::Watch(int descriptor) {
  const std::lock_guard lock(mutex_);
  CloseWatched();
  watched_ = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (is_cancelled_ && watched_ >= 0) {
    ::shutdown(watched_, SHUT_RDWR);
  }
}

void Cancellation::Unwatch() {
  const std::lock_guard lock(mutex_);
  CloseWatched();
}

void Cancellation::CloseWatched() {
  if (watched_ >= 0) {
    ::close(std::exchange(watched_, -1));
  }
}

}  // namespace tutti::anthropic
