#include "child_runner.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "bounded_output.h"
#include "supervisor.h"

namespace tutti::workspace {
namespace {

// Longer than a supervisor takes to give up on a process that cannot be killed.
constexpr std::chrono::seconds kSupervisorPatience{15};
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kTurnBytes = 16 * kReadBytes;
constexpr std::uint64_t kWakeKey = 0;
constexpr std::uint64_t kOutputBit = 1;

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::string Sentence(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

}  // namespace

struct ChildRunner::Child {
  Child(ChildCommand given, Done callback)
      : command(std::move(given)), done(std::move(callback)), output(command.max_output_bytes) {}

  std::uint64_t id = 0;
  ChildCommand command;
  Done done;
  BoundedOutput output;
  Clock::time_point began = Clock::now();
  Clock::time_point deadline = began + command.timeout;
  std::optional<ChildOutcome::End> forced;  // why it is being ended
  bool is_abandoned = false;                // the supervisor itself was killed
  pid_t supervisor = -1;
  UniqueFd process;  // pidfd of the supervisor
  UniqueFd control;
  UniqueFd pipe;
};

Result<std::unique_ptr<ChildRunner>> ChildRunner::Create(Limits limits) {
  std::unique_ptr<ChildRunner> runner(new ChildRunner(limits));
  runner->epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  runner->wake_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  runner->null_ = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeKey;
  if (!runner->epoll_ || !runner->wake_ || !runner->null_ ||
      ::epoll_ctl(runner->epoll_.get(), EPOLL_CTL_ADD, runner->wake_.get(), &event) != 0) {
    return Status::ResourceExhausted(Sentence("could not set up the runner of child processes"));
  }
  // Signals are for the server's own threads.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  runner->thread_ = std::thread([raw = runner.get()] { raw->Loop(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return runner;
}

ChildRunner::ChildRunner(Limits limits) : limits_(limits) {}

ChildRunner::~ChildRunner() {
  Stop();
}

Result<std::uint64_t> ChildRunner::Start(ChildCommand command, Done done) {
  auto child = std::make_unique<Child>(std::move(command), std::move(done));
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) {
      return Status::Unavailable("no more commands are started, the server is stopping");
    }
    if (accepted_ >= limits_.max_children + limits_.max_waiting) {
      return Status::ResourceExhausted("expected at most " + std::to_string(limits_.max_children) +
                                       " commands running and " + std::to_string(limits_.max_waiting) +
                                       " waiting, found that many; try again when some have ended")
          .WithRetryAfter(std::chrono::seconds(1));
    }
    ++accepted_;
    id = next_id_++;
    child->id = id;
    arrived_.push_back(std::move(child));
  }
  Wake();
  return id;
}

void ChildRunner::Cancel(std::uint64_t id) {
  {
    const std::lock_guard lock(mutex_);
    cancelled_.push_back(id);
  }
  Wake();
}

void ChildRunner::Stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  Wake();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void ChildRunner::Wake() const {
  const std::uint64_t one = 1;
  // A full counter wakes just as well.
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void ChildRunner::Loop() {
  std::array<epoll_event, 64> events{};
  for (;;) {
    const bool is_stopping = TakeRequests();
    StartWaiting();
    if (is_stopping && waiting_.empty() && running_.empty()) {
      return;
    }
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), WaitMs(Clock::now()));
    for (int i = 0; i < count; ++i) {
      const std::uint64_t key = events[static_cast<std::size_t>(i)].data.u64;
      if (key == kWakeKey) {
        std::uint64_t counter = 0;
        [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &counter, sizeof counter);
      } else if (auto found = running_.find(key >> 1U); found == running_.end()) {
        continue;
      } else if ((key & kOutputBit) != 0) {
        Drain(*found->second, kTurnBytes);
      } else {
        OnEnded(found->first);
      }
    }
    Expire(Clock::now());
  }
}

bool ChildRunner::TakeRequests() {
  std::vector<std::unique_ptr<Child>> arrived;
  std::vector<std::uint64_t> cancelled;
  bool is_stopping = false;
  {
    const std::lock_guard lock(mutex_);
    arrived.swap(arrived_);
    cancelled.swap(cancelled_);
    is_stopping = is_stopping_;
  }
  std::move(arrived.begin(), arrived.end(), std::back_inserter(waiting_));
  const auto is_wanted = [&](std::uint64_t id) {
    return is_stopping || std::find(cancelled.begin(), cancelled.end(), id) != cancelled.end();
  };
  for (auto& [id, child] : running_) {
    if (is_wanted(id)) {
      End(*child, ChildOutcome::End::kCancelled);
    }
  }
  for (auto& child : waiting_) {
    if (is_wanted(child->id)) {
      child->forced = ChildOutcome::End::kCancelled;
    }
  }
  return is_stopping;
}

void ChildRunner::StartWaiting() {
  std::deque<std::unique_ptr<Child>> kept;
  while (!waiting_.empty()) {
    std::unique_ptr<Child> child = std::move(waiting_.front());
    waiting_.pop_front();
    if (child->forced) {
      {
        const std::lock_guard lock(mutex_);
        --accepted_;
      }
      Finish(*child, {.end = *child->forced});
    } else if (running_.size() < limits_.max_children) {
      Launch(std::move(child));
    } else {
      kept.push_back(std::move(child));
    }
  }
  waiting_ = std::move(kept);
}

void ChildRunner::Launch(std::unique_ptr<Child> child) {
  const auto fail = [&](std::string reason) {
    {
      const std::lock_guard lock(mutex_);
      --accepted_;
    }
    Finish(*child, {.end = ChildOutcome::End::kNotStarted, .reason = std::move(reason)});
  };
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) {
    return fail(Sentence("no pipe for the command's output"));
  }
  child->pipe = UniqueFd(pipe_ends[0]);
  const UniqueFd output(pipe_ends[1]);
  ::fcntl(child->pipe.get(), F_SETFL, O_NONBLOCK);
  int socket_ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socket_ends) != 0) {
    return fail(Sentence("no socket for the command's supervisor"));
  }
  child->control = UniqueFd(socket_ends[0]);
  const UniqueFd theirs(socket_ends[1]);

  const std::vector<char*> arguments = Pointers(child->command.arguments);
  const std::vector<char*> environment = Pointers(child->command.environment);
  SupervisorPlan plan;
  plan.program = arguments.front();
  plan.arguments = arguments.data();
  plan.environment = environment.data();
  plan.control = theirs.get();
  plan.input = null_.get();
  plan.output = output.get();
  plan.directory = child->command.directory;
  plan.ruleset = child->command.ruleset;
  plan.file_bytes = child->command.max_file_bytes;
  plan.user_processes = child->command.max_user_processes;
  plan.max_processes = child->command.max_processes;
  const pid_t pid = ::_Fork();
  if (pid == 0) {
    RunSupervisor(plan);
  }
  if (pid < 0) {
    return fail(Sentence("no process for the command"));
  }
  child->supervisor = pid;
  child->process = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const std::uint64_t key = child->id << 1U;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = key;
  bool is_watched = child->process && ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, child->process.get(), &event) == 0;
  event.data.u64 = key | kOutputBit;
  is_watched = is_watched && ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, child->pipe.get(), &event) == 0;
  if (!is_watched) {
    const std::string reason = Sentence("the command could not be watched");
    child->control.Reset();
    ::waitpid(pid, nullptr, 0);
    return fail(reason);
  }
  running_.emplace(child->id, std::move(child));
}

void ChildRunner::Drain(Child& child, std::size_t max_bytes) {
  static thread_local std::array<char, kReadBytes> buffer;
  for (std::size_t done = 0; child.pipe && done < max_bytes;) {
    const ssize_t count = ::read(child.pipe.get(), buffer.data(), buffer.size());
    if (count > 0) {
      child.output.Append({buffer.data(), static_cast<std::size_t>(count)});
      done += static_cast<std::size_t>(count);
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, child.pipe.get(), nullptr);
      child.pipe.Reset();
    } else if (errno == EAGAIN) {
      return;
    }
  }
}

void ChildRunner::OnEnded(std::uint64_t id) {
  auto node = running_.extract(id);
  Child& child = *node.mapped();
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, child.process.get(), nullptr);
  ::waitpid(child.supervisor, nullptr, 0);
  // What is left in the pipe; a process that could not be killed may keep it open and write on, hence the bound.
  Drain(child, 16 * kTurnBytes);
  ChildOutcome outcome;
  outcome.reason = "the command's supervisor ended without a report, so processes of the command may be left";
  SupervisorReport report{};
  // The first tells most: after kStartFailed the supervisor also reports the end of the process that failed.
  if (::recv(child.control.get(), &report, sizeof report, MSG_DONTWAIT) == sizeof report) {
    outcome.reason.clear();
    outcome.ended_descendants = report.detail;
    switch (report.event) {
      case SupervisorEvent::kStartFailed:
        outcome.end = ChildOutcome::End::kNotStarted;
        outcome.ended_descendants = 0;
        outcome.reason = std::string(StepName(static_cast<SupervisorStep>(report.detail))) +
                         " failed: " + std::strerror(report.value);
        break;
      case SupervisorEvent::kTooManyProcesses:
        outcome.end = ChildOutcome::End::kTooManyProcesses;
        outcome.code = report.value;
        break;
      case SupervisorEvent::kEnded:
        outcome.end = WIFSIGNALED(report.value) ? ChildOutcome::End::kSignalled : ChildOutcome::End::kExited;
        outcome.code = WIFSIGNALED(report.value) ? WTERMSIG(report.value) : WEXITSTATUS(report.value);
        break;
    }
  }
  if (child.forced) {
    outcome.end = *child.forced;
  }
  {
    const std::lock_guard lock(mutex_);
    --accepted_;
  }
  Finish(child, std::move(outcome));
}

void ChildRunner::End(Child& child, ChildOutcome::End end) {
  if (child.forced) {
    return;
  }
  child.forced = end;
  child.deadline = Clock::now() + kSupervisorPatience;
  const char request = 'E';
  ::send(child.control.get(), &request, sizeof request, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void ChildRunner::Expire(Clock::time_point now) {
  for (auto& [id, child] : running_) {
    if (now < child->deadline) {
      continue;
    }
    if (!child->forced) {
      End(*child, ChildOutcome::End::kTimedOut);
    } else if (!child->is_abandoned) {
      child->is_abandoned = true;
      ::syscall(SYS_pidfd_send_signal, child->process.get(), SIGKILL, nullptr, 0);
    }
  }
  for (auto& child : waiting_) {
    if (now >= child->deadline && !child->forced) {
      child->forced = ChildOutcome::End::kTimedOut;
    }
  }
}

int ChildRunner::WaitMs(Clock::time_point now) const {
  std::optional<Clock::time_point> next;
  const auto consider = [&](const Child& child) {
    if (!child.is_abandoned && (!next || child.deadline < *next)) {
      next = child.deadline;
    }
  };
  for (const auto& [id, child] : running_) {
    consider(*child);
  }
  for (const auto& child : waiting_) {
    consider(*child);
  }
  if (!next) {
    return -1;
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

void ChildRunner::Finish(Child& child, ChildOutcome outcome) {
  outcome.output = child.output.Text();
  outcome.bytes = child.output.total();
  outcome.dropped = child.output.dropped();
  outcome.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - child.began);
  child.done(std::move(outcome));
}

}  // namespace tutti::workspace
