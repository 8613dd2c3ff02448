#include "run_keeper.h"

#include <algorithm>
#include <utility>

#include "run_rows.h"
#include "tutti/sdk/text.hpp"

namespace tutti::runs {
namespace {

constexpr std::chrono::milliseconds kWhileStarting{20};
constexpr std::chrono::milliseconds kLongestPause{1000};
constexpr std::size_t kPage = 500;

Status NoTimers() {
  return Status::Unavailable("this host gives the runs plugin no timers, without which no lease can be kept");
}

AcceptedRun RunOfRow(JsonView row) {
  AcceptedRun run;
  run.run = row["id"].AsString();
  run.conversation = row["conversation"].AsString();
  run.agent = row["agent"].AsString();
  run.stream = row["stream"].AsString();
  run.model = row["model"].AsString();
  run.prompt = row["prompt"].AsString();
  run.key = row["key"].AsString(run.agent);
  run.tree = row["tree"].AsString();
  run.labels = row["labels"].is_object() ? row["labels"].Dump() : "{}";
  run.request = row["request"].is_object() ? row["request"].Dump() : "{}";
  return run;
}

}  // namespace

void RunKeeper::Start() {
  began_at_ = NowIso();
  {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    is_ready_ = false;
    is_sweep_wanted_ = true;
    has_stopped_beating_ = false;
  }
  Arm(std::chrono::milliseconds(0));
}

void RunKeeper::Stop() {
  std::vector<std::function<void(Status)>> waiting;
  Timer timer;
  {
    std::unique_lock lock(mutex_);
    is_open_ = false;
    timer = std::move(timer_);
    idle_.wait(lock, [this] { return !is_beating_; });
    waiting = std::move(when_ready_);
    when_ready_.clear();
  }
  for (const auto& tell : waiting) {
    tell(Status::Unavailable("the runs plugin is being switched off"));
  }
}

Task<Status> RunKeeper::Ready() {
  Callback<Status> ready([this](Callback<Status>::Done done) {
    Status status;
    {
      const std::lock_guard lock(mutex_);
      if (has_stopped_beating_) {
        status = NoTimers();
      } else if (!is_ready_) {
        when_ready_.push_back(std::move(done));
        return;
      }
    }
    done(status);
  });
  co_return co_await ready;
}

void RunKeeper::LetGo(const std::string& run) {
  const std::lock_guard lock(mutex_);
  let_go_.insert(run);
  is_sweep_wanted_ = true;
}

void RunKeeper::Arm(std::chrono::milliseconds delay) {
  {
    const std::lock_guard lock(mutex_);
    is_beating_ = false;
    idle_.notify_all();
    if (!is_open_) {
      return;
    }
    timer_ =
        host_.PostAfter(delay, [this] { Spawn(Beat(), [this](const std::exception_ptr&) { Arm(kLongestPause); }); });
    if (timer_) {
      return;
    }
    has_stopped_beating_ = true;
  }
  host_.Log(TUTTI_LOG_ERROR, "the host gave no timer: leases of runs are not renewed, and no run is started");
  Settle(NoTimers());
}

Task<void> RunKeeper::Beat() {
  {
    const std::lock_guard lock(mutex_);
    if (!is_open_) {
      co_return;
    }
    is_beating_ = true;
  }
  const std::chrono::milliseconds delay = co_await BeatOnce();
  Arm(delay);
}

Task<std::chrono::milliseconds> RunKeeper::BeatOnce() {
  const std::chrono::milliseconds third = lease() / 3;
  const std::chrono::milliseconds pause = std::min(third, kLongestPause);
  const std::int32_t phase = host_.Phase();
  if (phase == TUTTI_PHASE_STARTING) {
    // Whoever records what runs do is not there yet.
    co_return kWhileStarting;
  }
  if (phase == TUTTI_PHASE_STOPPING) {
    SuspendAll("this host stops, or the plugin is being switched off");
    co_return pause;
  }
  const Clock::time_point now = Clock::now();
  if (now - renewed_ >= third) {
    const Status renewed = co_await Renew();
    if (!renewed.ok()) {
      // Somebody else may take the runs from here on.
      if (is_held_ && Clock::now() - renewed_ >= lease() - pause) {
        is_held_ = false;
        SuspendAll("their lease could not be renewed");
      }
      Settle(renewed);
      co_return pause;
    }
    if (!is_held_) {
      is_held_ = true;
      const std::lock_guard lock(mutex_);
      is_sweep_wanted_ = true;
    }
  }
  bool is_due = Clock::now() - swept_ >= lease();
  {
    const std::lock_guard lock(mutex_);
    is_due = std::exchange(is_sweep_wanted_, false) || is_due;
  }
  if (is_due && is_held_) {
    const Status swept = co_await Sweep();
    if (swept.ok()) {
      swept_ = Clock::now();
    } else {
      const std::lock_guard lock(mutex_);
      is_sweep_wanted_ = true;
    }
    Settle(swept);
  }
  co_return pause;
}

Task<Status> RunKeeper::Renew() {
  const Clock::time_point began = Clock::now();
  const std::vector<LiveRunPtr> here = queue_.All();
  std::vector<std::string> held;
  for (const LiveRunPtr& live : here) {
    // What is not stored yet, or has just ended, is nobody's to lose.
    if (live->state() != RunState::kNone && !HasEnded(live->state())) {
      held.push_back(live->id());
    }
  }
  Batch batch;
  batch.Add(RenewLeases(holder_.owner, holder_.lease_ms));
  batch.Add(AskedToStop(holder_.owner));
  const Result<StoreReply> reply = co_await Execute(host_, 0, batch.TakeUrgent());
  if (!reply.ok()) {
    co_return reply.status();
  }
  renewed_ = began;
  std::set<std::string, std::less<>> ours;
  if (const Result<Json> rows = Json::Parse(reply->Rows(0)); rows.ok()) {
    rows->view().ForEach([&](JsonView row) { ours.emplace(row["new"]["id"].AsString()); });
  }
  for (const std::string& run : held) {
    const LiveRunPtr live = queue_.Find(run);
    if (!ours.contains(run) && live != nullptr && !HasEnded(live->state())) {
      host_.Log(TUTTI_LOG_WARNING, "a run was taken over by another host", JsonObject()("run", run).Take());
      queue_.Suspend(run);
    }
  }
  if (const Result<Json> rows = Json::Parse(reply->Rows(1)); rows.ok()) {
    rows->view().ForEach([&](JsonView row) {
      queue_.Interrupt(RunSelection::OfRun(row["id"].AsString()), [](const std::vector<std::string>&) {});
    });
  }
  co_return Status();
}

bool RunKeeper::MayTakeUp(JsonView row) const {
  if (queue_.Find(row["id"].AsString()) != nullptr) {
    return false;
  }
  if (row["owner"].AsString() != holder_.owner) {
    return true;
  }
  // One of this process that is not here was accepted by somebody who is about to start it, unless that takes too long.
  const std::string_view accepted = row["created_at"].AsString();
  const std::lock_guard lock(mutex_);
  return accepted < began_at_ || let_go_.contains(std::string(row["id"].AsString())) ||
         accepted < FormatMicros(NowMicros() - holder_.lease_ms * 1000);
}

Task<Status> RunKeeper::Sweep() {
  std::size_t taken = 0;
  do {
    Batch batch;
    batch.Add(FindUnfinished(holder_.owner, kPage));
    const Result<StoreReply> reply = co_await Execute(host_, 0, batch.Take());
    if (!reply.ok()) {
      co_return reply.status();
    }
    const Result<Json> rows = Json::Parse(reply->Rows(0));
    if (!rows.ok()) {
      co_return rows.status();
    }
    std::vector<std::string> found;
    rows->view().ForEach([&](JsonView row) {
      if (MayTakeUp(row)) {
        found.push_back(row.Dump());
      }
    });
    taken = 0;
    for (const std::string& row : found) {
      std::string text = row;
      const bool is_taken = co_await TakeUp(std::move(text));
      taken += is_taken ? 1 : 0;
    }
  } while (taken > 0);
  co_return Status();
}

Task<bool> RunKeeper::TakeUp(std::string text) {
  const Result<Json> row = Json::Parse(text);
  const std::optional<RunState> state = row.ok() ? StateOf((*row)["status"].AsString()) : std::nullopt;
  if (!state) {
    co_return false;
  }
  Batch batch;
  batch.Add(ClaimRun(row->view(), holder_));
  const Result<StoreReply> claimed = co_await Execute(host_, 0, batch.Take());
  if (!claimed.ok()) {
    co_return false;
  }
  const std::string id((*row)["id"].AsString());
  {
    const std::lock_guard lock(mutex_);
    let_go_.erase(id);
  }
  auto live = std::make_shared<LiveRun>(RunOfRow(row->view()), *state, (*row)["fence"].AsInt() + 1,
                                        (*row)["next_index"].AsInt());
  const bool is_asked_to_stop = (*row)["stop_asked"].AsBool();
  const Result<bool> entered = queue_.EnterAgain(live);
  if (!entered.ok()) {
    co_return false;
  }
  if (is_asked_to_stop && *state == RunState::kQueued) {
    queue_.Interrupt(RunSelection::OfRun(id), [](const std::vector<std::string>&) {});
  }
  driver_->DriveAlone(live, *entered);
  co_return true;
}

void RunKeeper::SuspendAll(const char* reason) {
  std::size_t count = 0;
  for (const LiveRunPtr& live : queue_.All()) {
    if (queue_.Stopped(live->id()) == StopKind::kNone) {
      queue_.Suspend(live->id());
      ++count;
    }
  }
  if (count > 0) {
    host_.Log(TUTTI_LOG_NOTICE, "runs are suspended", JsonObject()("runs", count)("reason", reason).Take());
  }
}

void RunKeeper::Settle(const Status& swept) {
  std::vector<std::function<void(Status)>> waiting;
  {
    const std::lock_guard lock(mutex_);
    is_ready_ = is_ready_ || swept.ok();
    waiting = std::move(when_ready_);
    when_ready_.clear();
  }
  for (const auto& tell : waiting) {
    if (!host_.Post([tell, swept] { tell(swept); }).ok()) {
      tell(swept);
    }
  }
}

}  // namespace tutti::runs
