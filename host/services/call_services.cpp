// Services that start calls or act on them: calls, commands, store, models, runtimes, templates, hooks.
#include <algorithm>
#include <utility>

#include "host/services/admit.h"
#include "host/services/reply_to.h"
#include "host/services/tables.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

// A struct that a plugin did not fill as far as revision 1 goes.
Status TooSmall(const char* name, std::uint32_t size, std::size_t needed) {
  return Status::InvalidArgument(std::string("expected a ") + name + " of at least " + std::to_string(needed) +
                                 " bytes, found size " + std::to_string(size) + "; set its `size` to sizeof");
}

// Makes a node for a call that the host runs as a coroutine; its end goes to `reply`. `make(node)` gives the coroutine.
template <typename Make>
void Start(const Caller& caller, Origin origin, const ReplyTo& reply, tutti_call* started, Make make) {
  Core& core = *caller.core;
  CallTable::Spec spec;
  spec.starter = caller.plugin->id();
  spec.context = origin.context;
  spec.parent = origin.parent;
  spec.completion = reply;
  Result<NodePtr> begun = core.calls.Begin(std::move(spec));
  if (!begun.ok()) {
    reply(begun.status());
    return;
  }
  const NodePtr node = std::move(*begun);
  if (started != nullptr) {
    *started = node->id;
  }
  auto run = [](Core* of, NodePtr call, Make body) -> Task<void> {
    Result<std::string> result = co_await body(call);
    of->calls.Finish(call, std::move(result));
  };
  Spawn(run(&core, node, std::move(make)), [&core, node](const std::exception_ptr&) {
    core.calls.Finish(node, Status::Internal("the host failed while it ran the call"));
  });
}

// ---- calls

tutti_code Emit(const tutti_host* host, tutti_call call, tutti_str event) {
  const Caller caller = Admit(host);
  return caller ? caller.core->calls.Emit(call, caller.plugin->id(), std::string(View(event)))
                : TUTTI_FAILED_PRECONDITION;
}

tutti_code EmitWait(const tutti_host* host, tutti_call call, tutti_str event, std::uint32_t timeout_ms) {
  const Caller caller = Admit(host);
  return caller ? caller.core->calls.EmitWait(call, caller.plugin->id(), std::string(View(event)),
                                              std::chrono::milliseconds(timeout_ms))
                : TUTTI_FAILED_PRECONDITION;
}

tutti_code Finish(const tutti_host* host, tutti_call call, const tutti_outcome* outcome) {
  if (!TUTTI_HAS(outcome, tutti_outcome, retry_after_ms)) {
    return TUTTI_INVALID_ARGUMENT;
  }
  const Caller caller = Admit(host);
  if (!caller) {
    return TUTTI_FAILED_PRECONDITION;
  }
  CallTable& calls = caller.core->calls;
  const std::string_view id = caller.plugin->id();
  if (calls.Finish(call, id, FromOutcome(*outcome))) {
    return TUTTI_OK;
  }
  const NodePtr node = calls.Find(call);
  const bool is_foreign = (node != nullptr && node->owner != id) || !calls.WasBegun(call);
  caller.core->conduct.Misused(id, is_foreign ? "foreign_finish" : "late_finish");
  return TUTTI_NOT_FOUND;
}

std::int32_t Cancelled(const tutti_host* host, tutti_call call) {
  const Caller caller = AdmitAny(host);
  const NodePtr node = caller ? caller.core->calls.Find(call) : nullptr;
  return node == nullptr || CallTable::cancelled(*node) ? 1 : 0;
}

tutti_code OnCancel(const tutti_host* host, tutti_call call, void (*fn)(void*), void* user) {
  const Caller caller = Admit(host);
  return caller ? caller.core->calls.OnCancel(call, caller.plugin->id(), fn, user) : TUTTI_FAILED_PRECONDITION;
}

// Also of a plugin that is not active: a notice it withdraws too late would do harm.
void Forget(const tutti_host* host, tutti_call call) {
  if (const Caller caller = AdmitAny(host)) {
    caller.core->calls.Forget(call, caller.plugin->id());
  }
}

tutti_code Cancel(const tutti_host* host, tutti_call started) {
  const Caller caller = Admit(host);
  if (!caller) {
    return TUTTI_FAILED_PRECONDITION;
  }
  const NodePtr node = caller.core->calls.Find(started);
  if (node == nullptr || node->starter != caller.plugin->id()) {
    return TUTTI_NOT_FOUND;
  }
  caller.core->calls.Cancel(node);
  return TUTTI_OK;
}

// ---- commands

Status CheckAllowed(std::string_view allowed_tools, std::string_view tool) {
  bool allowed = false;
  if (const Result<Json> names = Json::Parse(allowed_tools.empty() ? "[]" : allowed_tools); names.ok()) {
    names->view().ForEach([&](JsonView name) { allowed = allowed || name.AsString() == tool; });
  }
  return allowed ? Status()
                 : Status::PermissionDenied("the tool " + std::string(tool) + " is not among those this agent may use");
}

// The client whose kept command runs now. Only who serves approvals.ask can know that a person has allowed it.
Status TakeBehalf(const RoutingTable& routes, const Caller& caller, const tutti_command_request& request,
                  CallContext& context) {
  const CommandRoute* approver = routes.FindCommand("approvals.ask");
  if (approver == nullptr || approver->plugin->id() != caller.plugin->id() || request.parent != 0) {
    return Status::PermissionDenied(
        "only the plugin that serves the command approvals.ask may run a command on a client's behalf, and with parent "
        "0");
  }
  const Result<Json> behalf = Json::Parse(View(request.behalf));
  if (!behalf.ok() || !(*behalf)["scopes"].is_array() || !(*behalf)["approval"].is_string()) {
    return Status::InvalidArgument(
        "expected behalf to be a JSON object with \"principal\", \"scopes\" and \"approval\", found something else");
  }
  context.principal = (*behalf)["principal"].AsString();
  context.approval = (*behalf)["approval"].AsString();
  context.scopes.clear();
  (*behalf)["scopes"].ForEach([&](JsonView scope) { context.scopes.emplace_back(scope.AsString()); });
  return {};
}

void Invoke(const tutti_host* host, const tutti_command_request* request, const tutti_reply* reply,
            tutti_call* started) {
  const Caller caller = AdmitAny(host);
  if (!caller) {
    return;
  }
  Core& core = *caller.core;
  const ReplyTo to(caller, *reply);
  if (!TUTTI_HAS(request, tutti_command_request, allowed_tools)) {
    to(TooSmall("tutti_command_request", request->size, sizeof *request));
    return;
  }
  Result<Origin> origin = OriginOf(caller, request->parent);
  if (!origin.ok()) {
    to(origin.status());
    return;
  }
  const std::string name(View(request->name));
  const bool is_tool = request->surface == TUTTI_SURFACE_TOOL;
  CommandCall call;
  call.routes = core.routes.Get();
  if (call.routes == nullptr) {
    to(Status::Unavailable("the host is starting or stopping"));
    return;
  }
  call.route = is_tool ? call.routes->FindTool(name) : call.routes->FindCommand(name);
  if (call.route == nullptr) {
    to(Status::NotFound(is_tool ? "there is no tool named " + name + "; use one of those that were offered"
                                : "there is no command named " + name));
    return;
  }
  if (is_tool) {
    if (Status status = CheckAllowed(View(request->allowed_tools), name); !status.ok()) {
      to(status);
      return;
    }
  }
  auto context = std::make_shared<CallContext>(*origin->context);
  context->surface = request->surface;
  if (TUTTI_HAS(request, tutti_command_request, behalf) && request->behalf.size > 0) {
    if (Status status = TakeBehalf(*call.routes, caller, *request, *context); !status.ok()) {
      to(status);
      return;
    }
  }
  call.context = std::move(context);
  call.args = View(request->args);
  call.parent = std::move(origin->parent);
  call.starter = caller.plugin->id();
  call.tool_use_id = View(request->tool_use_id);
  call.on_event = to.events();
  call.started = started;
  core.dispatcher.Run(std::move(call), to);
}

void Tools(const tutti_host* host, const tutti_sink* out) {
  const Caller caller = Admit(host);
  const RoutingTablePtr table = caller ? caller.core->routes.Get() : nullptr;
  if (table == nullptr) {
    Write(out, "[]");
    return;
  }
  JsonWriter writer;
  writer.BeginArray();
  for (const auto& route : table->commands()) {
    const CommandDefinition& definition = route->definition;
    if (!definition.on_tool) {
      continue;
    }
    writer.Raw(
        JsonObject()("name", definition.tool_name)("description", definition.summary)
            .Raw("input_schema", definition.input)("command", definition.name)("effects", ToString(definition.effects))(
                "idempotent", definition.idempotent)("display", definition.tool_display)
            .Take());
  }
  Write(out, writer.EndArray().view());
}

// ---- store

void Execute(const tutti_host* host, tutti_call parent, tutti_str batch, const tutti_reply* reply) {
  const std::optional<Asked> asked = AdmitAsker(host, parent, *reply);
  if (!asked) {
    return;
  }
  const auto& [caller, to, origin] = *asked;
  Core& core = *caller.core;
  // Parsed whole, so that the raw text can become part of a larger document.
  const Result<Json> parsed = Json::Parse(View(batch));
  if (!parsed.ok() || !(*parsed)["ops"].is_array()) {
    to(Status::InvalidArgument("expected a batch {\"ops\": [...]}, found " +
                               (parsed.ok() ? std::string("no ops") : std::string(parsed.status().message()))));
    return;
  }
  std::vector<BatchPart> parts;
  parts.push_back({std::string(caller.plugin->id()), std::string(JsonMember(View(batch), "ops"))});
  BatchOptions options;
  options.is_urgent = (*parsed)["urgent"].AsBool();
  Start(caller, origin, to, nullptr,
        [&core, parts, options, context = origin.context](NodePtr node) -> Task<Result<std::string>> {
          Result<std::string> result = co_await core.store.Execute(parts, context, node, options);
          co_return result.ok() ? Result<std::string>(Store::PartOf(*result, 0)) : result;
        });
}

// ---- models and runtimes

void Complete(const tutti_host* host, tutti_call parent, tutti_str request, const tutti_reply* reply,
              tutti_call* started) {
  const std::optional<Asked> asked = AdmitAsker(host, parent, *reply);
  if (!asked) {
    return;
  }
  const auto& [caller, to, origin] = *asked;
  Core& core = *caller.core;
  Start(caller, origin, to, started,
        [&core, text = std::string(View(request)), context = origin.context, starter = caller.plugin->id(),
         events = to.events()](NodePtr node) -> Task<Result<std::string>> {
          Result<std::string> result = co_await core.agents.Complete(text, context, node, starter, events);
          co_return result;
        });
}

void ListModels(const tutti_host* host, const tutti_sink* out) {
  const Caller caller = Admit(host);
  Write(out, caller ? caller.core->agents.Models() : R"({"models":[]})");
}

void StartRun(const tutti_host* host, tutti_call parent, tutti_str request, const tutti_reply* reply,
              tutti_call* started) {
  const std::optional<Asked> asked = AdmitAsker(host, parent, *reply);
  if (!asked) {
    return;
  }
  const auto& [caller, to, origin] = *asked;
  Core& core = *caller.core;
  Start(caller, origin, to, started,
        [&core, text = std::string(View(request)), context = origin.context, starter = caller.plugin->id(),
         events = to.events()](NodePtr node) -> Task<Result<std::string>> {
          Result<std::string> result = co_await core.agents.StartRun(text, context, node, starter, events);
          co_return result;
        });
}

void StopTool(const tutti_host* host, tutti_str run, tutti_str tool_use_id, const tutti_reply* reply) {
  const Caller caller = AdmitAny(host);
  if (!caller) {
    return;
  }
  const ReplyTo to(caller, *reply);
  if (!IsActive(caller)) {
    to(NotActive());
    return;
  }
  const std::string id(View(tool_use_id));
  const NodePtr call = caller.core->dispatcher.tool_calls().Stop(View(run), id, [to] { to(std::string("{}")); });
  if (call == nullptr) {
    to(Status::NotFound("the run has no tool call " + id + " under way"));
    return;
  }
  caller.core->calls.Cancel(call);
}

std::int32_t Phase(const tutti_host* host) {
  const Caller caller = AdmitAny(host);
  if (!caller || caller.core->calls.is_stopping() || caller.plugin->is_leaving()) {
    return TUTTI_PHASE_STOPPING;
  }
  return caller.core->is_serving.load() ? TUTTI_PHASE_SERVING : TUTTI_PHASE_STARTING;
}

void HostId(const tutti_host* host, const tutti_sink* id) {
  if (const Caller caller = AdmitAny(host)) {
    Write(id, caller.core->host_id);
  }
}

// ---- templates

void ListTemplates(const tutti_host* host, tutti_call parent, const tutti_reply* reply) {
  const std::optional<Asked> asked = AdmitAsker(host, parent, *reply);
  if (!asked) {
    return;
  }
  const auto& [caller, to, origin] = *asked;
  Core& core = *caller.core;
  Start(caller, origin, to, nullptr,
        [&core, context = origin.context, starter = caller.plugin->id()](NodePtr node) -> Task<Result<std::string>> {
          Result<std::string> result = co_await core.templates.List(context, node, starter);
          co_return result;
        });
}

void GetTemplate(const tutti_host* host, tutti_call parent, tutti_str name, const tutti_reply* reply) {
  const std::optional<Asked> asked = AdmitAsker(host, parent, *reply);
  if (!asked) {
    return;
  }
  const auto& [caller, to, origin] = *asked;
  Core& core = *caller.core;
  Start(caller, origin, to, nullptr,
        [&core, text = std::string(View(name)), context = origin.context,
         starter = caller.plugin->id()](NodePtr node) -> Task<Result<std::string>> {
          Result<std::string> result = co_await core.templates.Get(text, context, node, starter);
          co_return result;
        });
}

// ---- hooks

void Fire(const tutti_host* host, const tutti_fire* fire, const tutti_reply* reply) {
  const Caller caller = AdmitAny(host);
  if (!caller) {
    return;
  }
  Core& core = *caller.core;
  const ReplyTo to(caller, *reply);
  if (!TUTTI_HAS(fire, tutti_fire, entries)) {
    to(TooSmall("tutti_fire", fire->size, offsetof(tutti_fire, ops)));
    return;
  }
  Result<Origin> origin = OriginOf(caller, fire->parent);
  if (!origin.ok()) {
    to(origin.status());
    return;
  }
  const Result<Json> parsed = Json::Parse(View(fire->entries));
  std::vector<HookEntry> entries;
  bool is_well_formed = parsed.ok() && parsed->view().is_array();
  if (is_well_formed) {
    parsed->view().ForEach([&](JsonView entry) {
      is_well_formed = is_well_formed && entry["point"].is_string() && entry["payload"].is_object();
      entries.push_back({std::string(entry["point"].AsString()), entry["payload"].Dump()});
    });
  }
  if (!is_well_formed) {
    to(Status::InvalidArgument("expected entries as an array of {\"point\": name, \"payload\": object}"));
    return;
  }
  const std::string ops(TUTTI_HAS(fire, tutti_fire, ops) ? View(fire->ops) : std::string_view());
  if (!ops.empty()) {
    const Result<Json> operations = Json::Parse(ops);
    if (!operations.ok() || !operations->view().is_array()) {
      to(Status::InvalidArgument("expected ops as an array of storage operations, or nothing"));
      return;
    }
  }
  // A cancelled run still records its steps, so this call does not hang below it.
  Origin of = *origin;
  const NodePtr behind = of.parent;
  if (behind && CallTable::cancelled(*behind)) {
    of.parent = nullptr;
    auto silent = std::make_shared<CallContext>(*of.context);
    silent->may_ask = false;
    of.context = std::move(silent);
  }
  auto kept = std::make_shared<std::vector<HookEntry>>(std::move(entries));
  Start(caller, of, to, nullptr,
        [&core, kept, ops, context = of.context,
         starter = caller.plugin->id()](NodePtr node) -> Task<Result<std::string>> {
          std::string own = ops;
          const Status status = co_await core.hooks.Fire(*kept, context, node, starter, std::move(own));
          if (!status.ok()) {
            co_return status;
          }
          JsonWriter writer;
          writer.BeginObject().Key("payloads").BeginArray();
          for (const HookEntry& entry : *kept) {
            writer.Raw(entry.payload);
          }
          co_return writer.EndArray().EndObject().Take();
        });
}

}  // namespace

const tutti_host_calls* CallsTable() {
  static constexpr tutti_host_calls kTable{sizeof kTable, &Emit,     &EmitWait, &Finish,
                                           &Cancelled,    &OnCancel, &Forget,   &Cancel};
  return &kTable;
}

const tutti_host_commands* CommandsTable() {
  static constexpr tutti_host_commands kTable{sizeof kTable, &Invoke, &Tools};
  return &kTable;
}

const tutti_host_store* StoreTable() {
  static constexpr tutti_host_store kTable{sizeof kTable, &Execute};
  return &kTable;
}

const tutti_host_models* ModelsTable() {
  static constexpr tutti_host_models kTable{sizeof kTable, &Complete, &ListModels};
  return &kTable;
}

const tutti_host_runtimes* RuntimesTable() {
  static constexpr tutti_host_runtimes kTable{sizeof kTable, &StartRun, &StopTool, &Phase, &HostId};
  return &kTable;
}

const tutti_host_templates* TemplatesTable() {
  static constexpr tutti_host_templates kTable{sizeof kTable, &ListTemplates, &GetTemplate};
  return &kTable;
}

const tutti_host_hooks* HooksTable() {
  static constexpr tutti_host_hooks kTable{sizeof kTable, &Fire};
  return &kTable;
}

}  // namespace tutti::host
