#include "run_starter.h"

#include <utility>

#include "conversation.h"
#include "tutti/sdk/callback.hpp"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::runs {
namespace {

Status Interrupted() {
  return Status::Cancelled("the run was interrupted");
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

std::string RuntimeRequest(const StartArguments& arguments, JsonView args, std::string_view messages,
                           std::int64_t next_number, std::int64_t context_tokens) {
  JsonObject request;
  request("run", arguments.run)("conversation", arguments.conversation)("agent", arguments.agent);
  request("stream", arguments.stream).Raw("labels", arguments.labels)("model", arguments.model);
  request("system", args["system"].AsString())("max_turns", args["max_turns"].AsInt(1))("prompt", arguments.prompt);
  request.Raw("tools", args["tools"].is_array() ? args["tools"].Dump() : "[]");
  if (args["thinking"].is_object()) {
    request.Raw("thinking", args["thinking"].Dump());
  }
  if (args["compact"].is_object()) {
    request.Raw("compact", args["compact"].Dump());
  }
  if (args["max_tokens"].is_int()) {
    request("max_tokens", args["max_tokens"].AsInt());
  }
  return request.Raw("messages", messages)("next_number", next_number)("context_tokens", context_tokens).Take();
}

// `rows` with one more message at its end.
std::string Appended(std::string rows, std::string_view message) {
  rows.pop_back();
  rows += rows.size() > 1 ? "," : "";
  return rows.append(message) + "]";
}

}  // namespace

Task<Result<std::string>> RunStarter::Start(Call call, JsonView args) const {
  const StartArguments arguments = StartArguments::Read(args);
  const std::string run = arguments.run;
  const Result<bool> entered =
      queue_.Enter({run, arguments.key, arguments.agent, arguments.conversation}, arguments.busy);
  if (!entered.ok()) {
    co_return entered.status();
  }
  const Departure departure(queue_, run);
  call.OnCancel([queue = &queue_, run] { queue->Interrupt(run, {}, [](std::size_t) {}); });
  const bool must_wait = !*entered;
  if (must_wait) {
    Batch batch;
    batch.Add(InsertRun(arguments, "queued"));
    const Result<std::string> stored = co_await Store(batch.Take());
    if (!stored.ok()) {
      co_return stored.status();
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
  const Result<std::string> request = co_await Prepare(arguments, args, must_wait);
  if (!request.ok()) {
    co_await Close(arguments, request);
    co_return request;
  }
  const Result<std::string> result = co_await RunToEnd(call, run, *request);
  co_await Close(arguments, result);
  co_return result;
}

Task<Result<std::string>> RunStarter::Prepare(const StartArguments& arguments, JsonView args, bool has_row) const {
  if (queue_.IsInterrupted(arguments.run)) {
    co_return Interrupted();
  }
  Batch batch;
  batch.Add(has_row ? SetRunning(arguments.run) : InsertRun(arguments, "running"));
  batch.Add(SummaryNumber(arguments.conversation));
  batch.Add(LoadMessages(arguments.conversation, max_messages_));
  batch.Add(LastMessage(arguments.conversation));
  batch.Add(ContextTokens(arguments.conversation, arguments.run));
  Result<std::string> loaded = co_await Store(batch.Take());
  if (!loaded.ok()) {
    co_return loaded.status();
  }
  const StoreReply reply(std::move(*loaded));
  std::string messages(reply.Rows(2));
  if (reply.Member(2, "count") == std::to_string(max_messages_)) {
    messages = TrimToBeginning(messages);
  }
  const Result<Json> last = Json::Parse(reply.Rows(3));
  if (!last.ok() || last->view().size() == 0) {
    co_return RuntimeRequest(arguments, args, "[]", 0, 0);
  }
  const Result<Json> context = Json::Parse(reply.Rows(4));
  const std::int64_t context_tokens = context.ok() ? context->view()[0]["context_tokens"].AsInt() : 0;
  const JsonView message = last->view()[0];
  std::int64_t next_number = message["number"].AsInt() + 1;
  const std::string closing = ClosingContent(message);
  if (!closing.empty()) {
    Batch repair;
    repair.Add(InsertMessage({.run = arguments.run,
                              .conversation = arguments.conversation,
                              .number = next_number,
                              .role = "user",
                              .content = closing,
                              .time_us = NowMicros()}));
    const Result<std::string> repaired = co_await Store(repair.Take());
    if (!repaired.ok()) {
      co_return repaired.status();
    }
    ++next_number;
    messages = Appended(std::move(messages), JsonObject()("role", "user").Raw("content", closing).Take());
  }
  co_return RuntimeRequest(arguments, args, messages, next_number, context_tokens);
}

Task<Result<std::string>> RunStarter::RunToEnd(Call call, std::string run, std::string request) const {
  if (queue_.IsInterrupted(run)) {
    co_return Interrupted();
  }
  Callback<Result<std::string>> ended([host = &host_, queue = &queue_, call, run, request](auto done) {
    Pending started =
        host->StartRuntime(call.id(), request).Events([call](std::string_view event) { (void)call.Emit(event); });
    const tutti_call handle = Begin(std::move(started), done);
    if (queue->Attach(run, handle)) {
      host->Cancel(handle);
    }
  });
  co_return co_await ended;
}

Task<void> RunStarter::Close(const StartArguments& arguments, const Result<std::string>& result) const {
  const Status status = result.status();
  const std::string body(result.ok() ? std::string_view(*result) : status.details());
  const Result<Json> totals = Json::Parse(body.empty() ? std::string_view("{}") : std::string_view(body));
  RunEnd end{.status = status.ok()                         ? "done"
                       : status.code() == Code::kCancelled ? "interrupted"
                                                           : "failed",
             .error = status.message(),
             .totals = totals.ok() ? totals->view() : JsonView()};
  Batch batch;
  batch.Add(EndRun(arguments.run, end));
  const Result<StoreReply> stored = co_await ExecutePatiently(host_, batch.Take());
  if (!stored.ok()) {
    host_.Log(TUTTI_LOG_WARNING, "the end of a run could not be stored",
              JsonObject()("run", arguments.run)("error", stored.status().ToString()).Take());
  }
}

Task<Result<std::string>> RunStarter::Store(std::string batch) const {
  Pending pending = host_.Execute(0, std::move(batch));
  co_return co_await std::move(pending);
}

}  // namespace tutti::runs
