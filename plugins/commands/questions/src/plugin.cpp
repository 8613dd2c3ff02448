#include "tutti/sdk/plugin.hpp"

#include <future>
#include <memory>

#include "asking.h"
#include "question_rows.h"
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/execute.hpp"
#include "waiting_room.h"

namespace tutti::questions {
namespace {

constexpr const char* kAsk = R"({
  "name": "questions.ask", "effects": "read", "surfaces": ["tool"], "timeout_ms": 86400000,
  "summary": "Asks the user one to four questions with options to choose from, and waits for the answer. The user may also answer in own words. Use it when a decision is the user's and cannot be found out otherwise.",
  "tool": {"name": "AskUserQuestion"},
  "input": {"type": "object", "required": ["questions"], "properties": {
    "questions": {"type": "array", "minItems": 1, "maxItems": 4, "items": {
      "type": "object", "required": ["question", "options"], "properties": {
        "question": {"type": "string", "minLength": 1, "maxLength": 4000, "description": "The whole question, ending with a question mark."},
        "header": {"type": "string", "maxLength": 100, "description": "A label of one or two words."},
        "options": {"type": "array", "minItems": 2, "maxItems": 4, "items": {
          "type": "object", "required": ["label"], "properties": {
            "label": {"type": "string", "minLength": 1, "maxLength": 300},
            "description": {"type": "string", "maxLength": 4000, "description": "What choosing it means."}}}},
        "multiSelect": {"type": "boolean", "default": false, "description": "Whether several options may be chosen."}}}}}}})";

constexpr const char* kAnswer = R"({
  "name": "questions.answer", "summary": "Answers an open question; the first answer counts.", "effects": "write",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/answer ID ANSWER..."},
  "input": {"type": "object", "required": ["id"], "additionalProperties": false, "properties": {
    "id": {"type": "string"},
    "answer": {"type": "string", "minLength": 1, "maxLength": 20000, "description": "Of a single question."},
    "answers": {"type": "object", "additionalProperties": {"anyOf": [
      {"type": "string", "minLength": 1, "maxLength": 20000},
      {"type": "array", "minItems": 1, "maxItems": 20, "items": {"type": "string", "minLength": 1, "maxLength": 20000}}]}}}},
  "rest": [{"method": "POST", "path": "/v1/questions/{id}/answer", "errors": "problem"}]})";

constexpr const char* kList = R"({
  "name": "questions.list", "summary": "Questions of agents, the newest first.", "effects": "read",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/questions [STATUS]"},
  "input": {"type": "object", "properties": {
    "status": {"enum": ["open", "answered", "expired", "cancelled"]},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}}},
  "rest": [{"method": "GET", "path": "/v1/questions", "errors": "problem"}]})";

constexpr std::size_t kClosedAtOnce = 200;
constexpr std::chrono::seconds kStartLimit{60};

}  // namespace

class QuestionsPlugin {
 public:
  explicit QuestionsPlugin(Host host) : host_(host) {
    commands_.Add(kAsk, [this](Call call, JsonView args) { return asking_->Ask(std::move(call), args); });
    commands_.Add(kAnswer, [this](Call call, JsonView args) { return asking_->Answer(std::move(call), args); });
    commands_.Add(kList, [this](Call call, JsonView args) { return List(std::move(call), args); });
  }

  Status Init(const Config& config) {
    room_ = std::make_unique<WaitingRoom>(static_cast<std::size_t>(config["max_open"].AsInt(100)));
    const std::chrono::milliseconds expiry(config["expiry_ms"].AsInt(3600000));
    asking_ = std::make_unique<Asking>(host_, *room_, expiry);
    return {};
  }

  // Whoever asked in a former process is gone.
  Status Activate() {
    auto answer = std::make_shared<std::promise<Status>>();
    std::future<Status> closed = answer->get_future();
    auto close = [](Host host, std::shared_ptr<std::promise<Status>> to) -> Task<void> {
      Status status = co_await CloseLeftOver(host);
      to->set_value(std::move(status));
    };
    Spawn(close(host_, answer), [answer](const std::exception_ptr& thrown) { answer->set_exception(thrown); });
    if (closed.wait_for(kStartLimit) != std::future_status::ready) {
      return Status::DeadlineExceeded("the storage did not answer within 60 s when old questions were to be closed");
    }
    return closed.get();
  }

  void Deactivate() { room_->EndAll(Ending::kCancelled); }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

 private:
  static Task<Status> CloseLeftOver(Host host) {
    for (;;) {
      const Result<StoreReply> found = co_await Execute(host, 0, OpenOnesBatch(kClosedAtOnce));
      if (!found.ok()) {
        co_return found.status();
      }
      const Result<Json> rows = Json::Parse(found->Rows(0));
      if (!rows.ok() || rows->view().size() == 0) {
        co_return rows.status();
      }
      const Closing closing{"cancelled", {}, {}, "the server stopped while the question was open"};
      const Result<StoreReply> closed = co_await Execute(host, 0, CloseAllBatch(rows->view(), closing));
      if (!closed.ok()) {
        co_return closed.status();
      }
    }
  }

  Task<Result<std::string>> List(Call call, JsonView args) const {
    const Result<StoreReply> reply = co_await Execute(host_, call.id(), ListBatch(args));
    if (!reply.ok()) {
      co_return reply.status();
    }
    co_return JsonObject().Raw("questions", reply->Rows(0)).Raw("count", reply->Member(0, "count")).Take();
  }

  const Host host_;
  CommandSet commands_;
  std::unique_ptr<WaitingRoom> room_;
  std::unique_ptr<Asking> asking_;
};

}  // namespace tutti::questions

TUTTI_PLUGIN(tutti::questions::QuestionsPlugin, "tutti.commands.questions", "0.1.0")
