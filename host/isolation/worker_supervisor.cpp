#include "host/isolation/worker_supervisor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "host/isolation/output_lines.h"
#include "tutti/abi/log.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

using Clock = RestartPolicy::Clock;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kMemoryFactor = 8;  // shadow memory is resident too
#else
constexpr std::uint64_t kMemoryFactor = 1;
#endif

// For a socket to come to its end after the process has.
constexpr std::chrono::milliseconds kLastWords{1000};

// false: the other end is closed.
bool ReadOutput(int descriptor, OutputLines& lines) {
  char bytes[16384];
  // Bounded: a process that prints without end must not keep its supervisor from looking after it.
  for (int i = 0; i < 16; ++i) {
    const ssize_t got = ::read(descriptor, bytes, sizeof bytes);
    if (got > 0) {
      lines.Add({bytes, static_cast<std::size_t>(got)}, Clock::now());
    } else {
      return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
  }
  return true;
}

int MillisUntil(Clock::time_point at) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(at - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left + 1, 0, 60000));
}

}  // namespace

WorkerSupervisor::WorkerSupervisor(Owner owner, Settings settings)
    : owner_(std::move(owner)),
      settings_(std::move(settings)),
      policy_(settings_.restarts),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

WorkerSupervisor::~WorkerSupervisor() {
  Stop();
  ::close(wake_);
}

Status WorkerSupervisor::Start() {
  thread_ = std::thread([this] { Run(); });
  std::unique_lock lock(mutex_);
  started_.wait(lock, [this] { return first_start_.has_value(); });
  return *first_start_;
}

std::shared_ptr<WorkerSession> WorkerSupervisor::Serving() const {
  const std::lock_guard lock(mutex_);
  return is_serving_ ? session_ : nullptr;
}

std::shared_ptr<WorkerSession> WorkerSupervisor::Current() const {
  const std::lock_guard lock(mutex_);
  return session_;
}

Status WorkerSupervisor::Away() const {
  const std::lock_guard lock(mutex_);
  const std::string died = "the process of the plugin " + owner_.id + " ended (" +
                           (report_.last_death.empty() ? std::string("as asked") : report_.last_death) + ")";
  if (report_.state == WorkerReport::State::kDown) {
    return Status::Unavailable(died + " and is not started again; enable the plugin to try once more");
  }
  return Status::Unavailable(died + " and is being started again; try again later")
      .WithRetryAfter(std::max(delay_, std::chrono::milliseconds(100)));
}

void WorkerSupervisor::End(std::string cause) {
  {
    const std::lock_guard lock(mutex_);
    if (fault_.empty()) {
      fault_ = std::move(cause);
    }
    if (process_ != nullptr) {
      process_->Kill();
    }
  }
  Wake();
}

void WorkerSupervisor::ExpectEnd() {
  const std::lock_guard lock(mutex_);
  is_ending_ = true;
}

void WorkerSupervisor::Stop() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = is_stopping_ = true;
  }
  Wake();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void WorkerSupervisor::SetConfinement(ConfinementReport report) {
  const std::lock_guard lock(mutex_);
  report_.confinement = std::move(report);
}

WorkerReport WorkerSupervisor::report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

void WorkerSupervisor::Wake() const {
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
}

void WorkerSupervisor::Run() {
  while (true) {
    const std::string death = Live();
    std::optional<std::chrono::milliseconds> delay;
    bool is_first = false;
    {
      const std::lock_guard lock(mutex_);
      report_.pid = 0;
      is_first = !first_start_.has_value();
      if (is_first) {
        first_start_ = brought_up_ && !brought_up_->ok()
                           ? *brought_up_
                           : Status::Unavailable("the process of the plugin " + owner_.id + " ended (" + death +
                                                 ") before the plugin was created");
      }
      if (is_ending_ || is_first) {
        report_.state = WorkerReport::State::kDown;
        started_.notify_all();
        return;
      }
      report_.last_death = death;
      delay = policy_.Died(Clock::now());
      report_.state = delay ? WorkerReport::State::kRestarting : WorkerReport::State::kDown;
      delay_ = delay.value_or(std::chrono::milliseconds(0));
    }
    if (!delay) {
      owner_.on_given_up("its process ended more than " + std::to_string(settings_.restarts.restarts) +
                         " times within " + std::to_string(settings_.restarts.window.count()) + " ms, last by " +
                         death);
      return;
    }
    owner_.log(TUTTI_LOG_WARNING, "the plugin's process ended; it is started again",
               JsonObject()("reason", death)("delay_ms", delay->count()).Take());
    if (!Pause(*delay)) {
      return;
    }
    const std::lock_guard lock(mutex_);
    ++report_.restarts;
  }
}

bool WorkerSupervisor::Pause(std::chrono::milliseconds delay) {
  const Clock::time_point until = Clock::now() + delay;
  while (Clock::now() < until) {
    {
      const std::lock_guard lock(mutex_);
      if (is_ending_) {
        report_.state = WorkerReport::State::kDown;
        return false;
      }
    }
    pollfd wake{wake_, POLLIN, 0};
    if (::poll(&wake, 1, MillisUntil(until)) > 0) {
      std::uint64_t count = 0;
      (void)!::read(wake_, &count, sizeof count);
    }
  }
  return true;
}

void WorkerSupervisor::Closed() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  closed_.notify_all();
  Wake();
}

std::string WorkerSupervisor::Live() {
  Result<std::unique_ptr<WorkerProcess>> started = WorkerProcess::Start(settings_.program);
  if (!started.ok()) {
    const std::lock_guard lock(mutex_);
    brought_up_ = started.status();
    return std::string(started.status().message());
  }
  WorkerProcess& process = **started;
  const auto session = std::make_shared<WorkerSession>(
      process.socket(), owner_.host, owner_.grants, *owner_.calls, settings_.session,
      WorkerSession::Listener{[this] { Closed(); }, [this](std::string cause) { End(std::move(cause)); }});
  {
    const std::lock_guard lock(mutex_);
    session_ = session;
    process_ = &process;
    is_serving_ = is_closed_ = false;
    fault_.clear();
    brought_up_.reset();
    report_.pid = process.pid();
  }
  session->Start();
  std::thread bringing([this, &session] {
    Status status = owner_.bring_up(*session);
    {
      const std::lock_guard lock(mutex_);
      if (status.ok()) {
        is_serving_ = true;
        report_.state = WorkerReport::State::kRunning;
        if (!first_start_) {
          first_start_ = status;
          started_.notify_all();
        }
      } else if (fault_.empty()) {
        fault_ = "it could not be brought up: " + std::string(status.message());
      }
      brought_up_ = std::move(status);
    }
    Wake();
  });
  std::string death = Watch(process, session);
  {
    std::unique_lock lock(mutex_);
    // What it had sent before it ended counts. Bounded: something it started may hold the socket open.
    closed_.wait_for(lock, kLastWords, [this] { return is_closed_; });
    is_serving_ = false;
    process_ = nullptr;
    report_.state = WorkerReport::State::kRestarting;
    report_.last_death = is_ending_ ? report_.last_death : death;
    delay_ = settings_.restarts.first_delay;
  }
  session->Fail(Status::Unavailable("the process of the plugin " + owner_.id + " ended while it served the call (" +
                                    death + "); try again later")
                    .WithRetryAfter(settings_.restarts.first_delay));
  bringing.join();
  session->Stop();
  {
    const std::lock_guard lock(mutex_);
    is_serving_ = false;
    session_.reset();
  }
  return death;
}

std::string WorkerSupervisor::Watch(WorkerProcess& process, const std::shared_ptr<WorkerSession>& session) {
  const auto log_as = [this](std::int32_t level, const char* stream) {
    return [this, level, stream](std::string_view line) {
      owner_.log(level, "output of the plugin's process", JsonObject()("stream", stream)("line", line).Take());
    };
  };
  OutputLines output(log_as(TUTTI_LOG_INFORMATION, "stdout"));
  OutputLines error(log_as(TUTTI_LOG_WARNING, "stderr"));
  Clock::time_point next_look = Clock::now() + settings_.heartbeat;
  pings_ = 0;
  answered_ = Clock::now();
  bool has_output = true;
  bool has_error = true;
  std::chrono::milliseconds patience(1000);
  while (true) {
    pollfd watched[] = {{wake_, POLLIN, 0},
                        {process.ended(), POLLIN, 0},
                        {has_output ? process.standard_output() : -1, POLLIN, 0},
                        {has_error ? process.standard_error() : -1, POLLIN, 0}};
    (void)::poll(watched, std::size(watched), MillisUntil(next_look));
    if ((watched[0].revents & POLLIN) != 0) {
      std::uint64_t count = 0;
      (void)!::read(wake_, &count, sizeof count);
    }
    has_output = has_output && ReadOutput(process.standard_output(), output);
    has_error = has_error && ReadOutput(process.standard_error(), error);
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) {
        patience = settings_.end_patience;
        break;
      }
      if (!fault_.empty()) {
        process.Kill();
        break;
      }
      if (is_closed_ || (watched[1].revents & POLLIN) != 0) {
        break;
      }
    }
    if (Clock::now() >= next_look) {
      CheckPulse(process, *session);
      next_look = Clock::now() + settings_.heartbeat;
    }
  }
  std::string death = process.Reap(patience);
  (void)ReadOutput(process.standard_output(), output);
  (void)ReadOutput(process.standard_error(), error);
  output.End(Clock::now());
  error.End(Clock::now());
  const std::lock_guard lock(mutex_);
  return fault_.empty() ? death : fault_;
}

void WorkerSupervisor::CheckPulse(WorkerProcess& process, WorkerSession& session) {
  const std::uint64_t used = process.resident_bytes();
  const std::uint64_t limit = settings_.memory_bytes * kMemoryFactor;
  if (limit > 0 && used > limit) {
    End("it used " + std::to_string(used >> 20U) + " MB of memory, its limit is " + std::to_string(limit >> 20U) +
        " (limits.memory_mb)");
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (!is_serving_) {
      answered_ = Clock::now();  // its start has a time limit of its own
      return;
    }
  }
  if (session.last_pong() == pings_) {
    answered_ = Clock::now();
    const WorkerSession::Held held = session.held();
    if (settings_.callback_limit.count() > 0 && held.age > settings_.callback_limit) {
      End(held.operation + " held a thread for more than " + std::to_string(settings_.callback_limit.count()) +
          " ms (host.containment.callback_limit_ms)");
      return;
    }
    session.Ping(++pings_);
  } else if (Clock::now() - answered_ > settings_.hang) {
    End("it did not answer for " + std::to_string(settings_.hang.count()) + " ms");
  }
}

}  // namespace tutti::host
