#include "host/dispatch/approver.h"

#include <utility>

#include "host/dispatch/plugin_call.h"
#include "host/dispatch/surface_name.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

constexpr const char* kAsk = "approvals.ask";
constexpr const char* kWithdraw = "approvals.withdraw";
constexpr std::int64_t kWithdrawMs = 30000;

std::string OrEmptyObject(const std::string& json) {
  return json.empty() ? "{}" : json;
}

std::string ScopesOf(const CallContext& context) {
  JsonWriter writer;
  writer.BeginArray();
  for (const std::string& scope : context.scopes) {
    writer.Value(scope);
  }
  return writer.EndArray().Take();
}

std::string ArgsOf(const Question& question, const CallContext& context) {
  const std::string labels = OrEmptyObject(context.labels);
  const std::string_view tool_use_id = JsonMember(question.payload, "tool_use_id");
  JsonObject args;
  args("hook", question.hook)("point", question.point).Raw("payload", question.payload).Raw("ask", question.ask);
  args("run", context.run)("agent", context.agent)("stream", context.stream);
  args("tree", context.tree).Raw("labels", labels);
  args.Raw("tool_use_id", tool_use_id.empty() ? "\"\"" : tool_use_id);
  args("principal", context.principal)("surface", SurfaceName(context.surface)).Raw("scopes", ScopesOf(context));
  if (!context.approval.empty()) {
    args("approval", context.approval);
  }
  if (!question.command.empty()) {
    args.Raw("command", question.command);
  }
  return args.Take();
}

// The sentence that a person would have been asked.
std::string TextOf(const Question& question) {
  const Result<Json> ask = Json::Parse(question.ask);
  if (!ask.ok()) {
    return question.ask;
  }
  return std::string(ask->view().is_string() ? ask->view().AsString() : (*ask)["question"].AsString());
}

Status NobodyToAsk(const Question& question, const std::string& why) {
  return Status::PermissionDenied("this needs a person's approval, and " + why + ": " + TextOf(question));
}

Status Verdict(const Question& question, const std::string& reply) {
  const Result<Json> json = Json::Parse(reply);
  if (!json.ok()) {
    return NobodyToAsk(question, "the plugin that serves approvals.ask answered something that is no JSON");
  }
  const std::string_view answer = (*json)["answer"].AsString();
  if (answer == "allow") {
    return {};
  }
  if (answer == "deny") {
    return Status::PermissionDenied(std::string((*json)["reason"].AsString("a person denied it")));
  }
  if (answer == "pending" && !question.command.empty()) {
    const std::string id((*json)["approval"]["id"].AsString());
    return Status::FailedPrecondition("this waits for a person's approval (" + id +
                                      ") and runs once it is allowed: " + TextOf(question))
        .WithDetails(JsonObject().Raw("approval", (*json)["approval"].Dump()).Take());
  }
  return NobodyToAsk(question, "the plugin that serves approvals.ask answered neither allow nor deny");
}

}  // namespace

Task<Status> Approver::Ask(Question question, ContextPtr context, NodePtr parent) {
  if (!context->may_ask) {
    co_return NobodyToAsk(question, "nobody is asked on behalf of an approval, or of a run that has ended");
  }
  auto below = std::make_shared<CallContext>(*context);
  below->surface = TUTTI_SURFACE_INTERNAL;
  below->scopes = {"*"};
  below->may_ask = false;
  const ContextPtr asking = std::move(below);
  const std::string args = ArgsOf(question, *context);
  RoutingTablePtr table = routes_.Get();
  while (true) {
    const CommandRoute* route = table == nullptr ? nullptr : table->FindCommand(kAsk);
    if (route == nullptr || !route->quarantine.empty()) {
      co_return NobodyToAsk(question, "no approver is configured (tutti.hooks.approvals)");
    }
    const Result<std::string> reply = co_await Call(route, kAsk, args, asking, parent, 0);
    if (reply.ok()) {
      co_return Verdict(question, *reply);
    }
    if (parent != nullptr && CallTable::cancelled(*parent)) {
      co_await Withdraw(args, asking);
      co_return Status::Cancelled("it was cancelled while it waited for a person's approval");
    }
    // A plugin that was replaced leaves its questions to its successor.
    RoutingTablePtr next = co_await changeover_.Next(table, route->plugin);
    if (next == nullptr || next == table) {
      co_return NobodyToAsk(question, "nobody could be asked: " + std::string(reply.status().message()));
    }
    table = std::move(next);
  }
}

Task<Result<std::string>> Approver::Call(const CommandRoute* route, const char* command, std::string args,
                                         ContextPtr context, NodePtr parent, std::int64_t deadline_ms) {
  PluginCallSpec spec;
  spec.plugin = route->plugin;
  spec.context = std::move(context);
  spec.parent = std::move(parent);
  spec.deadline_ms = deadline_ms;
  spec.on_worker = true;
  spec.operation = &operation::kInvoke;
  spec.detail = command;
  spec.enter = [table = route->plugin->command(), command, text = std::move(args)](
                   void* self, const tutti_call_info& info) { table->invoke(self, &info, Str(command), Str(text)); };
  PluginCall call(executor_, calls_, std::move(spec));
  Result<std::string> result = co_await call;
  co_return result;
}

Task<void> Approver::Withdraw(std::string args, ContextPtr context) {
  const RoutingTablePtr table = routes_.Get();
  const CommandRoute* route = table == nullptr ? nullptr : table->FindCommand(kWithdraw);
  // What a stop cuts short goes on at the next start, and asks again.
  if (route == nullptr || !route->quarantine.empty() || calls_.is_stopping()) {
    co_return;
  }
  (void)co_await Call(route, kWithdraw, std::move(args), std::move(context), nullptr, NowMillis() + kWithdrawMs);
}

std::string_view PendingApproval(const Status& status) {
  return status.code() == Code::kFailedPrecondition ? JsonMember(status.details(), "approval") : std::string_view();
}

}  // namespace tutti::host
