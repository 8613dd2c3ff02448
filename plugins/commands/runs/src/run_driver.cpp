#include "run_driver.h"

#include <utility>

#include "resumption.h"
#include "run_rows.h"
#include "tutti/sdk/callback.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::runs {
namespace {

constexpr std::size_t kConversationOps = 4;

Status Interrupted() {
  return Status::Cancelled("the run was interrupted");
}

Status LetGo() {
  return Status::Cancelled("the run was suspended; it goes on by itself when a host takes it up");
}

// Gives the turn to the next run however this one ends.
class Departure {
 public:
  Departure(RunQueue& queue, std::string run) : queue_(queue), run_(std::move(run)) {}

  Departure(const Departure&) = delete;
  Departure& operator=(const Departure&) = delete;

  ~Departure() { queue_.Leave(run_); }

 private:
  RunQueue& queue_;
  std::string run_;
};

// The tool calls that a former process left open get an answer first.
void AddClosing(const AcceptedRun& run, LoadedConversation& conversation, Change& change) {
  const std::string closing = CloseOpenCalls(run.conversation, conversation);
  if (!closing.empty()) {
    change.before.AddJson(closing);
  }
}

}  // namespace

Task<Result<std::string>> RunDriver::Drive(LiveRunPtr live, bool has_turn, OnEvent on_event) const {
  const Departure departure(queue_, live->id());
  Result<std::string> result = co_await DriveToEnd(live, has_turn, std::move(on_event));
  if (live->state() != RunState::kNone && !HasEnded(live->state())) {
    on_let_go_(live->id());
  }
  co_return result;
}

Task<Result<std::string>> RunDriver::DriveToEnd(LiveRunPtr live, bool has_turn, OnEvent on_event) const {
  const std::string run = live->id();
  if (!has_turn) {
    const Status stored = co_await StoreAcceptance(live);
    if (!stored.ok()) {
      co_return stored;
    }
    Callback<bool> turn([queue = &queue_, run, host = &host_](Callback<bool>::Done done) {
      // Not on the stack of the run that leaves, which has its own end to tell.
      queue->OnTurn(run, [done, host] {
        if (!host->Post([done] { done(true); }).ok()) {
          done(true);
        }
      });
    });
    (void)co_await turn;
  }
  const bool is_new = live->state() == RunState::kNone || live->state() == RunState::kQueued;
  const StopKind stopped = queue_.Stopped(run);
  if (stopped == StopKind::kSuspend) {
    co_return LetGo();
  }
  if (stopped == StopKind::kInterrupt && is_new) {
    const Status closed = co_await CloseUnbegun(live);
    if (!closed.ok()) {
      LogLoss(*live, "the end of a run that had not begun could not be stored", closed);
    }
    co_return Interrupted();
  }
  Result<Plan> plan = Plan{};
  if (is_new) {
    plan = co_await Prepare(live);
  } else {
    plan = co_await PrepareAgain(live);
  }
  if (!plan.ok()) {
    const Status status = plan.status();
    // One that is not stored was never accepted; one that is not this host's any more is another's to end.
    if (live->state() != RunState::kNone && status.code() != Code::kAborted && status.code() != Code::kUnavailable) {
      const Status closed = co_await CloseWith(live, RunEvent::kFail, status, {});
      if (!closed.ok()) {
        LogLoss(*live, "the failure of a run could not be stored", closed);
      }
    }
    co_return status;
  }
  if (plan->has_end()) {
    Status why;
    if (!plan->error.empty()) {
      why = Status(Code::kInternal, plan->error);
    }
    const Status closed = co_await CloseWith(live, plan->end, why, plan->totals);
    if (!closed.ok()) {
      LogLoss(*live, "the end of a run could not be stored", closed);
      co_return LetGo();
    }
    if (plan->end == RunEvent::kFinish) {
      co_return plan->totals;
    }
    co_return Status(plan->end == RunEvent::kFail ? Code::kInternal : Code::kCancelled, plan->error)
        .WithDetails(plan->totals);
  }
  std::string request = std::move(plan->request);
  Result<std::string> result = co_await RunToEnd(live, std::move(request), std::move(on_event));
  Result<std::string> closed = co_await Close(live, std::move(result));
  co_return closed;
}

void RunDriver::DriveAlone(const LiveRunPtr& live, bool has_turn) const {
  auto drive = [](const RunDriver* driver, LiveRunPtr run, bool turn) -> Task<void> {
    OnEvent nobody;
    (void)co_await driver->Drive(run, turn, std::move(nobody));
  };
  Spawn(drive(this, live, has_turn), [host = host_, id = live->id()](const std::exception_ptr&) {
    host.Log(TUTTI_LOG_ERROR, "a run threw an exception", JsonObject()("run", id).Take());
  });
}

Task<Status> RunDriver::StoreAcceptance(LiveRunPtr live) const {
  if (live->state() != RunState::kNone) {
    co_return Status();
  }
  Batch batch;
  AddAcceptance(batch, live->run(), holder_);
  const Result<StoreReply> stored = co_await ExecutePatiently(host_, batch.Take());
  const Status status = stored.status();
  // An earlier try was committed and only its answer was lost: ids are not used twice.
  if (!status.ok() && status.code() != Code::kAlreadyExists) {
    co_return status;
  }
  live->SetState(RunState::kQueued);
  co_return Status();
}

Task<Result<RunDriver::Plan>> RunDriver::Prepare(LiveRunPtr live) const {
  const AcceptedRun& run = live->run();
  Batch queries;
  AddConversationQueries(queries, run.conversation, limits_.max_messages);
  const Result<StoreReply> reply = co_await Execute(host_, 0, queries.Take());
  if (!reply.ok()) {
    co_return reply.status();
  }
  LoadedConversation conversation = ReadConversation(*reply, 0, limits_.max_messages);
  Change change;
  change.event = RunEvent::kTakeTurn;
  change.is_patient = live->state() != RunState::kNone;
  if (live->state() == RunState::kNone) {
    AddAcceptance(change.before, run, holder_);
  }
  AddClosing(run, conversation, change);
  const Status moved = co_await transitions_.Apply(live, std::move(change));
  if (!moved.ok()) {
    co_return moved;
  }
  Plan plan;
  plan.request = RuntimeRequest(*live, conversation, {});
  co_return plan;
}

Task<Result<RunDriver::Plan>> RunDriver::PrepareAgain(LiveRunPtr live) const {
  const AcceptedRun& run = live->run();
  Batch queries;
  AddConversationQueries(queries, run.conversation, limits_.max_messages);
  queries.Add(GetRun(run.run));
  queries.Add(CountMessages(run.run));
  queries.Add(ListCalls(run.run));
  const Result<StoreReply> reply = co_await Execute(host_, 0, queries.Take());
  if (!reply.ok()) {
    co_return reply.status();
  }
  LoadedConversation conversation = ReadConversation(*reply, 0, limits_.max_messages);
  const Result<Json> rows = Json::Parse(reply->Rows(kConversationOps));
  const Result<Json> counts = Json::Parse(reply->Rows(kConversationOps + 1));
  const Result<Json> calls = Json::Parse(reply->Rows(kConversationOps + 2));
  const Result<Json> last = Json::Parse(conversation.last.empty() ? std::string_view("{}") : conversation.last);
  const Result<Json> tools = Json::Parse(host_.Tools());
  if (!rows.ok() || rows->view().size() == 0 || !counts.ok() || !calls.ok() || !last.ok()) {
    co_return Status(Code::kDataLoss, "the run " + run.run + " cannot be read from the storage");
  }
  const Resumption resumption = ResumptionOf(
      {rows->view()[0], counts->view(), last->view(), calls->view(), tools.ok() ? tools->view() : JsonView()},
      limits_.max_resumes);
  Plan plan;
  if (resumption.kind == Resumption::Kind::kEnd) {
    plan.end = resumption.end;
    plan.error = resumption.error;
    plan.totals = resumption.totals;
    co_return plan;
  }
  Change change;
  change.event = RunEvent::kClaim;
  change.is_resumed = true;
  AddUnknownCalls(run, resumption.unknown, change.before);
  if (resumption.kind == Resumption::Kind::kBegin) {
    AddClosing(run, conversation, change);
  }
  const Status moved = co_await transitions_.Apply(live, std::move(change));
  if (!moved.ok()) {
    co_return moved;
  }
  host_.Log(TUTTI_LOG_NOTICE, "a run goes on after it was cut off",
            JsonObject()("run", run.run)("agent", run.agent)("unknown_tool_calls", resumption.unknown.size()).Take());
  plan.request = RuntimeRequest(*live, conversation, resumption.resume);
  co_return plan;
}

Task<Status> RunDriver::CloseUnbegun(LiveRunPtr live) const {
  const AcceptedRun& run = live->run();
  if (live->state() == RunState::kNone) {
    co_return Status();
  }
  Change change;
  change.event = RunEvent::kInterrupt;
  change.error = "the run was interrupted before it began";
  if (KeepsPrompt(run) && !run.prompt.empty()) {
    Batch queries;
    AddConversationQueries(queries, run.conversation, 1);
    const Result<StoreReply> reply = co_await Execute(host_, 0, queries.Take());
    if (!reply.ok()) {
      co_return reply.status();
    }
    LoadedConversation conversation = ReadConversation(*reply, 0, 1);
    AddClosing(run, conversation, change);
    const std::string content = "[" + JsonObject()("type", "text")("text", CleanUtf8(run.prompt)).Take() + "]";
    change.before.Add(InsertMessage({.run = run.run,
                                     .conversation = run.conversation,
                                     .number = conversation.next_number,
                                     .role = "user",
                                     .content = content,
                                     .time_us = NowMicros()}));
  }
  const Status closed = co_await transitions_.Apply(live, std::move(change));
  co_return closed;
}

std::string RunDriver::RuntimeRequest(const LiveRun& live, const LoadedConversation& conversation,
                                      std::string_view resume) const {
  const AcceptedRun& run = live.run();
  JsonObject request;
  request("run", run.run)("conversation", run.conversation)("agent", run.agent)("stream", run.stream);
  request("tree", run.tree).Raw("labels", run.labels)("model", run.model)("prompt", run.prompt);
  if (const Result<Json> kept = Json::Parse(run.request); kept.ok()) {
    kept->view().ForEachMember([&](std::string_view key, JsonView value) {
      if (key != "keep_prompt" && key != "replaceable") {
        request.Raw(key, value.Dump());
      }
    });
  }
  request.Raw("messages", conversation.messages)("next_number", conversation.next_number);
  request("context_tokens", conversation.context_tokens)("next_index", live.first_index());
  if (!resume.empty()) {
    request.Raw("resume", resume);
  }
  return request.Take();
}

Task<Result<std::string>> RunDriver::RunToEnd(LiveRunPtr live, std::string request, OnEvent on_event) const {
  const StopKind stopped = queue_.Stopped(live->id());
  if (stopped != StopKind::kNone) {
    co_return stopped == StopKind::kSuspend ? LetGo() : Interrupted();
  }
  Callback<Result<std::string>> ended(
      [host = &host_, queue = &queue_, run = live->id(), request = std::move(request), on_event](auto done) {
        Pending started = host->StartRuntime(0, request);
        const tutti_call handle = Begin(on_event ? std::move(started).Events(on_event) : std::move(started), done);
        if (queue->Attach(run, handle)) {
          host->Cancel(handle);
        }
      });
  co_return co_await ended;
}

bool RunDriver::IsLetGo(const LiveRun& live, const Status& status) const {
  const StopKind stopped = queue_.Stopped(live.id());
  if (status.ok() || stopped == StopKind::kInterrupt || live.has_result()) {
    return false;
  }
  if (stopped == StopKind::kSuspend) {
    return true;
  }
  // Cancelled by nobody who wanted that: the host stops, or the runtime was switched off.
  return status.code() == Code::kCancelled && !(limits_.interrupts_on_stop && host_.Phase() == TUTTI_PHASE_STOPPING);
}

Task<Result<std::string>> RunDriver::Close(LiveRunPtr live, Result<std::string> result) const {
  const Status status = result.status();
  if (IsLetGo(*live, status)) {
    co_return LetGo();
  }
  const StopKind stopped = queue_.Stopped(live->id());
  const bool is_interrupted =
      status.code() == Code::kCancelled && (stopped == StopKind::kInterrupt || limits_.interrupts_on_stop);
  const RunEvent end = status.ok() ? RunEvent::kFinish : is_interrupted ? RunEvent::kInterrupt : RunEvent::kFail;
  const std::string totals(result.ok() ? std::string_view(*result) : status.details());
  bool is_unbegun = false;
  if (is_interrupted) {
    is_unbegun = co_await HasPromptToKeep(live);
  }
  Status closed;
  if (is_unbegun) {
    closed = co_await CloseUnbegun(live);
  } else {
    closed = co_await CloseWith(live, end, status, totals);
  }
  if (!closed.ok()) {
    LogLoss(*live, "the end of a run could not be stored", closed);
  }
  co_return result;
}

Task<bool> RunDriver::HasPromptToKeep(LiveRunPtr live) const {
  if (live->has_result() || !KeepsPrompt(live->run())) {
    co_return false;
  }
  Batch batch;
  batch.Add(CountMessages(live->id()));
  const Result<StoreReply> reply = co_await Execute(host_, 0, batch.Take());
  co_return reply.ok() && reply->Rows(0) == "[]";
}

Task<Status> RunDriver::CloseWith(LiveRunPtr live, RunEvent end, Status why, std::string totals) const {
  Change change;
  change.event = end;
  change.error = why.message();
  change.code = why.code();
  if (const Result<Json> json = Json::Parse(totals.empty() ? std::string_view("x") : std::string_view(totals));
      json.ok() && json->view().is_object() && json->view().size() > 0) {
    change.totals = std::move(totals);
  }
  const Status closed = co_await transitions_.Apply(live, std::move(change));
  co_return closed;
}

void RunDriver::LogLoss(const LiveRun& live, const char* what, const Status& status) const {
  host_.Log(TUTTI_LOG_WARNING, what, JsonObject()("run", live.id())("error", status.ToString()).Take());
}

}  // namespace tutti::runs
