#include "transitions.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "resumption.h"
#include "run_rows.h"
#include "tutti/sdk/execute.hpp"

namespace tutti::runs {
namespace {

constexpr std::chrono::milliseconds kShortestPause{100};
constexpr std::chrono::milliseconds kLongestPause{1000};

std::string ReasonOf(const Change& change, JsonView totals) {
  return change.reason.empty() ? std::string(totals["stop_reason"].AsString()) : change.reason;
}

std::string Entries(const LiveRun& live, RunState from, RunState to, const Change& change, std::string_view reason) {
  const AcceptedRun& run = live.run();
  JsonObject payload;
  payload("run", run.run)("conversation", run.conversation)("agent", run.agent)("stream", run.stream);
  payload("tree", run.tree).Raw("labels", run.labels)("from", Name(from))("to", Name(to));
  payload("is_resumed", change.is_resumed)("reason", reason)("error", change.error);
  if (change.code != Code::kOk) {
    payload("code", tutti_status_find(static_cast<tutti_code>(change.code))->name);
  }
  if (HasEnded(to)) {
    payload.Raw("totals", change.totals.empty() ? "{}" : change.totals);
  }
  return "[" + JsonObject()("point", "RunState").Raw("payload", payload.Take()).Take() + "]";
}

}  // namespace

Task<Status> Transitions::Apply(LiveRunPtr live, Change change) const {
  Callback<bool> turn = live->lane().Enter();
  (void)co_await turn;
  const Lane::Hold hold(&live->lane());
  // A run that was not stored yet is accepted by the batch that moves it.
  const RunState from = live->state() == RunState::kNone ? RunState::kQueued : live->state();
  const RunOutcome outcome = Outcome(from, change.event);
  if (outcome.answer != RunAnswer::kMoves) {
    co_return Status();
  }
  if (HasEnded(outcome.to) && change.totals.empty()) {
    change.totals = co_await StoredTotals(live);
  }
  const Result<Json> parsed =
      Json::Parse(change.totals.empty() ? std::string_view("{}") : std::string_view(change.totals));
  const JsonView totals = parsed.ok() ? parsed->view() : JsonView();
  const std::string reason = ReasonOf(change, totals);
  const std::string entries = Entries(*live, from, outcome.to, change, reason);
  Batch batch = change.before;
  batch.Add(MoveRun(*live, {outcome.to, reason, change.error, totals}));
  if (HasEnded(outcome.to)) {
    batch.Add(CloseCalls(live->id()));
  }
  const AcceptedRun& run = live->run();
  batch.Add(StateEvent({run.run, run.agent, run.stream, run.tree, Name(from), Name(outcome.to), reason}));
  const std::string ops = batch.Ops();
  std::chrono::milliseconds pause = kShortestPause;
  for (bool is_retry = false;; is_retry = true) {
    std::string step = entries;
    std::string own = ops;
    Pending fired = host_.Fire(0, std::move(step), std::move(own));
    const Result<std::string> result = co_await std::move(fired);
    Status status = result.status();
    if (is_retry && (status.code() == Code::kAborted || status.code() == Code::kAlreadyExists)) {
      const bool has_happened = co_await HasHappened(live, outcome.to);
      if (has_happened) {
        status = Status();
      }
    }
    if (status.ok()) {
      live->SetState(outcome.to);
      co_return status;
    }
    const bool may_pass = status.code() == Code::kUnavailable || status.code() == Code::kResourceExhausted;
    if (!may_pass || !change.is_patient || host_.Phase() == TUTTI_PHASE_STOPPING) {
      co_return status;
    }
    co_await host_.Delay(std::max(pause, status.retry_after()));
    pause = std::min(pause * 2, kLongestPause);
  }
}

Task<bool> Transitions::HasHappened(LiveRunPtr live, RunState to) const {
  Batch batch;
  batch.Add(LookAtRun(live->id()));
  const Result<StoreReply> reply = co_await Execute(host_, 0, batch.Take());
  if (!reply.ok()) {
    co_return false;
  }
  const Result<Json> rows = Json::Parse(reply->Rows(0));
  co_return rows.ok() && rows->view()[0]["status"].AsString() == Name(to) &&
      rows->view()[0]["fence"].AsInt(-1) == live->fence();
}

Task<std::string> Transitions::StoredTotals(LiveRunPtr live) const {
  if (live->state() == RunState::kNone || live->state() == RunState::kQueued) {
    co_return std::string();
  }
  Batch batch;
  batch.Add(GetRun(live->id()));
  const Result<StoreReply> reply = co_await Execute(host_, 0, batch.Take());
  const Result<Json> rows = reply.ok() ? Json::Parse(reply->Rows(0)) : Result<Json>(reply.status());
  if (!rows.ok() || rows->view().size() == 0) {
    co_return std::string();
  }
  co_return TotalsOfRow(rows->view()[0]);
}

}  // namespace tutti::runs
