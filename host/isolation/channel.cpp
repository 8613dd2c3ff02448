#include "host/isolation/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>

namespace tutti::host {

namespace {

// How long log lines and metrics may wait for company.
constexpr std::chrono::milliseconds kLinger{5};

// How often a writer in front of a full socket looks whether it should end.
constexpr int kLookMs = 100;

}  // namespace

Channel::Sent Channel::Put(std::string_view frame, Urgency urgency) {
  if (frame.size() > settings_.max_frame) {
    return Sent::kTooLarge;
  }
  const std::lock_guard lock(mutex_);
  if (is_closed_) {
    return Sent::kClosed;
  }
  sent_.fetch_add(1, std::memory_order_release);
  if (urgency != Urgency::kAnswer && waiting() > 0 && waiting() + frame.size() > settings_.max_waiting) {
    return Sent::kFull;
  }
  if (urgency == Urgency::kSoon) {
    waiting_.append(frame);
    if (!is_lingering_ && !is_blocked_) {
      is_lingering_ = true;
      WakeWriter();
    }
    return Sent::kYes;
  }
  if (waiting() == 0) {
    const ssize_t sent = ::send(descriptor_, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(frame.size())) {
      return Sent::kYes;
    }
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      is_closed_ = true;
      return Sent::kClosed;
    }
    frame.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    waiting_.assign(frame);
    written_ = 0;
  } else {
    waiting_.append(frame);
  }
  if (!is_blocked_) {
    Flush();
  }
  return is_closed_ ? Sent::kClosed : Sent::kYes;
}

void Channel::Flush() {
  while (waiting() > 0) {
    const ssize_t sent = ::send(descriptor_, waiting_.data() + written_, waiting(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      written_ += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EINTR) {
      continue;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      is_closed_ = true;
      break;
    }
    if (written_ > (1UL << 20U)) {
      waiting_.erase(0, written_);
      written_ = 0;
    }
    is_lingering_ = false;
    is_blocked_ = true;
    WakeWriter();
    return;
  }
  waiting_.clear();
  written_ = 0;
  is_lingering_ = false;
  is_blocked_ = false;
}

void Channel::WakeWriter() {
  if (!writer_.joinable()) {
    writer_ = std::thread([this] { RunWriter(); });
  }
  wake_.notify_one();
}

void Channel::RunWriter() {
  std::unique_lock lock(mutex_);
  while (!is_closed_) {
    if (is_blocked_) {
      lock.unlock();
      pollfd room{descriptor_, POLLOUT, 0};
      const int ready = ::poll(&room, 1, kLookMs);
      lock.lock();
      if (ready > 0 && !is_closed_) {
        is_blocked_ = false;
        Flush();
      }
    } else if (is_lingering_) {
      wake_.wait_for(lock, kLinger, [this] { return is_closed_ || is_blocked_ || !is_lingering_; });
      if (is_lingering_ && !is_closed_) {
        Flush();
      }
    } else {
      wake_.wait(lock);
    }
  }
}

void Channel::Stop() {
  std::thread writer;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    writer = std::move(writer_);
  }
  wake_.notify_all();
  if (writer.joinable()) {
    writer.join();
  }
}

}  // namespace tutti::host
