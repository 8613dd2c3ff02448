#include "chat_turns.h"

#include <algorithm>
#include <utility>

#include "agent_template.h"
#include "chat_lines.h"
#include "listed_commands.h"
#include "run_outcome.h"
#include "run_request.h"
#include "tool_texts.h"
#include "tutti/sdk/text.hpp"
#include "wire_messages.h"

namespace tutti::orchestrator {

ChatTurns::ChatTurns(Context& context, std::vector<std::string> tools)
    : context_(context),
      tools_(std::move(tools)),
      lane_(std::make_shared<TurnLane>(
          1, [host = context.host](tutti_call handle) { host.Cancel(handle); },
          [host = context.host](const char* what) {
            host.Log(TUTTI_LOG_ERROR, "a turn of the orchestrator threw an exception",
                     JsonObject()("what", what).Take());
          })) {}

Status ChatTurns::CheckRoom() {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= context_.settings.max_waiting_messages) {
    return Status::ResourceExhausted(std::to_string(waiting_.size()) + " messages wait already; try again later")
        .WithRetryAfter(std::chrono::seconds(2));
  }
  return {};
}

Status ChatTurns::Submit(ChatWork work) {
  TurnLane::Number replaced = 0;
  bool is_queued = false;
  {
    const std::lock_guard lock(mutex_);
    if (running_ != 0 && is_replaceable_ && work.Replaces()) {
      replaced = running_;
      has_replaced_ = true;
    }
    waiting_.push_back(std::move(work));
    is_queued = std::exchange(is_queued_, true);
  }
  if (!is_queued) {
    if (Status pushed = Push(); !pushed.ok()) {
      return pushed;
    }
  }
  if (replaced != 0) {
    lane_->Interrupt(replaced);
  }
  return {};
}

Status ChatTurns::Push() {
  Status pushed = lane_->Push([this](TurnLane::Number number) { return RunTurn(number); });
  if (!pushed.ok()) {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    is_queued_ = false;
  }
  return pushed;
}

bool ChatTurns::Interrupt() {
  TurnLane::Number running = 0;
  {
    const std::lock_guard lock(mutex_);
    running = running_;
  }
  if (running != 0) {
    lane_->Interrupt(running);
  }
  return running != 0;
}

bool ChatTurns::IsBusy() {
  const std::lock_guard lock(mutex_);
  return running_ != 0;
}

bool ChatTurns::Take(TurnLane::Number number, Taken& taken) {
  const std::lock_guard lock(mutex_);
  is_queued_ = false;
  if (waiting_.empty()) {
    return false;
  }
  taken.work = TakeWork(waiting_);
  taken.has_replaced = std::exchange(has_replaced_, false);
  running_ = number;
  is_replaceable_ = taken.work.kind == ChatWork::Kind::kPrompt;
  is_queued_ = !waiting_.empty();
  return true;
}

void ChatTurns::Finished() {
  const std::lock_guard lock(mutex_);
  running_ = 0;
}

void ChatTurns::FinishedPrompt(ChatWork work, const Status& ended) {
  const std::lock_guard lock(mutex_);
  running_ = 0;
  if (has_replaced_ && !WasHeard(ended) && !waiting_.empty() && waiting_.front().kind == ChatWork::Kind::kPrompt) {
    waiting_.push_front(std::move(work));  // for the turn that replaces this one
  }
}

Task<void> ChatTurns::RunTurn(TurnLane::Number number) {
  Taken taken;
  if (!Take(number, taken)) {
    co_return;
  }
  bool has_more = false;
  {
    const std::lock_guard lock(mutex_);
    has_more = is_queued_;
  }
  if (has_more) {
    // Another turn takes the rest; a closed lane has said so to nobody, for nobody waits.
    (void)Push();
  }
  if (taken.has_replaced) {
    std::string id = context_.session.id;
    std::string line = wire::SystemLog("WARNING", "The previous task was interrupted by a new message");
    std::string type = "system_log";
    co_await Announce(context_.host, std::move(id), std::move(type), std::move(line));
  }
  switch (taken.work.kind) {
    case ChatWork::Kind::kPrompt:
      co_await RunPrompt(number, std::move(taken.work));
      break;
    case ChatWork::Kind::kCompact:
      co_await RunCompaction(number, std::move(taken.work.text));
      break;
    case ChatWork::Kind::kClear:
      co_await BeginSession();
      break;
  }
}

Task<void> ChatTurns::RunPrompt(TurnLane::Number number, ChatWork work) {
  Session& session = context_.session;
  ShowTyping(context_.host, session.id);
  std::string model = work.model;
  RunRequest request = co_await NewRequest(std::move(model));
  request.AddTools(work.tools);
  request.prompt = work.text;
  std::string args = request.ToJson();
  const Result<std::string> result = co_await Run(number, std::move(args));
  const Status status = result.status();
  FinishedPrompt(std::move(work), status);
  std::string id = session.id;
  if (!status.ok() && status.code() != Code::kCancelled) {
    context_.host.Publish(id, "chat_typing", wire::ChatTyping(id, false));
    context_.host.Log(TUTTI_LOG_WARNING, "a turn of the orchestrator failed",
                      JsonObject()("error", status.ToString()).Take());
    std::string error = wire::Error(CleanUtf8(status.message()));
    std::string type = "error";
    co_await Announce(context_.host, std::move(id), std::move(type), std::move(error));
    co_return;
  }
  ShowEnd(context_.host, id);
  ChatAccount account;
  account.totals = TurnTotals::FromResult(result.ok() ? std::string_view(*result) : status.details());
  if (!session.has_session_id) {
    account.session_id = session.conversation;
  }
  if (!session.has_system_info) {
    const std::string commands = co_await ListedCommands(context_.host, 0);
    account.system_info = SystemInfo(context_.ResolveModel({}, context_.settings.model), commands);
  }
  const Result<bool> stored = co_await StoreAccount(context_.host, std::move(id), std::move(account));
  if (stored.ok()) {
    session.has_session_id = true;
    session.has_system_info = session.has_system_info || *stored;
  }
}

Task<void> ChatTurns::RunCompaction(TurnLane::Number number, std::string instructions) {
  const Session& session = context_.session;
  std::string id = session.id;
  ShowTyping(context_.host, id);
  std::string model;
  RunRequest request = co_await NewRequest(std::move(model));
  request.compact_instructions = instructions;
  request.prompt = "/compact";
  std::string args = request.ToJson();
  const Result<std::string> result = co_await Run(number, std::move(args));
  const Status status = result.status();
  std::string text = texts::Compacted(result);
  co_await AddReply(context_.host, id, std::move(text));
  Finished();
  ShowEnd(context_.host, id);
  ChatAccount account;
  account.totals = TurnTotals::FromResult(result.ok() ? std::string_view(*result) : status.details());
  (void)co_await StoreAccount(context_.host, std::move(id), std::move(account));
}

// The former conversation stays in the database, and is not read any more.
Task<void> ChatTurns::BeginSession() {
  Session& session = context_.session;
  std::string id = session.id;
  ShowTyping(context_.host, id);
  ChatAccount account;
  account.totals.is_reset = true;
  account.is_silent = true;  // the figures come last, as after every turn
  account.session_id = NewUuid();
  const std::string conversation = account.session_id;
  std::string to = id;
  const Result<bool> accounted = co_await StoreAccount(context_.host, std::move(to), std::move(account));
  const Status stored = accounted.status();
  if (stored.ok()) {
    session.conversation = conversation;
    session.has_session_id = true;
    session.has_system_info = false;
    context_.host.Log(TUTTI_LOG_NOTICE, "a new session begins; resume with: tutti run --session " + conversation,
                      JsonObject()("orchestrator", id).Take());
  }
  std::string text = texts::Cleared(stored, conversation);
  co_await AddReply(context_.host, id, std::move(text));
  Finished();
  ShowEnd(context_.host, id);
  ChatAccount nothing;
  (void)co_await StoreAccount(context_.host, std::move(id), std::move(nothing));
}

// A prompt to be filled in needs the templates as they are now.
Task<RunRequest> ChatTurns::NewRequest(std::string model) const {
  const Session& session = context_.session;
  const std::string prompt = context_.settings.Prompt(context_.host);
  std::vector<AgentTemplate> templates;
  if (NamesTemplates(prompt)) {
    templates = co_await ListTemplates(context_.host, 0);
  }
  RunRequest request;
  request.conversation = session.conversation;
  request.agent = session.id;
  request.stream = session.id;
  request.labels =
      JsonObject()("role", "orchestrator")("agent_name", "orchestrator")("task_slug", "")("orchestrator", session.id)
          .Take();
  request.model = context_.ResolveModel(model, context_.settings.model);
  request.system = FillPrompt(prompt, templates);
  request.tools = tools_;
  request.max_turns = context_.settings.max_chat_turns;
  co_return request;
}

Task<Result<std::string>> ChatTurns::Run(TurnLane::Number number, std::string request) {
  TurnLane::Begin begin = [host = context_.host, args = std::move(request)](auto done) {
    return Begin(host.InvokeCommand(0, "runs.start", args), std::move(done));
  };
  Callback<Result<std::string>> run = lane_->Interruptible(number, std::move(begin));
  co_return co_await run;
}

std::string ChatTurns::SystemInfo(std::string_view model, std::string_view commands) const {
  JsonWriter names;
  names.BeginArray();
  for (const std::string& tool : tools_) {
    names.Value(tool);
  }
  JsonObject info;
  info("session_id", context_.session.conversation)("cwd", context_.settings.working_dir);
  info.Raw("tools", names.EndArray().Take())("model", model)("subtype", "init")("captured_at", NowIso());
  info.Raw("slash_commands", commands);
  return info.Take();
}

bool ChatTurns::Stop() {
  lane_->Close();
  lane_->InterruptAll([](std::size_t) {});
  return lane_->WaitUntilIdle(std::chrono::steady_clock::now() + context_.settings.stop_timeout);
}

}  // namespace tutti::orchestrator
