#include "tutti/sdk/plugin.hpp"

#include <future>
#include <memory>

#include "run_queue.h"
#include "run_rows.h"
#include "run_starter.h"
#include "tutti/sdk/callback.hpp"
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::runs {
namespace {

constexpr const char* kStart = R"({
  "name": "runs.start", "summary": "Starts a run and answers when it has ended.", "effects": "write", "surfaces": [],
  "timeout_ms": 86400000,
  "input": {"type": "object", "required": ["run", "conversation", "agent", "stream", "prompt"],
    "properties": {
      "run": {"type": "string", "format": "uuid"}, "conversation": {"type": "string"}, "agent": {"type": "string"},
      "stream": {"type": "string"}, "labels": {"type": "object"}, "model": {"type": "string"},
      "system": {"type": "string"}, "thinking": {"type": "object"}, "max_tokens": {"type": "integer"},
      "tools": {"type": "array", "items": {"type": "string"}}, "max_turns": {"type": "integer", "minimum": 1},
      "compact": {"type": "object", "properties": {"trigger": {"enum": ["manual", "auto"]},
        "instructions": {"type": "string"}}},
      "prompt": {"type": "string"}, "busy": {"enum": ["queue", "replace", "refuse"]}, "key": {"type": "string"}}}})";

constexpr const char* kInterrupt = R"({
  "name": "runs.interrupt", "summary": "Stops a run, or every run of an agent, and answers when they have stopped.",
  "effects": "write", "idempotent": true, "surfaces": [],
  "input": {"type": "object", "properties": {"run": {"type": "string"}, "agent": {"type": "string"}}}})";

constexpr const char* kGet = R"({
  "name": "runs.get", "summary": "One run with its state and totals.", "effects": "read",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/run RUN"},
  "input": {"type": "object", "required": ["run"], "properties": {"run": {"type": "string"}}},
  "rest": [{"method": "GET", "path": "/v1/runs/{run}", "errors": "problem"}]})";

constexpr const char* kList = R"({
  "name": "runs.list", "summary": "The newest runs first.", "effects": "read",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/runs [STATUS]"},
  "input": {"type": "object", "properties": {
    "agent": {"type": "string"}, "conversation": {"type": "string"},
    "status": {"enum": ["queued", "running", "waiting", "done", "failed", "interrupted"]},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}}},
  "rest": [{"method": "GET", "path": "/v1/runs", "errors": "problem"}]})";

constexpr std::chrono::seconds kStartLimit{60};

}  // namespace

class RunsPlugin {
 public:
  explicit RunsPlugin(Host host) : host_(host) {
    commands_.Add(kStart, [this](Call call, JsonView args) { return starter_->Start(std::move(call), args); });
    commands_.Add(kInterrupt, [this](Call, JsonView args) { return Interrupt(args); });
    commands_.Add(kGet, [this](Call call, JsonView args) { return Get(std::move(call), args); });
    commands_.Add(kList, [this](Call call, JsonView args) { return List(std::move(call), args); });
  }

  Status Init(const Config& config) {
    queue_ = std::make_unique<RunQueue>(static_cast<std::size_t>(config["max_waiting"].AsInt(32)),
                                        [host = host_](tutti_call handle) { host.Cancel(handle); });
    starter_ =
        std::make_unique<RunStarter>(host_, *queue_, static_cast<std::size_t>(config["max_messages"].AsInt(2000)));
    return {};
  }

  Status Activate() {
    Batch batch;
    batch.Add(InterruptUnfinished());
    auto answer = std::make_shared<std::promise<Status>>();
    std::future<Status> stored = answer->get_future();
    (void)Begin(host_.Execute(0, batch.Take()),
                [answer](const Result<std::string>& result) { answer->set_value(result.status()); });
    if (stored.wait_for(kStartLimit) != std::future_status::ready) {
      return Status::DeadlineExceeded("the storage did not answer within 60 s when unfinished runs were to be marked");
    }
    return stored.get();
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

  HookReply OnPoint(const Point& point, std::string_view payload, const Call& call) {
    const std::optional<std::string> conversation = queue_->Conversation(call.run());
    if (!conversation) {
      return HookReply::Allow();
    }
    const Result<Json> message = Json::Parse(payload);
    if (!message.ok()) {
      return HookReply::Fail(message.status());
    }
    const std::string content = (*message)["content"].Dump();
    Batch batch;
    const bool is_summary = (*message)["is_summary"].AsBool();
    if (is_summary) {
      batch.Add(ForgetSummary(*conversation));
    }
    batch.Add(InsertMessage({.run = call.run(),
                             .conversation = *conversation,
                             .number = (*message)["number"].AsInt(),
                             .role = (*message)["role"].AsString(),
                             .content = content,
                             .time_us = point.time_us,
                             .is_summary = is_summary}));
    return HookReply::Record(batch.Ops());
  }

 private:
  Task<Result<std::string>> Interrupt(JsonView args) {
    const std::string run(args["run"].AsString());
    const std::string agent(args["agent"].AsString());
    if (run.empty() == agent.empty()) {
      co_return Status::InvalidArgument("runs.interrupt needs either \"run\" or \"agent\"");
    }
    Callback<std::size_t> stopped([queue = queue_.get(), run, agent, host = host_](auto done) {
      queue->Interrupt(run, agent, [done, host](std::size_t count) {
        if (!host.Post([done, count] { done(count); }).ok()) {
          done(count);
        }
      });
    });
    const std::size_t count = co_await stopped;
    co_return JsonObject()("interrupted", count).Take();
  }

  Task<Result<std::string>> Get(Call call, JsonView args) {
    const std::string run(args["run"].AsString());
    if (!IsUuid(run)) {
      co_return Status::InvalidArgument("a run's id is a UUID, found \"" + CleanUtf8(Utf8Prefix(run, 60)) + "\"");
    }
    Batch batch;
    batch.Add(GetRun(run));
    Pending pending = host_.Execute(call.id(), batch.Take());
    Result<std::string> result = co_await std::move(pending);
    if (!result.ok()) {
      co_return result;
    }
    const StoreReply reply(std::move(*result));
    const std::string_view rows = reply.Rows(0);
    if (rows.size() <= 2) {
      co_return Status::NotFound("there is no run " + run);
    }
    co_return std::string(rows.substr(1, rows.size() - 2));
  }

  Task<Result<std::string>> List(Call call, JsonView args) {
    Batch batch;
    batch.Add(ListRuns(args));
    Pending pending = host_.Execute(call.id(), batch.Take());
    Result<std::string> result = co_await std::move(pending);
    if (!result.ok()) {
      co_return result;
    }
    const StoreReply reply(std::move(*result));
    co_return JsonObject().Raw("runs", reply.Rows(0)).Raw("count", reply.Member(0, "count")).Take();
  }

  Host host_;
  CommandSet commands_;
  std::unique_ptr<RunQueue> queue_;
  std::unique_ptr<RunStarter> starter_;
};

}  // namespace tutti::runs

TUTTI_PLUGIN(tutti::runs::RunsPlugin, "tutti.commands.runs", "0.1.0")
