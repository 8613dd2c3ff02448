#include "host/isolation/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <deque>
#include <iostream>
#include <optional>

#include "host/isolation/worker_link.h"
#include "host/isolation/worker_plugin.h"
#include "host/isolation/worker_process.h"
#include "host/registry/library_store.h"
#include "host/sandbox/sandbox.h"

namespace tutti::host {

namespace {

constexpr int kNoHost = 2;
constexpr int kBadFrame = 70;  // EX_SOFTWARE of sysexits.h
constexpr int kReaders = 3;    // one that always reads, two that run plugin code themselves

// Plugin threads may be running, so nothing is taken apart: no destructors, no exit handlers.
[[noreturn]] void Leave(int code, const std::string& reason = {}) {
  if (!reason.empty()) {
    const std::string line = "tutti plugin-worker: " + reason + "\n";
    (void)!::write(STDERR_FILENO, line.data(), line.size());
  }
  ::_exit(code);
}

// The first frame, read before there is any other thread.
struct FirstFrame {
  std::uint64_t id = 0;
  WorkerPlan plan;
};

FirstFrame ReadFirstFrame() {
  constexpr std::size_t kMaxPlan = 1UL << 20U;
  FrameBuffer buffer(kMaxPlan);
  while (true) {
    const Result<std::optional<Frame>> next = buffer.Next();
    if (!next.ok()) {
      Leave(kBadFrame, std::string(next.status().message()));
    }
    if (*next) {
      FieldReader fields((*next)->fields);
      std::optional<WorkerPlan> plan = ReadWorkerPlan(fields);
      if ((*next)->type != FrameType::kStart || !plan) {
        Leave(kBadFrame, "expected the plan of a plugin as the first frame, found something else");
      }
      return {(*next)->id, std::move(*plan)};
    }
    const std::span<char> room = buffer.Room();
    const ssize_t got = ::recv(WorkerProcess::kSocket, room.data(), room.size(), 0);
    if (got == 0) {
      Leave(0);
    }
    if (got < 0 && errno != EINTR) {
      Leave(kNoHost,
            "this command is started by `tutti run` for a plugin with isolation: process; it serves nobody else");
    }
    buffer.Added(got > 0 ? static_cast<std::size_t>(got) : 0);
  }
}

// One life cycle request after another, on the main thread.
class LifeRequests {
 public:
  struct Request {
    FrameType type{};
    std::uint64_t id = 0;
    std::string fields;
  };

  void Put(const Frame& frame) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back({frame.type, frame.id, std::string(frame.fields)});
    }
    ready_.notify_one();
  }

  Request Take() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return !requests_.empty(); });
    Request request = std::move(requests_.front());
    requests_.pop_front();
    return request;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Request> requests_;  // guarded by mutex_
};

void SendDone(Channel& channel, std::uint64_t id, const Status& status, std::string_view payload = {}) {
  FrameWriter done(FrameType::kDone, id);
  done.U32(static_cast<std::uint32_t>(status.code())).Text(status.message()).Text(payload);
  (void)channel.SendAnswer(done);
}

// The payload of an answer is fields itself.
template <typename Report>
std::string Payload(const Report& report) {
  FrameWriter frame(FrameType::kDone, 0);
  Put(frame, report);
  return std::string(frame.Finish().substr(FrameWriter::kHeader));
}

Result<const tutti_entry*> OpenLibrary(const WorkerPlan& plan) {
  const Result<LoadedLibrary> loaded = LibraryStore::Open({plan.copy, plan.sha256}, plan.library);
  if (!loaded.ok()) {
    return loaded.status();
  }
  if (plan.id != loaded->entry->id || plan.version != loaded->entry->version) {
    return Status::FailedPrecondition(plan.library.string() + ": plugin.yaml says " + plan.id + " " + plan.version +
                                      ", the library says " + loaded->entry->id + " " + loaded->entry->version +
                                      "; they must come from one build");
  }
  return loaded->entry;
}

// Everything of one plugin's process. Lives until the process ends.
class Worker {
 public:
  explicit Worker(const FirstFrame& first)
      : plan_(first.plan),
        channel_(WorkerProcess::kSocket, {plan_.max_frame, plan_.max_waiting}),
        executor_({plan_.workers, plan_.queue}),
        calls_(plan_.id, executor_, channel_, {plan_.event_window, plan_.event_bytes}),
        requests_(executor_, channel_, callbacks_, plan_.event_window, std::chrono::milliseconds(plan_.ask_timeout_ms)),
        plugin_(plan_.id, plan_.kinds,
                {plan_.services, plan_.log_levels, executor_, channel_, calls_, requests_, callbacks_}),
        link_(WorkerProcess::kSocket, plan_.max_frame, executor_) {}

  [[noreturn]] void Serve(std::uint64_t first, const tutti_entry& entry, const ConfinementReport& confinement) {
    link_.Start(
        kReaders, [this](const Frame& frame) { return Handle(frame); },
        [](const std::string& reason) { Leave(reason.empty() ? 0 : kBadFrame, reason); });
    Status created = plugin_.Create(entry);
    SendDone(channel_, first, created, Payload(confinement));
    while (true) {
      const LifeRequests::Request request = life_.Take();
      switch (request.type) {
        case FrameType::kInit: {
          FieldReader fields(request.fields);
          const std::string_view config = fields.Text();
          const Result<KindsReport> kinds = plugin_.Init(config);
          SendDone(channel_, request.id, kinds.status(), kinds.ok() ? Payload(*kinds) : std::string());
          break;
        }
        case FrameType::kActivate:
          SendDone(channel_, request.id, plugin_.Activate());
          break;
        case FrameType::kDeactivate:
          plugin_.Deactivate();
          SendDone(channel_, request.id, {});
          break;
        default:
          plugin_.Destroy();
          SendDone(channel_, request.id, {});
          channel_.Stop();
          Leave(0);
      }
    }
  }

 private:
  Result<Executor::Work> Handle(const Frame& frame) {
    // A call comes after the main thread's report of Init and Activate, and what takes the plugin down after its calls.
    channel_.SeeWhatWasSent();
    bool is_well_formed = true;
    switch (frame.type) {
      case FrameType::kCall:
        return plugin_.Take(frame);
      case FrameType::kEvents:
        return plugin_.TakeEvents(frame);
      case FrameType::kStats:
        return plugin_.TakeStats(frame);
      case FrameType::kCancel:
        calls_.Cancel(frame.id);
        break;
      case FrameType::kEventAck: {
        FieldReader fields(frame.fields);
        const std::uint32_t events = fields.U32();
        const std::uint64_t bytes = fields.U64();
        calls_.Acknowledge(frame.id, events, bytes);
        is_well_formed = fields.is_complete();
        break;
      }
      case FrameType::kReplyEvent:
        is_well_formed = requests_.Event(frame);
        break;
      case FrameType::kReplyEnd:
        is_well_formed = requests_.End(frame);
        break;
      case FrameType::kAnswer:
        is_well_formed = requests_.Answer(frame);
        break;
      case FrameType::kPing: {
        const CallbackClock::Held held = callbacks_.Longest();
        FrameWriter pong(FrameType::kPong, frame.id);
        pong.I64(held.age.count()).Text(held.operation);
        (void)channel_.SendAnswer(pong);
        break;
      }
      case FrameType::kInit:
      case FrameType::kActivate:
      case FrameType::kDeactivate:
      case FrameType::kDestroy:
        life_.Put(frame);
        break;
      default:
        is_well_formed = false;
    }
    if (!is_well_formed) {
      return Status::InvalidArgument("expected a frame that a host sends, found one of type " +
                                     std::to_string(static_cast<unsigned>(frame.type)) + " with " +
                                     std::to_string(frame.fields.size()) + " bytes of fields");
    }
    return Executor::Work();
  }

  const WorkerPlan plan_;
  Channel channel_;
  Executor executor_;
  WorkerCalls calls_;
  CallbackClock callbacks_;
  WorkerRequests requests_;
  LifeRequests life_;
  WorkerPlugin plugin_;
  WorkerLink link_;
};

}  // namespace

int RunPluginWorker() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGPIPE, SIG_IGN);
  ::fcntl(WorkerProcess::kSocket, F_SETFD, FD_CLOEXEC);
  const FirstFrame first = ReadFirstFrame();
  const auto refuse = [&first](const Status& status) {
    Channel channel(WorkerProcess::kSocket, {});
    SendDone(channel, first.id, status);
    channel.Stop();
    Leave(0);
  };
  const Result<SandboxReport> sandbox = EnterSandbox(
      {first.plan.grants, first.plan.limits, first.plan.copy, first.plan.scratch, {WorkerProcess::kSocket}});
  if (!sandbox.ok()) {
    refuse(sandbox.status());
  }
  // Entering namespaces forgets it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const Result<const tutti_entry*> entry = OpenLibrary(first.plan);
  if (!entry.ok()) {
    refuse(entry.status());
  }
  auto* worker = new Worker(first);
  worker->Serve(first.id, **entry, {sandbox->level, sandbox->notes});
}

}  // namespace tutti::host
