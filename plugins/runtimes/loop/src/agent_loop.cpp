#include "agent_loop.h"

#include <utility>

#include "tool_result.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::loop {
namespace {

constexpr std::string_view kCutAnswer =
    "the message was cut at the output limit before this call was complete, so it did not run; send a shorter one";

constexpr std::string_view kEmptyPrompt = "(an empty message)";

Status Interrupted() {
  return Status::Cancelled("the run was interrupted");
}

std::string Entry(std::string_view point, std::string_view payload) {
  return JsonObject()("point", point).Raw("payload", payload).Take();
}

std::string JoinArray(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) {
    text += text.size() > 1 ? "," : "";
    text += item;
  }
  return text + "]";
}

}  // namespace

AgentLoop::AgentLoop(Services& services, RunRequest request, std::string_view offered_tools, ToolLimits limits,
                     CompactionLimits compaction)
    : services_(services),
      request_(std::move(request)),
      catalog_(offered_tools, request_.tools),
      runner_(services_, catalog_, limits),
      compaction_(compaction),
      context_tokens_(request_.context_tokens) {}

Task<Result<std::string>> AgentLoop::Run() {
  if (request_.resume) {
    Result<std::optional<ModelAnswer>> stored = Restore();
    if (!stored.ok()) {
      co_return stored.status();
    }
    if (request_.compact) {
      co_return Totals("stop_reason", "compacted");  // the summary is there
    }
    Result<std::string> resumed = co_await TakeTurns(std::move(*stored));
    Result<std::string> closed = co_await End(std::move(resumed));
    co_return closed;
  }
  if (request_.compact) {
    co_return co_await CompactOnly();
  }
  co_await CompactWhenFull();
  const Status submitted = co_await SubmitPrompt();
  if (!submitted.ok()) {
    co_return submitted.WithDetails(Totals("stop_reason", "error"));
  }
  Result<std::string> ended = co_await TakeTurns(std::nullopt);
  Result<std::string> closed = co_await End(std::move(ended));
  co_return closed;
}

Task<Result<std::string>> AgentLoop::End(Result<std::string> ended) {
  if (!ended.ok()) {
    const Status status = services_.cancelled() ? Interrupted() : ended.status();
    const std::string reason = services_.cancelled() ? "interrupted" : "error";
    // The reason of the failure counts; that its end could not be stored as well adds nothing to it.
    (void)co_await Stop(reason, status.message());
    co_return status.WithDetails(Totals("stop_reason", reason));
  }
  const Status stopped = co_await Stop(*ended);
  if (!stopped.ok()) {
    co_return stopped.WithDetails(Totals("stop_reason", *ended));
  }
  co_return Totals("stop_reason", *ended);
}

Result<std::optional<ModelAnswer>> AgentLoop::Restore() {
  const ResumePoint& point = *request_.resume;
  turns_ = point.num_turns;
  usage_ = point.usage;
  usage_since_compaction_ = point.usage;
  cost_.Restore(point.cost_usd, point.unpriced_calls);
  if (request_.messages.empty() || JsonMember(request_.messages.back(), "role") != "\"assistant\"") {
    return std::optional<ModelAnswer>();
  }
  Result<ModelAnswer> answer = ModelAnswer::OfMessage(request_.messages.back(), point.stop_reason);
  if (!answer.ok()) {
    return answer.status();
  }
  text_ = answer->text;
  return std::optional<ModelAnswer>(std::move(*answer));
}

Task<Result<std::string>> AgentLoop::CompactOnly() {
  std::string trigger = request_.compact->trigger;
  std::string instructions = request_.compact->instructions;
  const Status compacted = co_await Compact(std::move(trigger), std::move(instructions));
  if (compacted.ok()) {
    co_return Totals("stop_reason", "compacted");
  }
  const Status status = services_.cancelled() ? Interrupted() : compacted;
  co_return status.WithDetails(Totals("stop_reason", services_.cancelled() ? "interrupted" : "error"));
}

// Nothing of the conversation changes unless the summary is stored.
Task<Status> AgentLoop::Compact(std::string trigger, std::string instructions) {
  if (request_.messages.empty()) {
    co_return Status::FailedPrecondition("there is nothing to compact: the conversation is empty");
  }
  JsonObject before;
  before("trigger", trigger)("tokens_before", context_tokens_ > 0 ? context_tokens_ : EstimatedTokens());
  before("custom_instructions", instructions);
  std::string entries = "[" + Entry("PreCompact", before.Take()) + "]";
  const Status passed = co_await Fire(std::move(entries));
  if (!passed.ok()) {
    co_return passed;
  }
  const std::string last = JsonObject()("role", "user").Raw("content", SummaryRequestContent(instructions)).Take();
  Pending asked = services_.Complete(ModelRequest(last));
  const Result<std::string> body = co_await std::move(asked);
  if (!body.ok()) {
    co_return body.status();
  }
  const Result<ModelAnswer> answer = ModelAnswer::Parse(*body);
  if (!answer.ok()) {
    co_return answer.status();
  }
  Account(*answer);
  if (answer->text.empty() || answer->stop_reason == "max_tokens") {
    co_return Status::Unavailable(answer->text.empty() ? "the model wrote no summary; the conversation stays as it was"
                                                       : "the summary was cut at the output limit; the conversation "
                                                         "stays as it was");
  }
  std::vector<std::string> replaced = std::exchange(request_.messages, {});
  std::string message = "[" + MessageEntry("user", SummaryContent(answer->text), true, &*answer) + "]";
  const Status stored = co_await Fire(std::move(message));
  if (!stored.ok()) {
    request_.messages = std::move(replaced);
    co_return stored;
  }
  context_tokens_ = EstimatedTokens();
  usage_since_compaction_ = {};
  ++compactions_;
  co_return Status();
}

// A run goes on without: the model may still take it, and says so when not.
Task<void> AgentLoop::CompactWhenFull() {
  if (!compaction_.IsReachedBy(context_tokens_) || has_failed_to_compact_ || services_.cancelled() ||
      request_.messages.size() < 2) {
    co_return;
  }
  const std::string text = text_;
  std::string trigger = "auto";
  std::string instructions;
  const Status compacted = co_await Compact(std::move(trigger), std::move(instructions));
  text_ = text;  // a summary is not what the agent said
  if (!compacted.ok() && !services_.cancelled()) {
    has_failed_to_compact_ = true;
    services_.Warn("a conversation that has grown too long could not be compacted", compacted);
  }
}

// The gates see the prompt before it is part of the conversation, for they may change it.
Task<Status> AgentLoop::SubmitPrompt() {
  std::string entries = "[" + Entry("UserPromptSubmit", JsonObject()("prompt", request_.prompt).Take()) + "]";
  Pending fired = services_.Fire(std::move(entries));
  const Result<std::string> passed = co_await std::move(fired);
  if (!passed.ok()) {
    co_return passed.status();
  }
  const Result<Json> reply = Json::Parse(*passed);
  if (reply.ok()) {
    const JsonView prompt = (*reply)["payloads"][0]["prompt"];
    request_.prompt = std::string(prompt.AsString(request_.prompt));
  }
  // An empty text would make the conversation invalid for every later turn as well.
  const std::string text = request_.prompt.empty() ? std::string(kEmptyPrompt) : CleanUtf8(request_.prompt);
  const std::string content = "[" + JsonObject()("type", "text")("text", text).Take() + "]";
  std::string message = "[" + MessageEntry("user", content) + "]";
  co_return co_await Fire(std::move(message));
}

// The reason for which the run ended by itself, or the Status it failed with.
Task<Result<std::string>> AgentLoop::TakeTurns(std::optional<ModelAnswer> stored) {
  StoredCalls stored_calls = request_.resume ? request_.resume->calls : StoredCalls();
  while (true) {
    if (services_.cancelled()) {
      co_return Interrupted();
    }
    Result<ModelAnswer> answer = Status::Internal("not asked");
    if (stored) {
      answer = std::move(*std::exchange(stored, std::nullopt));
    } else {
      if (turns_ >= request_.max_turns) {
        co_return std::string("max_turns");
      }
      answer = co_await AskModel();
      if (!answer.ok()) {
        co_return answer.status();
      }
      const Status kept = co_await StoreAnswer(*answer);
      if (!kept.ok()) {
        co_return kept;
      }
    }
    if (!answer->calls.empty()) {
      const Status answered = co_await AnswerCalls(*answer, stored_calls);
      if (!answered.ok()) {
        co_return answered;
      }
    }
    stored_calls.clear();  // a model may use an id again
    const bool goes_on = answer->stop_reason == "pause_turn" || answer->stop_reason == "tool_use";
    if (answer->stop_reason == "max_tokens" || answer->stop_reason == "refusal") {
      co_return answer->stop_reason;
    }
    if (answer->calls.empty() && !goes_on) {
      co_return std::string("end_turn");
    }
    // A message that was cut off by a pause is not complete yet, and a summary request would end it.
    if (!answer->calls.empty()) {
      co_await CompactWhenFull();
    }
  }
}

Task<Result<ModelAnswer>> AgentLoop::AskModel() {
  ++turns_;
  Pending asked = services_.Complete(ModelRequest());
  Pending listened = std::move(asked).Events([this](std::string_view event) { services_.Emit(event); });
  const Result<std::string> body = co_await std::move(listened);
  if (!body.ok()) {
    co_return body.status();
  }
  Result<ModelAnswer> answer = ModelAnswer::Parse(*body);
  if (answer.ok()) {
    Account(*answer);
  }
  co_return answer;
}

Task<Status> AgentLoop::StoreAnswer(const ModelAnswer& answer) {
  // A message without content would make the conversation invalid.
  if (answer.content == "[]") {
    co_return Status();
  }
  std::vector<std::string> entries = {MessageEntry("assistant", answer.content, false, &answer)};
  entries.insert(entries.end(), answer.blocks.begin(), answer.blocks.end());
  co_return co_await Fire(JoinArray(entries));
}

Task<Status> AgentLoop::AnswerCalls(const ModelAnswer& answer, const StoredCalls& stored) {
  std::vector<std::string> blocks;
  if (answer.stop_reason == "max_tokens") {
    for (const ToolCall& call : answer.calls) {
      blocks.push_back(ToolErrorBlock(call.id, kCutAnswer));
    }
  } else {
    blocks = co_await runner_.Run(answer.calls, stored);
  }
  const std::string content = JoinArray(blocks);
  context_tokens_ += EstimateTokens(content.size());
  std::string message = "[" + MessageEntry("user", content) + "]";
  co_return co_await Fire(std::move(message));
}

Task<Status> AgentLoop::Stop(std::string_view reason, std::string_view error) {
  std::string entries = "[" + Entry("Stop", Totals("reason", reason, error)) + "]";
  co_return co_await Fire(std::move(entries));
}

Task<Status> AgentLoop::Fire(std::string entries) {
  Pending fired = services_.Fire(std::move(entries));
  const Result<std::string> result = co_await std::move(fired);
  co_return result.status();
}

// The tools stand in a request for a summary too, because its messages hold calls of them, and so that what the model
// has cached of the conversation is used.
std::string AgentLoop::ModelRequest(std::string_view last_message) const {
  std::string messages = JoinArray(request_.messages);
  if (!last_message.empty()) {
    messages.back() = ',';
    messages.append(last_message) += ']';
  }
  JsonObject request;
  request("model", request_.model)("system", request_.system).Raw("messages", messages);
  if (!catalog_.empty()) {
    request.Raw("tools", catalog_.definitions());
    if (!last_message.empty()) {
      request.Raw("tool_choice", R"({"type":"none"})");
    }
  }
  if (request_.max_tokens > 0) {
    request("max_tokens", request_.max_tokens);
  }
  if (!request_.thinking.empty()) {
    request.Raw("thinking", request_.thinking);
  }
  return request.Take();
}

std::int64_t AgentLoop::EstimatedTokens() const {
  std::size_t bytes = request_.system.size() + catalog_.definitions().size();
  for (const std::string& message : request_.messages) {
    bytes += message.size();
  }
  return EstimateTokens(bytes) + 1;
}

// Also adds the message to what the model is sent next.
std::string AgentLoop::MessageEntry(std::string_view role, std::string_view content, bool is_summary,
                                    const ModelAnswer* spent) {
  request_.messages.push_back(JsonObject()("role", role).Raw("content", content).Take());
  JsonObject payload;
  payload("role", role).Raw("content", content)("number", request_.next_number++);
  if (is_summary) {
    payload("is_summary", true);
  }
  if (spent != nullptr) {
    payload.Raw("usage", spent->usage.ToJson())("stop_reason", spent->stop_reason);
    spent->cost_usd ? payload("cost_usd", *spent->cost_usd) : payload("cost_usd", nullptr);
    payload("context_tokens", context_tokens_);
  }
  return Entry("Message", payload.Take());
}

void AgentLoop::Account(const ModelAnswer& answer) {
  usage_ += answer.usage;
  usage_since_compaction_ += answer.usage;
  const std::int64_t tokens = answer.usage.input_tokens + answer.usage.cache_read_input_tokens +
                              answer.usage.cache_creation_input_tokens + answer.usage.output_tokens;
  context_tokens_ = tokens > 0 ? tokens : EstimatedTokens();
  cost_.Add(answer.cost_usd);
  if (!answer.text.empty()) {
    text_ = answer.text;
  }
  JsonObject event;
  event("type", "usage").Raw("usage", answer.usage.ToJson());
  answer.cost_usd ? event("cost_usd", *answer.cost_usd) : event("cost_usd", nullptr);
  services_.Emit(event.Take());
}

std::int64_t AgentLoop::DurationMs() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_).count();
}

std::string AgentLoop::Totals(std::string_view reason_key, std::string_view reason, std::string_view error) const {
  JsonObject totals;
  if (!error.empty()) {
    totals("error", error);
  }
  totals(reason_key, reason)("num_turns", turns_)("duration_ms", DurationMs()).Raw("usage", usage_.ToJson());
  totals("context_tokens", context_tokens_);
  if (compactions_ > 0) {
    totals("compactions", compactions_).Raw("usage_since_compaction", usage_since_compaction_.ToJson());
  }
  const std::optional<double> cost = cost_.usd();
  cost ? totals("cost_usd", *cost) : totals("cost_usd", nullptr);
  totals("unpriced_calls", cost_.unpriced_calls());
  return totals("text", text_).Take();
}

}  // namespace tutti::loop
