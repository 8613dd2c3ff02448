#include "tutti/sdk/plugin.hpp"

#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "answering.h"
#include "approval_rows.h"
#include "asking.h"
#include "lasting_rules.h"
#include "rule_set.h"
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"
#include "upkeep.h"
#include "waiting_room.h"

namespace tutti::approvals {
namespace {

constexpr const char* kAsk = R"({
  "name": "approvals.ask", "summary": "Asks a person and answers what was answered.", "effects": "write", "surfaces": [],
  "timeout_ms": 2592000000, "input": {"type": "object", "required": ["hook", "point", "payload", "ask"], "properties": {
    "hook": {"type": "string"}, "point": {"type": "string"}, "payload": {"type": "object"}}}})";

constexpr const char* kWithdraw = R"({
  "name": "approvals.withdraw", "summary": "What was asked with these arguments is not wanted any more.",
  "effects": "write", "surfaces": [], "input": {"type": "object", "required": ["hook", "point", "payload"]}})";

constexpr const char* kList = R"({
  "name": "approvals.list", "summary": "What agents and clients asked a person for, the newest first.", "effects": "read",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/approvals [STATUS]"},
  "input": {"type": "object", "properties": {
    "status": {"enum": ["pending", "allowed", "denied", "expired", "cancelled"]},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}}},
  "rest": [{"method": "GET", "path": "/v1/approvals", "errors": "problem"}]})";

constexpr const char* kGet = R"({
  "name": "approvals.get", "summary": "One approval, with the result of its command when that was kept.", "effects": "read",
  "surfaces": ["rest", "websocket"],
  "input": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
  "rest": [{"method": "GET", "path": "/v1/approvals/{id}", "errors": "problem"}]})";

constexpr const char* kAnswer = R"({
  "name": "approvals.answer", "summary": "Allows or denies what is asked for; the first answer counts.", "effects": "write",
  "surfaces": ["rest", "websocket"], "scopes": ["approvals.answer"],
  "input": {"type": "object", "required": ["id", "answer"], "additionalProperties": false, "properties": {
    "id": {"type": "string"},
    "answer": {"enum": ["allow", "deny"]},
    "always": {"type": "boolean", "default": false, "description": "Also writes the rule that the approval shows as \"always\"."},
    "reason": {"type": "string", "maxLength": 4000},
    "amount": {"type": "number", "description": "Where the question is about one, such as a budget: up to how much."}}},
  "rest": [{"method": "POST", "path": "/v1/approvals/{id}", "errors": "problem"}]})";

constexpr const char* kApprove = R"({
  "name": "approvals.approve", "summary": "Allows what is asked for; with \"always\" also from now on.", "effects": "write",
  "surfaces": ["slash"], "scopes": ["approvals.answer"], "slash": {"usage": "/approve ID [ALWAYS]"},
  "input": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "always": {"enum": ["always"]}}}})";

constexpr const char* kDeny = R"({
  "name": "approvals.deny", "summary": "Denies what is asked for.", "effects": "write",
  "surfaces": ["slash"], "scopes": ["approvals.answer"], "slash": {"usage": "/deny ID [REASON...]"},
  "input": {"type": "object", "required": ["id"], "properties": {
    "id": {"type": "string"}, "reason": {"type": "string", "maxLength": 4000}}}})";

constexpr const char* kRules = R"({
  "name": "approvals.rules", "summary": "What was allowed for good.", "effects": "read",
  "surfaces": ["rest", "websocket", "slash"], "slash": {"usage": "/approval-rules"},
  "input": {"type": "object", "properties": {"limit": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 200}}},
  "rest": [{"method": "GET", "path": "/v1/approval-rules", "errors": "problem"}]})";

constexpr const char* kForget = R"({
  "name": "approvals.forget", "summary": "Removes a lasting rule: what it allowed is asked for again.", "effects": "destructive",
  "surfaces": ["rest", "websocket", "slash"], "scopes": ["approvals.answer"], "slash": {"usage": "/approval-forget ID"},
  "input": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
  "rest": [{"method": "DELETE", "path": "/v1/approval-rules/{id}", "errors": "problem"}]})";

constexpr std::chrono::seconds kStartLimit{60};
constexpr std::size_t kShownBytes = 300;

std::string Shown(const ToolCall& call) {
  const std::string what = call.is_shell()             ? call.line()
                           : !call.real_path().empty() ? call.real_path()
                                                       : call.input().Dump();
  const std::string_view begin = Utf8Prefix(what, kShownBytes);
  return call.tool() + ": " + CleanUtf8(begin) + (begin.size() < what.size() ? "..." : "");
}

}  // namespace

class ApprovalsPlugin {
 public:
  explicit ApprovalsPlugin(Host host) : host_(host) {
    commands_.Add(kAsk, [this](Call call, JsonView args) { return asking_->Ask(std::move(call), args); });
    commands_.Add(kWithdraw, [this](const Call&, JsonView args) { return asking_->Withdraw(args); });
    commands_.Add(kList, [this](Call call, JsonView args) { return List(std::move(call), args); });
    commands_.Add(kGet, [this](Call call, JsonView args) { return Get(std::move(call), args); });
    commands_.Add(kAnswer, [this](Call call, JsonView args) { return TakeAnswer(std::move(call), args); });
    commands_.Add(kApprove, [this](Call call, JsonView args) { return Approve(std::move(call), args); });
    commands_.Add(kDeny, [this](Call call, JsonView args) { return Deny(std::move(call), args); });
    commands_.Add(kRules, [this](Call call, JsonView args) { return Rules(std::move(call), args); });
    commands_.Add(kForget, [this](Call call, JsonView args) { return Forget(std::move(call), args); });
  }

  Status Init(const Config& config) {
    const char* home = std::getenv("HOME");
    Surroundings around;
    around.home = home != nullptr ? home : "";
    std::error_code error;
    const std::string directory(config["working_dir"].AsString("."));
    const std::filesystem::path absolute = std::filesystem::absolute(directory.empty() ? "." : directory, error);
    const std::filesystem::path real = std::filesystem::weakly_canonical(absolute, error);
    around.directory = (error ? absolute.lexically_normal() : real).string();
    around.max_command_bytes = static_cast<std::size_t>(config["max_command_bytes"].AsInt(64 * 1024));
    Result<RuleSet> rules = RuleSet::Parse(config.view(), std::move(around));
    if (!rules.ok()) {
      return rules.status();
    }
    rules_ = std::make_unique<RuleSet>(std::move(*rules));
    AskingLimits limits;
    limits.expiry = std::chrono::milliseconds(config["expiry_ms"].AsInt(limits.expiry.count()));
    limits.max_pending = static_cast<std::size_t>(config["max_pending"].AsInt(200));
    limits.max_result_bytes = static_cast<std::size_t>(config["max_result_bytes"].AsInt(256 * 1024));
    asking_ = std::make_unique<Asking>(host_, *rules_, room_, limits);
    upkeep_ = std::make_unique<Upkeep>(host_, *asking_, *rules_, lasting_, room_,
                                       std::chrono::milliseconds(config["poll_ms"].AsInt(2000)));
    answering_ = std::make_unique<Answering>(host_, *asking_, room_, [this] { return Reload(); });
    return {};
  }

  // Lasting rules count from the first call on.
  Status Activate() {
    auto answer = std::make_shared<std::promise<Status>>();
    std::future<Status> read = answer->get_future();
    auto sweep = [](Upkeep* upkeep, std::shared_ptr<std::promise<Status>> to) -> Task<void> {
      Status status = co_await upkeep->Sweep();
      to->set_value(std::move(status));
    };
    Spawn(sweep(upkeep_.get(), answer), [answer](const std::exception_ptr& thrown) { answer->set_exception(thrown); });
    if (read.wait_for(kStartLimit) != std::future_status::ready) {
      return Status::DeadlineExceeded("the storage did not answer within 60 s when the lasting rules were to be read");
    }
    if (Status status = read.get(); !status.ok()) {
      return status;
    }
    upkeep_->Start();
    return {};
  }

  void Deactivate() {
    upkeep_->Stop();
    room_.CancelAll();
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

  HookReply OnPoint(const Point& point, std::string_view payload, const Call& call) {
    if (point.name != "PreToolUse") {
      return HookReply::Allow();
    }
    const Result<Json> json = Json::Parse(payload);
    if (!json.ok()) {
      return HookReply::Fail(json.status());
    }
    const Result<Json> labels = Json::Parse(call.labels().empty() ? std::string_view("{}") : call.labels());
    Caller caller;
    caller.agent = call.agent();
    if (labels.ok()) {
      caller.agent_name = (*labels)["agent_name"].AsString();
      caller.agent_template = (*labels)["template"].AsString();
    }
    const ToolCall tool((*json)["tool_name"].AsString(), (*json)["tool_input"], rules_->around());
    const Decision decision = lasting_.Decide(*rules_, tool, caller);
    if (decision.verdict == Verdict::kAllow) {
      return HookReply::Allow();
    }
    host_.Log(TUTTI_LOG_INFORMATION, "a rule stops a tool call",
              JsonObject()("tool", tool.tool())("rule", decision.rule)("run", call.run())(
                  "asks", decision.verdict == Verdict::kAsk)
                  .Take());
    if (decision.verdict == Verdict::kDeny) {
      return HookReply::Deny(decision.reason);
    }
    const std::string who = caller.agent_name.empty() ? "an agent" : caller.agent_name;
    JsonObject ask;
    ask("question", "May " + who + " use " + Shown(tool) + "?")("kind", "rule");
    ask.Raw("detail", JsonObject()("rule", decision.rule)("reason", decision.reason).Take());
    return HookReply::AskFor(ask.Take());
  }

  // A run that has ended needs no answers.
  void OnEvents(std::span<const tutti_event> events) {
    for (const tutti_event& event : events) {
      const Result<Json> json = Json::Parse(View(event.data));
      const std::string_view to = json.ok() ? (*json)["to"].AsString() : std::string_view();
      if (View(event.type) != "RunState" || (to != "done" && to != "failed" && to != "interrupted")) {
        continue;
      }
      auto withdraw = [](const Asking* asking, std::string run) -> Task<void> {
        co_await asking->WithdrawRun(std::move(run));
      };
      Spawn(withdraw(asking_.get(), std::string((*json)["run"].AsString())), [](const std::exception_ptr&) {});
    }
  }

 private:
  Task<void> Reload() const {
    const Status status = co_await upkeep_->Sweep();
    if (!status.ok()) {
      host_.Log(TUTTI_LOG_WARNING, "the lasting rules could not be read again; they will be shortly",
                JsonObject()("error", status.ToString()).Take());
    }
  }

  Task<Result<std::string>> List(Call call, JsonView args) const {
    const Result<StoreReply> reply =
        co_await Execute(host_, call.id(), ListBatch(args["status"].AsString(), args["limit"].AsInt(50)));
    if (!reply.ok()) {
      co_return reply.status();
    }
    co_return JsonObject().Raw("approvals", reply->Rows(0)).Raw("count", reply->Member(0, "count")).Take();
  }

  Task<Result<std::string>> Get(Call call, JsonView args) const {
    const Result<Json> row = co_await answering_->Find(call, std::string(args["id"].AsString()));
    if (!row.ok()) {
      co_return row.status();
    }
    co_return row->view().Dump();
  }

  Task<Result<std::string>> TakeAnswer(Call call, JsonView args) const {
    Answer answer;
    answer.id = args["id"].AsString();
    answer.is_allow = args["answer"].AsString() == "allow";
    answer.is_always = args["always"].AsBool();
    answer.reason = args["reason"].AsString();
    answer.amount = args["amount"].is_number() ? args["amount"].Dump() : std::string();
    Result<std::string> given = co_await answering_->Give(std::move(call), std::move(answer));
    co_return given;
  }

  Task<Result<std::string>> Approve(Call call, JsonView args) const {
    Answer answer;
    answer.id = args["id"].AsString();
    answer.is_allow = true;
    answer.is_always = args["always"].is_string();
    Result<std::string> given = co_await answering_->Give(std::move(call), std::move(answer));
    co_return given;
  }

  Task<Result<std::string>> Deny(Call call, JsonView args) const {
    Answer answer;
    answer.id = args["id"].AsString();
    answer.reason = args["reason"].AsString();
    Result<std::string> given = co_await answering_->Give(std::move(call), std::move(answer));
    co_return given;
  }

  Task<Result<std::string>> Rules(Call call, JsonView args) const {
    const Result<StoreReply> reply = co_await Execute(host_, call.id(), RulesBatch(args["limit"].AsInt(200)));
    if (!reply.ok()) {
      co_return reply.status();
    }
    co_return JsonObject().Raw("rules", reply->Rows(0)).Raw("count", reply->Member(0, "count")).Take();
  }

  Task<Result<std::string>> Forget(Call call, JsonView args) const {
    const std::string id(args["id"].AsString());
    if (!IsUuid(id)) {
      co_return Status::InvalidArgument("a rule's id is a UUID, found \"" + CleanUtf8(Utf8Prefix(id, 60)) + "\"");
    }
    const Result<StoreReply> reply = co_await Execute(host_, call.id(), RemoveRuleBatch(id));
    if (!reply.ok()) {
      co_return reply.status();
    }
    co_await Reload();
    co_return JsonObject()("id", id)("removed", true).Take();
  }

  const Host host_;
  CommandSet commands_;
  WaitingRoom room_;
  LastingRules lasting_;
  std::unique_ptr<RuleSet> rules_;
  std::unique_ptr<Asking> asking_;
  std::unique_ptr<Upkeep> upkeep_;
  std::unique_ptr<Answering> answering_;
};

}  // namespace tutti::approvals

TUTTI_PLUGIN(tutti::approvals::ApprovalsPlugin, "tutti.hooks.approvals", "0.1.0")
