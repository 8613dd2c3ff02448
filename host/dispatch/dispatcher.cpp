#include "host/dispatch/dispatcher.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "host/dispatch/argument_schema.h"
#include "host/dispatch/plugin_call.h"
#include "host/dispatch/surface_name.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

std::int64_t Micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Status CheckScopes(const CommandDefinition& definition, const CallContext& context) {
  const auto holds = [&](const std::string& scope) {
    return std::find(context.scopes.begin(), context.scopes.end(), scope) != context.scopes.end();
  };
  if (holds("*")) {
    return {};
  }
  for (const std::string& scope : definition.scopes) {
    if (!holds(scope)) {
      return Status::PermissionDenied(definition.name + " needs the scope " + scope + ", which " +
                                      (context.principal.empty() ? "the caller" : context.principal) +
                                      " does not hold");
    }
  }
  return {};
}

Status CheckServed(const CommandRoute& route) {
  if (route.quarantine.empty()) {
    return {};
  }
  const std::string plugin(route.plugin->id());
  return Status::Unavailable("the command " + route.definition.name + " is not served, for the plugin " + plugin +
                             " is in quarantine: " + route.quarantine + "; start it afresh with: tutti plugin enable " +
                             plugin);
}

constexpr std::string_view kStopped =
    "a person stopped this tool call before it was complete; what it had done until then stays done";

// The result of a call that was stopped: what it said for itself, and why it ended.
Result<std::string> StoppedResult(const Result<std::string>& result) {
  Result<Json> json = result.ok() ? Json::Parse(*result) : Result<Json>(result.status());
  if (!json.ok() || !(*json)["content"].is_array()) {
    return Status::Cancelled(std::string(kStopped));
  }
  rapidjson::Document& document = json->document();
  auto& allocator = document.GetAllocator();
  rapidjson::Value text(rapidjson::kObjectType);
  text.AddMember("type", "text", allocator);
  text.AddMember("text", rapidjson::Value(std::string(kStopped), allocator), allocator);
  document["content"].PushBack(text, allocator);
  document.RemoveMember("is_error");
  document.AddMember("is_error", true, allocator);
  return json->view().Dump();
}

// What a person is asked before a command that is declared `confirm`; empty: nobody is.
std::string ConfirmQuestion(const CommandDefinition& definition) {
  return definition.confirm
             ? "May " + definition.name + " run? It " +
                   (definition.effects == Effects::kDestructive ? "destroys data" : "is to be confirmed") + ": " +
                   definition.summary
             : "";
}

// A client's own command, for which no run waits: it can be kept and run when a person has allowed it. Not the opening
// of a WebSocket, which is nothing without its client.
bool IsKeptForApproval(const CommandCall& call) {
  const std::uint32_t surface = call.context->surface;
  const bool is_clients =
      surface == TUTTI_SURFACE_REST || surface == TUTTI_SURFACE_WEBSOCKET || surface == TUTTI_SURFACE_SLASH;
  const bool is_direct = call.parent == nullptr || surface == TUTTI_SURFACE_SLASH;
  return is_clients && is_direct && call.context->run.empty() && call.route->definition.websocket_path.empty();
}

// What a model is told of a call that failed.
std::string ErrorResponse(std::string_view message) {
  JsonWriter writer;
  writer.BeginObject().Key("content").BeginArray().BeginObject();
  writer.Key("type").Value("text").Key("text").Value(message).EndObject().EndArray();
  return writer.Key("is_error").Value(true).EndObject().Take();
}

}  // namespace

Dispatcher::Dispatcher(Executor& executor, CallTable& calls, Routes& routes, HookPipeline& hooks, Store& store,
                       Settings settings)
    : executor_(executor),
      calls_(calls),
      changeover_(executor, routes),
      hooks_(hooks),
      store_(store),
      settings_(settings) {}

void Dispatcher::Prepare(RoutingTable& table, const RoutingTable* before, std::vector<std::string>& problems) {
  static const auto anything = *ArgumentSchema::Compile(R"({"type":"object"})");
  for (const auto& route : table.mutable_commands()) {
    const CommandRoute* former = before != nullptr ? before->FindCommand(route->definition.name) : nullptr;
    const bool is_compiled = former != nullptr && former->schema != nullptr && former->schema != anything;
    if (is_compiled && former->definition.input == route->definition.input) {
      route->schema = former->schema;
      continue;
    }
    auto compiled = ArgumentSchema::Compile(route->definition.input);
    if (!compiled.ok()) {
      problems.push_back(route->definition.name + ": input: " + std::string(compiled.status().message()));
    }
    route->schema = compiled.ok() ? *compiled : anything;
  }
}

NodePtr Dispatcher::Run(CommandCall call, Done done) {
  CallTable::Spec spec;
  spec.starter = call.starter;
  spec.context = call.context;
  spec.parent = call.parent;
  spec.completion = done;
  Result<NodePtr> begun = calls_.Begin(std::move(spec));
  if (!begun.ok()) {
    done(begun.status());
    return nullptr;
  }
  const NodePtr node = std::move(*begun);
  if (call.started != nullptr) {
    *call.started = node->id;
  }
  // A plugin whose own thread was about to start something would otherwise hold up the stop for as long as that takes.
  if (calls_.is_stopping()) {
    calls_.Cancel(node);
  }
  auto path = [](Dispatcher* self, CommandCall owned, NodePtr of) -> Task<void> {
    Result<std::string> result = co_await self->RunPath(owned, of);
    self->calls_.Finish(of, std::move(result));
  };
  Spawn(path(this, std::move(call), node), [this, node](const std::exception_ptr&) {
    calls_.Finish(node, Status::Internal("the host failed while it ran the command"));
  });
  return calls_.Find(node->id);
}

Task<Result<std::string>> Dispatcher::RunPath(const CommandCall& call, NodePtr node) {
  const CommandRoute& route = *call.route;
  const std::int64_t begin = Micros();
  if (!(route.schema->accepts_empty() && (call.args.empty() || call.args == "{}"))) {
    const Result<Json> checked = route.schema->ParseAndCheck(call.args);
    if (!checked.ok()) {
      co_return checked.status();
    }
  }
  if (Status status = CheckScopes(route.definition, *call.context); !status.ok()) {
    co_return status;
  }
  if (Status status = CheckServed(route); !status.ok()) {
    co_return status;
  }
  const bool is_tool = call.context->surface == TUTTI_SURFACE_TOOL;
  Result<std::string> result = std::string();
  if (is_tool) {
    result = co_await RunTool(call, node);
  } else {
    result = co_await RunOther(call, node);
  }
  if (settings_.audit && route.definition.effects != Effects::kRead) {
    Audit(call, result, Micros() - begin);
  }
  co_return result;
}

Task<Result<std::string>> Dispatcher::RunOther(const CommandCall& call, NodePtr node) {
  const CommandDefinition& definition = call.route->definition;
  const std::string_view args = call.args.empty() ? std::string_view("{}") : std::string_view(call.args);
  const bool has_before = HookPipeline::HasPoint(*call.routes, "command.before");
  const bool has_after = HookPipeline::HasPoint(*call.routes, "command.after");
  const std::string confirm = ConfirmQuestion(definition);
  if (!has_before && !has_after && confirm.empty()) {
    Result<std::string> direct = co_await CallPlugin(call, node, args);
    co_return direct;
  }
  const std::string surface = SurfaceName(call.context->surface);
  std::string used(args);
  if (has_before || !confirm.empty()) {
    std::vector<HookEntry> before;
    before.push_back({"command.before",
                      JsonObject()("command", definition.name)("surface", surface).Raw("args", used).Take(), confirm});
    if (IsKeptForApproval(call)) {
      before.front().command = JsonObject()("name", definition.name).Raw("args", args).Take();
    }
    const std::string fired = before.front().payload;
    const Status verdict = co_await hooks_.Fire(before, call.context, node, call.starter);
    if (!verdict.ok()) {
      co_return verdict;
    }
    if (before.front().payload != fired) {
      used = JsonMember(before.front().payload, "args");
      const Result<Json> checked = call.route->schema->ParseAndCheck(used);
      if (!checked.ok()) {
        co_return checked.status();
      }
    }
  }
  const std::int64_t begin = Micros();
  Result<std::string> result = co_await CallPlugin(call, node, used);
  if (has_after) {
    std::vector<HookEntry> after;
    const std::string code = tutti_status_find(static_cast<tutti_code>(result.status().code()))->name;
    after.push_back({"command.after", JsonObject()("command", definition.name)("surface", surface)("code", code)(
                                          "duration_ms", (Micros() - begin) / 1000)
                                          .Raw("args", used)
                                          .Take()});
    (void)co_await hooks_.Fire(after, call.context, node, call.starter);
  }
  co_return result;
}

Task<Result<std::string>> Dispatcher::RunTool(const CommandCall& call, NodePtr node) {
  const std::string& tool = call.route->definition.tool_name;
  const std::string args = call.args.empty() ? "{}" : call.args;
  const ToolCalls::Entry entry(tool_calls_, call.context->run, call.tool_use_id, node);
  std::vector<HookEntry> entries;
  entries.push_back({"PreToolUse",
                     JsonObject()("tool_name", tool)("tool_use_id", call.tool_use_id).Raw("tool_input", args).Take(),
                     ConfirmQuestion(call.route->definition)});
  const std::string fired = entries.front().payload;
  const Status verdict = co_await hooks_.Fire(entries, call.context, node, call.starter);
  if (entry.is_stopped()) {
    co_return Status::Cancelled("a person stopped this tool call before it began");
  }
  if (!verdict.ok()) {
    co_return verdict;
  }
  std::string used = args;
  if (entries.front().payload != fired) {
    used = JsonMember(entries.front().payload, "tool_input");
    const Result<Json> checked = call.route->schema->ParseAndCheck(used);
    if (!checked.ok()) {
      co_return checked.status();
    }
  }
  const std::int64_t begin = Micros();
  Result<std::string> result = co_await CallPlugin(call, node, used);
  if (entry.is_stopped()) {
    result = StoppedResult(result);
  }
  const std::string response = result.ok() ? *result : ErrorResponse(result.status().message());
  const bool is_error = !result.ok() || JsonMember(response, "is_error") == "true";
  entries.clear();
  entries.push_back({"PostToolUse", JsonObject()("tool_name", tool)("tool_use_id", call.tool_use_id)(
                                        "is_error", is_error)("duration_ms", (Micros() - begin) / 1000)
                                        .Raw("tool_input", used)
                                        .Raw("tool_response", response)
                                        .Take()});
  const std::string recorded = entries.front().payload;
  const Status after = co_await hooks_.Fire(entries, call.context, node, call.starter);
  if (!after.ok()) {
    co_return after;
  }
  if (entries.front().payload != recorded) {
    co_return std::string(JsonMember(entries.front().payload, "tool_response"));
  }
  co_return result;
}

PluginCallSpec Dispatcher::SpecOf(const CommandRoute& route, const CommandCall& call, NodePtr node,
                                  std::string_view args) const {
  const CommandDefinition& definition = route.definition;
  const std::int64_t own = route.plugin->spec().call_timeout.count();
  const std::int64_t timeout = definition.timeout_ms != 0 ? definition.timeout_ms
                               : own != 0                 ? own
                                                          : settings_.timeout_ms;
  PluginCallSpec spec;
  spec.plugin = route.plugin;
  spec.context = call.context;
  spec.parent = std::move(node);
  spec.starter = call.starter;
  spec.deadline_ms = timeout < 0 ? 0 : NowMillis() + timeout;
  spec.on_worker = !definition.nonblocking;
  spec.operation = &operation::kInvoke;
  spec.detail = definition.name;
  spec.enter = [table = route.plugin->command(), name = definition.name, text = std::string(args)](
                   void* self, const tutti_call_info& info) { table->invoke(self, &info, Str(name), Str(text)); };
  return spec;
}

Task<Result<std::string>> Dispatcher::CallPlugin(const CommandCall& call, NodePtr node, std::string_view args) {
  RoutingTablePtr table = call.routes;
  const CommandRoute* route = call.route;
  CallNode::EventSink on_event = call.on_event;
  while (true) {
    PluginCallSpec spec = SpecOf(*route, call, node, args);
    spec.on_event = std::move(on_event);
    PluginCall plugin_call(executor_, calls_, std::move(spec));
    Result<std::string> result = co_await plugin_call;
    if (!plugin_call.is_refused()) {
      co_return result;
    }
    on_event = std::move(plugin_call.TakeSpec().on_event);
    RoutingTablePtr next = co_await changeover_.Next(table, route->plugin);
    if (next == nullptr) {
      co_return result;
    }
    const CommandRoute* found = next->FindCommand(route->definition.name);
    if (found == nullptr) {
      co_return Status::Unavailable("the command " + route->definition.name + " was switched off with its plugin " +
                                    std::string(route->plugin->id()));
    }
    if (found != route) {
      // Another version of the plugin may ask for other arguments and scopes.
      if (Status status = CheckScopes(found->definition, *call.context); !status.ok()) {
        co_return status;
      }
      if (Status status = CheckServed(*found); !status.ok()) {
        co_return status;
      }
      if (found->definition.confirm && !route->definition.confirm) {
        co_return Status::Unavailable("the command " + found->definition.name +
                                      " was replaced on the way by one that needs a person's approval; call it again");
      }
      const Result<Json> checked = found->schema->ParseAndCheck(args);
      if (!checked.ok()) {
        co_return checked.status();
      }
    }
    table = std::move(next);
    route = found;
  }
}

void Dispatcher::Audit(const CommandCall& call, const Result<std::string>& result, std::int64_t micros) {
  const CallContext& context = *call.context;
  Batch batch;
  batch.Add(
      Op::Insert("host.audit",
                 JsonObject()("id", NewUuid())("time", NowIso())("command", call.route->definition.name)(
                     "surface", SurfaceName(context.surface))("principal", context.principal)("caller", call.starter)(
                     "run", context.run)("agent", context.agent)("trace", context.trace)("duration_ms", micros / 1000)(
                     "code", tutti_status_find(static_cast<tutti_code>(result.status().code()))->name)
                     .Take()));
  auto write = [](Store* store, std::vector<BatchPart> parts, ContextPtr of) -> Task<void> {
    (void)co_await store->Execute(std::move(parts), std::move(of), nullptr);
  };
  std::vector<BatchPart> parts;
  parts.push_back({"tutti.host", batch.Ops()});
  // That something was tried is nothing that was applied.
  auto own = std::make_shared<CallContext>(context);
  own->idempotency = nullptr;
  Spawn(write(&store_, std::move(parts), std::move(own)), [](const std::exception_ptr&) {});
}

}  // namespace tutti::host
