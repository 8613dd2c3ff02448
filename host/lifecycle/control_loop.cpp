#include "host/lifecycle/control_loop.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace tutti::host {

namespace {

constexpr int kTickMs = 50;

}  // namespace

sigset_t ControlLoop::Signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

ControlLoop::ControlLoop() {
  const sigset_t set = Signals();
  signals_ = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (signals_ < 0 || wake_ < 0) {
    throw std::runtime_error("the system gave no descriptors for signals; raise the limit of open files");
  }
}

ControlLoop::~ControlLoop() {
  Close();
  ::close(signals_);
  ::close(wake_);
}

Status ControlLoop::Post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
      return Status::Unavailable("the server is stopping");
    }
    if (tasks_.size() >= kMaxWaiting) {
      return Status::ResourceExhausted(std::to_string(kMaxWaiting) + " operations wait already; try again later")
          .WithRetryAfter(std::chrono::milliseconds(1000));
    }
    tasks_.push_back(std::move(task));
  }
  const std::uint64_t one = 1;
  // It fails only when it is set already.
  static_cast<void>(::write(wake_, &one, sizeof one) == 0);
  return {};
}

void ControlLoop::Run(const Handlers& handlers) {
  bool ticks = handlers.on_tick();
  while (!is_stop_requested_) {
    pollfd watched[] = {{signals_, POLLIN, 0}, {wake_, POLLIN, 0}};
    // A hangup that was read between tasks has left nothing to wake up for.
    ::poll(watched, 2, is_hangup_ ? 0 : ticks ? kTickMs : -1);
    std::uint64_t count = 0;
    static_cast<void>(::read(wake_, &count, sizeof count) == 0);
    ReadSignals();
    if (std::exchange(is_hangup_, false) && !is_stop_requested_) {
      handlers.on_hangup();
    }
    RunTasks();
    ticks = handlers.on_tick();
  }
}

bool ControlLoop::IsStopRequested() {
  ReadSignals();
  return is_stop_requested_;
}

void ControlLoop::RequestStop() {
  is_stop_requested_ = true;
}

void ControlLoop::Close() {
  std::deque<Task> left;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    left.swap(tasks_);
  }
  for (const Task& task : left) {
    task(true);
  }
}

void ControlLoop::ReadSignals() {
  signalfd_siginfo info{};
  while (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGHUP) {
      is_hangup_ = true;
    } else {
      is_stop_requested_ = true;
    }
  }
}

void ControlLoop::RunTasks() {
  while (!is_stop_requested_) {
    Task task;
    {
      const std::lock_guard lock(mutex_);
      if (tasks_.empty()) {
        return;
      }
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task(false);
    // One that takes long does not keep a signal waiting behind the others.
    ReadSignals();
  }
}

}  // namespace tutti::host
