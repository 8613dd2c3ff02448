#include "chat_turns.h"

#include <utility>

#include "chat_blocks.h"
#include "run_outcome.h"
#include "run_request.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"
#include "wire_messages.h"

namespace tutti::orchestrator {
namespace {

std::string Labels(const std::string& orchestrator) {
  return JsonObject()("role", "orchestrator")("agent_name", "orchestrator")("task_slug", "")("orchestrator",
                                                                                             orchestrator)
      .Take();
}

}  // namespace

ChatTurns::ChatTurns(Context& context, std::vector<std::string> tools)
    : context_(context),
      tools_(std::move(tools)),
      lane_(std::make_shared<TurnLane>(
          1, [host = context.host](tutti_call handle) { host.Cancel(handle); },
          [host = context.host](const char* what) {
            host.Log(TUTTI_LOG_ERROR, "a turn of the orchestrator threw an exception",
                     JsonObject()("what", what).Take());
          })) {}

Task<Result<std::string>> ChatTurns::Send(tutti_call parent, std::string text) {
  text = CleanUtf8(text);
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= context_.settings.max_waiting_messages) {
      co_return Status::ResourceExhausted(std::to_string(waiting_.size()) + " messages wait already; try again later")
          .WithRetryAfter(std::chrono::seconds(2));
    }
  }
  const std::string id = NewUuid();
  const std::string now = NowIso();
  const Batch line = ChatLineBatch({.id = id,
                                    .orchestrator = context_.session.id,
                                    .sender = "user",
                                    .receiver = "orchestrator",
                                    .text = text,
                                    .metadata = "{}",
                                    .time = now});
  const Result<StoreReply> stored = co_await Execute(context_.host, parent, line.Take());
  if (!stored.ok()) {
    co_return stored.status();
  }
  const Status submitted = Submit(std::move(text));
  if (!submitted.ok()) {
    co_return submitted;
  }
  co_return JsonObject()("status", "success")("message", "Message received, the answer is streamed").Take();
}

Status ChatTurns::Submit(std::string text) {
  TurnLane::Number replaced = 0;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(text));
    if (running_ != 0) {
      replaced = running_;
      has_replaced_ = true;
    }
    if (waiting_.size() > 1) {
      return {};  // the turn that waits takes this message too
    }
  }
  const Status pushed = lane_->Push([this](TurnLane::Number number) { return RunTurn(number); });
  if (!pushed.ok()) {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    return pushed;
  }
  if (replaced != 0) {
    lane_->Interrupt(replaced);
  }
  return {};
}

ChatTurns::Prompt ChatTurns::Take(TurnLane::Number number) {
  const std::lock_guard lock(mutex_);
  Prompt prompt;
  for (const std::string& text : waiting_) {
    prompt.text += prompt.text.empty() ? "" : "\n\n";
    prompt.text += text;
  }
  waiting_.clear();
  prompt.has_replaced = std::exchange(has_replaced_, false);
  running_ = number;
  return prompt;
}

void ChatTurns::Finished(const Prompt& prompt, const Status& ended) {
  const std::lock_guard lock(mutex_);
  running_ = 0;
  if (!WasHeard(ended) && !waiting_.empty()) {
    waiting_.insert(waiting_.begin(), prompt.text);  // for the turn that replaces this one
  }
}

Task<void> ChatTurns::RunTurn(TurnLane::Number number) {
  const Prompt prompt = Take(number);
  const Session& session = context_.session;
  if (prompt.has_replaced) {
    co_await Announce("system_log", wire::SystemLog("WARNING", "The previous task was interrupted by a new message"));
  }
  context_.host.Publish(session.id, "chat_typing", wire::ChatTyping(session.id, true));
  std::vector<AgentTemplate> templates;
  if (NamesTemplates(context_.settings.system_prompt)) {
    templates = co_await ListTemplates(context_.host, 0);
  }
  RunRequest request;
  const std::string model = context_.ResolveModel({}, context_.settings.model);
  request.conversation = session.conversation;
  request.agent = session.id;
  request.stream = session.id;
  request.labels = Labels(session.id);
  request.model = model;
  request.system = FillPrompt(context_.settings.system_prompt, templates);
  request.tools = tools_;
  request.max_turns = context_.settings.max_chat_turns;
  request.prompt = prompt.text;
  TurnLane::Begin begin = [host = context_.host, args = request.ToJson()](auto done) {
    return Begin(host.InvokeCommand(0, "runs.start", args), std::move(done));
  };
  Callback<Result<std::string>> run = lane_->Interruptible(number, std::move(begin));
  const Result<std::string> result = co_await run;
  const Status status = result.status();
  Finished(prompt, status);
  context_.host.Publish(session.id, "chat_typing", wire::ChatTyping(session.id, false));
  if (!status.ok() && status.code() != Code::kCancelled) {
    context_.host.Log(TUTTI_LOG_WARNING, "a turn of the orchestrator failed",
                      JsonObject()("error", status.ToString()).Take());
    co_await Announce("error", wire::Error(CleanUtf8(status.message())));
    co_return;
  }
  context_.host.Publish(session.id, "chat_stream", wire::ChatStreamEnd());
  const std::string body(result.ok() ? std::string_view(*result) : status.details());
  const TurnTotals totals = TurnTotals::FromResult(body);
  co_await Account(totals);
}

// Durable where the storage takes it; what cannot be stored is at least shown.
Task<void> ChatTurns::Announce(std::string type, std::string data) {
  Batch batch;
  batch.Add(Op::Append(context_.session.id, type, data));
  const Result<StoreReply> stored = co_await Execute(context_.host, 0, batch.Take());
  if (!stored.ok()) {
    context_.host.Publish(context_.session.id, type, data);
  }
}

Task<void> ChatTurns::Account(TurnTotals totals) {
  Session& session = context_.session;
  Result<StoreReply> stored = co_await ExecutePatiently(context_.host, TotalsBatch(totals, !session.has_system_info));
  bool has_info = stored.ok();
  if (!stored.ok() && !session.has_system_info) {
    // What the console merely shows must not cost the totals.
    context_.host.Log(TUTTI_LOG_WARNING, "the system information of a session could not be stored",
                      JsonObject()("error", stored.status().ToString()).Take());
    stored = co_await ExecutePatiently(context_.host, TotalsBatch(totals, false));
    has_info = false;
  }
  if (!stored.ok()) {
    context_.host.Log(TUTTI_LOG_ERROR, "the totals of a turn could not be stored",
                      JsonObject()("error", stored.status().ToString()).Take());
    co_return;
  }
  session.has_session_id = true;
  session.has_system_info = session.has_system_info || has_info;
}

std::string ChatTurns::TotalsBatch(const TurnTotals& totals, bool with_system_info) const {
  const Session& session = context_.session;
  Op update = Op::Update("orchestrator.orchestrator_agents", JsonObject()("id", session.id).Take());
  update("label", "totals").Raw("add", totals.Additions());
  if (!session.has_session_id) {
    update.Raw("set", JsonObject()("session_id", session.conversation).Take());
  }
  if (with_system_info) {
    const std::string info = SystemInfo(context_.ResolveModel({}, context_.settings.model));
    update.Raw("merge", JsonObject().Raw("metadata", info).Take());
  }
  update.Raw("return", R"(["input_tokens","output_tokens","total_cost","updated_at"])");
  Op append = Op::Append(session.id, "orchestrator_updated", wire::OrchestratorUpdated(session.id));
  append.Raw("refs", R"({"/data/orchestrator/input_tokens":"totals.rows/0/new/input_tokens",)"
                     R"("/data/orchestrator/output_tokens":"totals.rows/0/new/output_tokens",)"
                     R"("/data/orchestrator/total_cost":"totals.rows/0/new/total_cost",)"
                     R"("/data/orchestrator/updated_at":"totals.rows/0/new/updated_at"})");
  return Batch().Add(update).Add(append).Take();
}

std::string ChatTurns::SystemInfo(std::string_view model) const {
  JsonWriter names;
  names.BeginArray();
  for (const std::string& tool : tools_) {
    names.Value(tool);
  }
  JsonObject info;
  info("session_id", context_.session.conversation)("cwd", context_.settings.working_dir);
  info.Raw("tools", names.EndArray().Take())("model", model)("subtype", "init")("captured_at", NowIso());
  info.Raw("slash_commands", "[]");
  return JsonObject().Raw("system_message_info", info.Take()).Take();
}

bool ChatTurns::Stop() {
  lane_->Close();
  lane_->InterruptAll([](std::size_t) {});
  return lane_->WaitUntilIdle(std::chrono::steady_clock::now() + context_.settings.stop_timeout);
}

}  // namespace tutti::orchestrator
