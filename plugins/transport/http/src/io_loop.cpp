#include "io_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "acceptor.h"
#include "clock.h"

namespace tutti::transport::http {
namespace {

constexpr std::size_t kScratchBytes = 64 * 1024;
constexpr std::size_t kEventsPerTurn = 256;
// How soon messages are offered to a full worker pool again.
constexpr int kRetryMs = 5;
// epoll data that are no connection: the wake-up, then the listening sockets.
constexpr std::uint64_t kWakeTag = 0;
constexpr std::uint64_t kMostTags = 1024;

}  // namespace

IoLoop::IoLoop(Context context) : context_(context), now_ms_(SteadyMs()), wheel_(now_ms_), scratch_(kScratchBytes) {}

IoLoop::~IoLoop() {
  Join();
  if (epoll_ >= 0) {
    close(epoll_);
  }
  if (wake_ >= 0) {
    close(wake_);
  }
}

Status IoLoop::Open() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = kWakeTag;
  if (epoll_ < 0 || wake_ < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    return Status::Unavailable(std::string("cannot start the HTTP transport: ") + std::strerror(errno) +
                               "; raise the limit of open files");
  }
  return {};
}

void IoLoop::Start(std::unique_ptr<Acceptor> acceptor) {
  acceptor_ = std::move(acceptor);
  for (std::size_t i = 0; acceptor_ && i < std::min<std::size_t>(acceptor_->size(), kMostTags - 1); ++i) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i + 1;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, acceptor_->descriptor(i), &event);
  }
  thread_ = std::thread([this] { Run(); });
}

void IoLoop::Attend(Connection& connection) {
  {
    const std::lock_guard lock(mutex_);
    attention_.push_back(&connection);
  }
  Wake();
}

void IoLoop::AttendAll(std::span<Connection* const> connections) {
  {
    const std::lock_guard lock(mutex_);
    std::copy_if(connections.begin(), connections.end(), std::back_inserter(attention_),
                 [this](const Connection* connection) { return connection->loop == this; });
  }
  Wake();
}

void IoLoop::SetMode(Mode mode) {
  mode_ = mode;
  Wake();
}

void IoLoop::Join() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

void IoLoop::Wake() {
  if (!is_woken_.exchange(true)) {
    const std::uint64_t one = 1;
    (void)!write(wake_, &one, sizeof one);
  }
}

void IoLoop::Run() {
  std::array<epoll_event, kEventsPerTurn> events;
  while (seen_mode_ != Mode::kEnding) {
    int sleep = turns_.empty() ? wheel_.SleepMs(SteadyMs()) : 0;
    if (!message_tasks_.empty()) {
      sleep = sleep < 0 ? kRetryMs : std::min(sleep, kRetryMs);
    }
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), sleep);
    now_ms_ = SteadyMs();
    for (int i = 0; i < count; ++i) {
      const std::uint64_t tag = events[static_cast<std::size_t>(i)].data.u64;
      if (tag == kWakeTag) {
        std::uint64_t drained = 0;
        (void)!read(wake_, &drained, sizeof drained);
      } else if (tag < kMostTags) {
        if (acceptor_) {
          acceptor_->Accept(tag - 1);
        }
      } else {
        auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        HandleEvent(*connection, events[static_cast<std::size_t>(i)].events);
      }
    }
    HandleAttention();
    HandleTurns();
    HandleTimers();
    HandleMode();
    SubmitTasks();
  }
}

void IoLoop::HandleEvent(Connection& connection, std::uint32_t mask) {
  if ((mask & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    connection.is_readable = true;
  }
  if ((mask & EPOLLOUT) != 0) {
    connection.is_writable = true;
  }
  if ((mask & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 && connection.peer_closed_ms < 0) {
    connection.peer_closed_ms = now_ms_;
  }
  connection.is_hung_up = connection.is_hung_up || (mask & (EPOLLHUP | EPOLLERR)) != 0;
  Drive(connection);
}

void IoLoop::HandleAttention() {
  // Cleared before the list is taken, so that what is added later wakes the loop again.
  is_woken_ = false;
  {
    const std::lock_guard lock(mutex_);
    attending_.swap(attention_);
  }
  for (Connection* connection : attending_) {
    if (!connection->is_registered) {
      Register(*connection);
    }
    Drive(*connection);
  }
  attending_.clear();
}

void IoLoop::HandleTurns() {
  std::vector<Connection*> turns;
  turns.swap(turns_);
  for (Connection* connection : turns) {
    connection->wants_turn = false;
    Drive(*connection);
  }
}

void IoLoop::HandleTimers() {
  while (TimerNode* node = wheel_.TakeDue(now_ms_)) {
    auto& connection = static_cast<Connection&>(*node);
    if (Deadline(connection) <= now_ms_) {
      Expire(connection);
    }
    Drive(connection);
  }
}

void IoLoop::HandleMode() {
  const Mode mode = mode_;
  if (mode == seen_mode_) {
    return;
  }
  seen_mode_ = mode;
  acceptor_.reset();
  context_.table.ForEach([&](Connection& connection) {
    if (connection.loop != this) {
      return;
    }
    bool is_idle = false;
    {
      const std::lock_guard lock(connection.mutex);
      is_idle = connection.phase == Phase::kReading;
    }
    is_idle = is_idle && connection.input.empty() && (!connection.reader || connection.reader->is_untouched());
    if (is_idle || mode == Mode::kAborting) {
      Kill(connection, kCloseGoingAway);
    }
  });
}

void IoLoop::SubmitTasks() {
  if (!message_tasks_.empty()) {
    context_.workers.Submit(message_tasks_);
  }
  if (request_tasks_.empty()) {
    return;
  }
  context_.workers.Submit(request_tasks_);
  for (std::unique_ptr<Task>& task : request_tasks_) {
    RejectTask(static_cast<RequestTask&>(*task));
  }
  request_tasks_.clear();
}

void IoLoop::Register(Connection& connection) {
  int descriptor = -1;
  {
    const std::lock_guard lock(connection.mutex);
    descriptor = connection.descriptor;
  }
  if (descriptor < 0) {
    return;
  }
  connection.is_registered = true;
  connection.since_ms = now_ms_;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &connection;
  // One that was accepted while the loop was told to pause is closed like an idle one.
  connection.is_broken = epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0 || seen_mode_ != Mode::kServing;
}

}  // namespace tutti::transport::http
