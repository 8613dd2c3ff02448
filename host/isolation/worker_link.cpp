#include "host/isolation/worker_link.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace tutti::host {

void WorkerLink::Start(int threads, Handler handler, Ended ended) {
  handler_ = std::move(handler);
  ended_ = std::move(ended);
  poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  // Edge triggered: each arrival wakes one of those who sleep, and nobody needs to be told to take over.
  epoll_event interest{};
  interest.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
  ::epoll_ctl(poll_, EPOLL_CTL_ADD, socket_, &interest);
  free_ = threads;
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

void WorkerLink::Run() {
  while (true) {
    epoll_event event{};
    if (::epoll_wait(poll_, &event, 1, -1) < 1) {
      continue;
    }
    std::vector<Executor::Work> works = Read();
    if (works.empty()) {
      continue;
    }
    Executor::Work own = std::move(works.back());
    works.pop_back();
    for (Executor::Work& work : works) {
      executor_.Resume(std::move(work));
    }
    int free = free_.load();
    while (free >= 2 && !free_.compare_exchange_weak(free, free - 1)) {
    }
    if (free >= 2) {
      own();
      free_.fetch_add(1);
    } else {
      executor_.Resume(std::move(own));
    }
  }
}

std::vector<Executor::Work> WorkerLink::Read() {
  std::vector<Executor::Work> works;
  const std::lock_guard lock(reading_);
  while (true) {
    const std::span<char> room = buffer_.Room();
    const ssize_t got = ::recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return works;
    }
    if (got <= 0) {
      ended_({});
      return works;
    }
    buffer_.Added(static_cast<std::size_t>(got));
    while (true) {
      const Result<std::optional<Frame>> next = buffer_.Next();
      if (!next.ok()) {
        ended_(std::string(next.status().message()));
        return works;
      }
      if (!*next) {
        break;
      }
      Result<Executor::Work> work = handler_(**next);
      if (!work.ok()) {
        ended_(std::string(work.status().message()));
        return works;
      }
      if (*work) {
        works.push_back(std::move(*work));
      }
    }
    // Less than there was room for: the socket is empty, and what comes next wakes somebody.
    if (static_cast<std::size_t>(got) < room.size()) {
      return works;
    }
  }
}

}  // namespace tutti::host
