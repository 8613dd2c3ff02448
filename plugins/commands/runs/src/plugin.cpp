#include "tutti/sdk/plugin.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "definitions.h"
#include "interruption.h"
#include "run_driver.h"
#include "run_keeper.h"
#include "run_queue.h"
#include "run_rows.h"
#include "steps.h"
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::runs {
namespace {

constexpr std::chrono::seconds kLeavePatience{10};

Busy BusyOf(JsonView args) {
  const std::string_view busy = args["busy"].AsString("queue");
  return busy == "replace" ? Busy::kReplace : busy == "refuse" ? Busy::kRefuse : Busy::kQueue;
}

}  // namespace

class RunsPlugin {
 public:
  explicit RunsPlugin(Host host) : host_(host), transitions_(host_) {
    commands_.Add(definitions::kStart, [this](Call call, JsonView args) { return Start(std::move(call), args); });
    commands_.Add(definitions::kSelf, [this](Call, JsonView) { return Self(); });
    commands_.Add(definitions::kWait, [this](Call, JsonView args) { return Wait(args); });
    commands_.Add(definitions::kGoOn, [this](Call, JsonView args) { return GoOn(args); });
    commands_.Add(definitions::kInterrupt,
                  [this](Call call, JsonView args) { return Interrupt(std::move(call), args); });
    commands_.Add(definitions::kGet, [this](Call call, JsonView args) { return Get(std::move(call), args); });
    commands_.Add(definitions::kCalls, [this](Call call, JsonView args) { return Calls(std::move(call), args); });
    commands_.Add(definitions::kList, [this](Call call, JsonView args) { return List(std::move(call), args); });
  }

  Status Init(const Config& config) {
    limits_.max_messages = static_cast<std::size_t>(config["max_messages"].AsInt(2000));
    limits_.max_resumes = config["max_resumes"].AsInt(10);
    limits_.interrupts_on_stop = config["on_stop"].AsString() == "interrupt";
    holder_.lease_ms = config["lease_ms"].AsInt(15000);
    holder_.owner = host_.HostId();
    if (holder_.owner.empty()) {
      // A host that has no id of its own: its runs go on elsewhere, or here when their lease is over.
      holder_.owner = NewUuid();
    }
    queue_ = std::make_unique<RunQueue>(static_cast<std::size_t>(config["max_waiting"].AsInt(32)),
                                        [host = host_](tutti_call handle) { host.Cancel(handle); });
    keeper_ = std::make_unique<RunKeeper>(host_, *queue_, holder_);
    driver_ = std::make_unique<RunDriver>(host_, transitions_, *queue_, holder_, limits_,
                                          [keeper = keeper_.get()](const std::string& run) { keeper->LetGo(run); });
    keeper_->SetDriver(driver_.get());
    interruption_ = std::make_unique<Interruption>(host_, *queue_);
    return {};
  }

  Status Activate() {
    keeper_->Start();
    return {};
  }

  // What goes on is let go: the next one to be active takes it up.
  void Deactivate() {
    keeper_->Stop();
    for (const LiveRunPtr& live : queue_->All()) {
      queue_->Suspend(live->id());
    }
    auto empty = std::make_shared<std::promise<void>>();
    std::future<void> left = empty->get_future();
    queue_->OnEmpty([empty] { empty->set_value(); });
    (void)left.wait_for(kLeavePatience);
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

  HookReply OnPoint(const Point& point, std::string_view payload, const Call& call) {
    if (call.run().empty()) {
      return HookReply::Allow();
    }
    const LiveRunPtr live = queue_->Find(call.run());
    if (live == nullptr) {
      return HookReply::Record(StrangerOps(call.run()));
    }
    if (IsSuspended(*live)) {
      return HookReply::Record(RefusalOps(*live));
    }
    const Result<Json> step = Json::Parse(payload);
    if (!step.ok()) {
      return HookReply::Fail(step.status());
    }
    if (point.name == "Stop") {
      live->SetHasResult();
    }
    return HookReply::Record(StepOps(*live, {point.name, point.index, point.time_us}, step->view()));
  }

 private:
  // Whether the run was let go: then what it still does must not count, for it will be done again.
  bool IsSuspended(const LiveRun& live) {
    const StopKind stopped = queue_->Stopped(live.id());
    if (stopped != StopKind::kNone) {
      return stopped == StopKind::kSuspend;
    }
    const tutti_call handle = live.handle();
    if (handle == 0 || host_.calls()->cancelled(host_.raw(), handle) == 0) {
      return false;
    }
    // Cancelled by nobody who wanted that: the host stops, or the runtime is switched off.
    if (limits_.interrupts_on_stop && host_.Phase() == TUTTI_PHASE_STOPPING) {
      queue_->Interrupt(RunSelection::OfRun(live.id()), [](const std::vector<std::string>&) {});
      return false;
    }
    queue_->Suspend(live.id());
    return true;
  }

  Task<Result<std::string>> Start(Call call, JsonView args) {
    AcceptedRun run = AcceptedRun::Read(args);
    const bool is_accepted = args["accepted"].AsBool();
    const Busy busy = BusyOf(args);
    const Status ready = co_await keeper_->Ready();
    if (!ready.ok()) {
      co_return ready;
    }
    const std::string id = run.run;
    auto live = std::make_shared<LiveRun>(std::move(run), is_accepted ? RunState::kQueued : RunState::kNone, 0);
    const Result<bool> entered = queue_->Enter(live, busy);
    if (!entered.ok()) {
      const Status refused = entered.status();
      if (is_accepted && refused.code() != Code::kAlreadyExists) {
        Change change;
        change.event = RunEvent::kRefuse;
        change.error = refused.message();
        (void)co_await transitions_.Apply(live, std::move(change));
      }
      co_return refused;
    }
    if (!args["wait"].AsBool(true)) {
      driver_->DriveAlone(live, *entered);
      co_return JsonObject()("run", id).Take();
    }
    call.OnCancel([this, id] {
      if (host_.Phase() == TUTTI_PHASE_STOPPING && !limits_.interrupts_on_stop) {
        queue_->Suspend(id);
      } else {
        queue_->Interrupt(RunSelection::OfRun(id), [](const std::vector<std::string>&) {});
      }
    });
    RunDriver::OnEvent on_event = [call](std::string_view event) { (void)call.Emit(event); };
    Result<std::string> result = co_await driver_->Drive(live, *entered, std::move(on_event));
    co_return result;
  }

  Task<Result<std::string>> Self() {
    co_return JsonObject()("owner", holder_.owner)("lease_ms", holder_.lease_ms).Take();
  }

  Task<Result<std::string>> Wait(JsonView args) {
    const LiveRunPtr live = queue_->Find(args["run"].AsString());
    if (live == nullptr) {
      co_return NotHere(args);
    }
    live->Open(std::string(args["id"].AsString()), std::string(args["reason"].AsString(args["id"].AsString())));
    Result<std::string> settled = co_await SettleWaiting(live);
    co_return settled;
  }

  Task<Result<std::string>> GoOn(JsonView args) {
    const LiveRunPtr live = queue_->Find(args["run"].AsString());
    if (live == nullptr) {
      co_return NotHere(args);
    }
    live->Close(std::string(args["id"].AsString()));
    Result<std::string> settled = co_await SettleWaiting(live);
    co_return settled;
  }

  static Status NotHere(JsonView args) {
    return Status::NotFound("the run " + CleanUtf8(Utf8Prefix(args["run"].AsString(), 60)) +
                            " is not under way on this host");
  }

  // Brings the row to what is open now, which may have changed while another change was on its way.
  Task<Result<std::string>> SettleWaiting(LiveRunPtr live) {
    while (true) {
      const std::optional<std::string> reason = live->WaitsFor();
      const RunState state = live->state();
      const bool is_settled = reason.has_value() ? state != RunState::kRunning : state != RunState::kWaiting;
      if (is_settled) {
        co_return std::string(JsonObject()("status", Name(state)).Take());
      }
      Change change;
      change.event = reason ? RunEvent::kWait : RunEvent::kGoOn;
      change.reason = reason.value_or("");
      const Status changed = co_await transitions_.Apply(live, std::move(change));
      if (!changed.ok()) {
        co_return changed;
      }
    }
  }

  Task<Result<std::string>> Interrupt(Call call, JsonView args) {
    Result<std::string> interrupted = co_await interruption_->Interrupt(call.id(), args);
    co_return interrupted;
  }

  Task<Result<std::string>> Get(Call call, JsonView args) {
    const std::string run(args["run"].AsString());
    if (!IsUuid(run)) {
      co_return NoUuid(run);
    }
    Batch batch;
    batch.Add(GetRun(run));
    const Result<StoreReply> reply = co_await Execute(host_, call.id(), batch.Take());
    if (!reply.ok()) {
      co_return reply.status();
    }
    const std::string_view rows = reply->Rows(0);
    if (rows.size() <= 2) {
      co_return Status::NotFound("there is no run " + run);
    }
    co_return std::string(rows.substr(1, rows.size() - 2));
  }

  Task<Result<std::string>> Calls(Call call, JsonView args) {
    const std::string run(args["run"].AsString());
    if (!IsUuid(run)) {
      co_return NoUuid(run);
    }
    Batch batch;
    batch.Add(ListCalls(run));
    const Result<StoreReply> reply = co_await Execute(host_, call.id(), batch.Take());
    if (!reply.ok()) {
      co_return reply.status();
    }
    co_return JsonObject().Raw("calls", reply->Rows(0)).Raw("count", reply->Member(0, "count")).Take();
  }

  Task<Result<std::string>> List(Call call, JsonView args) {
    Batch batch;
    batch.Add(ListRuns(args));
    const Result<StoreReply> reply = co_await Execute(host_, call.id(), batch.Take());
    if (!reply.ok()) {
      co_return reply.status();
    }
    co_return JsonObject().Raw("runs", reply->Rows(0)).Raw("count", reply->Member(0, "count")).Take();
  }

  static Status NoUuid(const std::string& run) {
    return Status::InvalidArgument("a run's id is a UUID, found \"" + CleanUtf8(Utf8Prefix(run, 60)) + "\"");
  }

  Host host_;
  CommandSet commands_;
  const Transitions transitions_;
  Holder holder_;
  DriverLimits limits_;
  std::unique_ptr<RunQueue> queue_;
  std::unique_ptr<RunKeeper> keeper_;
  std::unique_ptr<RunDriver> driver_;
  std::unique_ptr<Interruption> interruption_;
};

}  // namespace tutti::runs

TUTTI_PLUGIN(tutti::runs::RunsPlugin, "tutti.commands.runs", "0.1.0")
