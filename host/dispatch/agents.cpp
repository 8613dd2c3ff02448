#include "host/dispatch/agents.h"

#include <utility>

#include "host/dispatch/plugin_call.h"
#include "tutti/abi/status.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

// Four bytes a token: close enough for a gate that looks at an estimate.
constexpr std::size_t kBytesPerToken = 4;

// The completion with what the gates say it cost; `cost` is raw JSON. What is no cost changes nothing.
std::string WithCost(std::string completion, std::string_view cost) {
  const Result<Json> amount = Json::Parse(cost);
  const bool is_cost = amount.ok() && (amount->view().is_null() || amount->view().AsDouble(-1) >= 0);
  const std::string_view known = JsonMember(completion, "cost_usd");
  const std::size_t brace = completion.find('{');
  if (!is_cost || known == cost || brace == std::string::npos) {
    return completion;
  }
  if (!known.empty()) {
    completion.replace(static_cast<std::size_t>(known.data() - completion.data()), known.size(), cost);
    return completion;
  }
  const bool is_alone = completion.find_first_not_of(" \t\r\n", brace + 1) == completion.find('}', brace);
  return completion.insert(brace + 1, "\"cost_usd\":" + std::string(cost) + (is_alone ? "" : ","));
}

std::string_view OrNull(std::string_view json) {
  return json.empty() ? std::string_view("null") : json;
}

// What the model plugin says the model costs, from its list; "null" when it does not. A plugin with a single model
// answers with it whatever it is asked for.
std::string StatedPrices(const std::string& listed, std::string_view model) {
  const Result<Json> list = Json::Parse(listed);
  const Result<Json> name = Json::Parse(model);
  if (!list.ok() || !name.ok()) {
    return "null";
  }
  const JsonView models = (*list)["models"];
  const std::string_view asked =
      name->view().AsString().empty() ? (*list)["default"].AsString() : name->view().AsString();
  JsonView found = models.size() == 1 ? models[0] : JsonView();
  models.ForEach([&](JsonView entry) {
    bool is_meant = entry["id"].AsString() == asked;
    entry["aliases"].ForEach([&](JsonView alias) { is_meant = is_meant || alias.AsString() == asked; });
    found = is_meant ? entry : found;
  });
  return found["prices"].is_object() ? found["prices"].Dump() : "null";
}

}  // namespace

Task<Result<std::string>> Agents::CallRole(Role role, const char* name, PluginCallSpec spec, Enter enter) {
  RoutingTablePtr table = routes_.Get();
  while (true) {
    PluginInstance* const plugin = table == nullptr ? nullptr : (table.get()->*role)();
    if (plugin == nullptr) {
      co_return Status::Unavailable("no " + std::string(name) +
                                    " plugin is active; enable one in the manifest (roles." + name + ")");
    }
    spec.plugin = plugin;
    spec.enter = enter(plugin);
    PluginCall call(executor_, calls_, std::move(spec));
    Result<std::string> result = co_await call;
    if (!call.is_refused()) {
      co_return result;
    }
    spec = call.TakeSpec();
    RoutingTablePtr next = co_await changeover_.Next(table, plugin);
    if (next == nullptr) {
      co_return result;
    }
    table = std::move(next);
  }
}

Task<Result<std::string>> Agents::Complete(std::string_view request, ContextPtr context, NodePtr parent,
                                           std::string_view starter, CallNode::EventSink on_event) {
  const RoutingTablePtr table = routes_.Get();
  if (table == nullptr) {
    co_return Status::Unavailable("the host is starting or stopping");
  }
  const std::string call = NewUuid();
  const std::string model(OrNull(JsonMember(request, "model")));
  if (HookPipeline::HasPoint(*table, "model.before")) {
    std::vector<HookEntry> before;
    before.push_back(
        {"model.before", JsonObject()("call", call)("input_tokens_estimate", request.size() / kBytesPerToken)
                             .Raw("model", model == "null" ? "\"\"" : model)
                             .Raw("max_tokens", OrNull(JsonMember(request, "max_tokens")))
                             .Raw("prices", StatedPrices(Models(), model))
                             .Take()});
    const Status verdict = co_await hooks_.Fire(before, context, parent, starter);
    if (!verdict.ok()) {
      // A gate before the one that refused may have set something aside for this call.
      co_await TellFailure(call, model, verdict, context, parent, starter);
      co_return verdict;
    }
  }
  PluginCallSpec spec;
  spec.context = context;
  spec.parent = parent;
  spec.starter = starter;
  spec.on_worker = true;
  spec.on_event = std::move(on_event);
  spec.operation = &operation::kComplete;
  Enter enter = [text = std::string(request)](PluginInstance* plugin) {
    return [table = plugin->model(), text](void* self, const tutti_call_info& info) {
      table->complete(self, &info, Str(text));
    };
  };
  Result<std::string> result = co_await CallRole(&RoutingTable::model, "model", std::move(spec), std::move(enter));
  if (!result.ok()) {
    co_await TellFailure(call, model, result.status(), context, parent, starter);
    co_return result;
  }
  if (HookPipeline::HasPoint(*table, "model.after")) {
    std::vector<HookEntry> after;
    after.push_back({"model.after", JsonObject()("call", call)
                                        .Raw("model", OrNull(JsonMember(*result, "model")))
                                        .Raw("requested_model", model)
                                        .Raw("usage", OrNull(JsonMember(*result, "usage")))
                                        .Raw("cost_usd", OrNull(JsonMember(*result, "cost_usd")))
                                        .Raw("stop_reason", OrNull(JsonMember(*result, "stop_reason")))
                                        .Take()});
    const Status seen = co_await hooks_.Fire(after, context, parent, starter);
    if (seen.ok()) {
      co_return WithCost(std::move(*result), JsonMember(after.front().payload, "cost_usd"));
    }
  }
  co_return result;
}

Task<void> Agents::TellFailure(const std::string& call, const std::string& model, Status status, ContextPtr context,
                               NodePtr parent, std::string_view starter) {
  const RoutingTablePtr table = routes_.Get();
  if (table == nullptr || !HookPipeline::HasPoint(*table, "model.failed")) {
    co_return;
  }
  std::vector<HookEntry> failed;
  failed.push_back({"model.failed", JsonObject()("call", call)
                                        .Raw("requested_model", model)(
                                            "code", tutti_status_find(static_cast<tutti_code>(status.code()))->name)(
                                            "message", status.message())
                                        .Take()});
  (void)co_await hooks_.Fire(failed, context, parent, starter);
}

Task<Result<std::string>> Agents::StartRun(std::string_view request, ContextPtr context, NodePtr parent,
                                           std::string_view starter, CallNode::EventSink on_event) {
  auto of_run = std::make_shared<CallContext>(*context);
  {
    const Result<Json> json = Json::Parse(request);
    if (!json.ok()) {
      co_return json.status();
    }
    of_run->run = (*json)["run"].AsString();
    of_run->agent = (*json)["agent"].AsString();
    of_run->stream = (*json)["stream"].AsString();
    of_run->tree = (*json)["tree"].AsString();
    of_run->labels = (*json)["labels"].is_object() ? (*json)["labels"].Dump() : "{}";
    if (const std::int64_t next = (*json)["next_index"].AsInt(); next > 0) {
      hooks_.BeginRun(of_run->run, static_cast<std::uint32_t>(next));
    }
  }
  PluginCallSpec spec;
  spec.context = of_run;
  spec.parent = std::move(parent);
  spec.starter = starter;
  spec.on_worker = true;
  spec.on_event = std::move(on_event);
  spec.operation = &operation::kStart;
  Enter enter = [text = std::string(request)](PluginInstance* plugin) {
    return [table = plugin->runtime(), text](void* self, const tutti_call_info& info) {
      table->start(self, &info, Str(text));
    };
  };
  Result<std::string> result = co_await CallRole(&RoutingTable::runtime, "runtime", std::move(spec), std::move(enter));
  hooks_.EndRun(of_run->run);
  co_return result;
}

std::string Agents::Models() const {
  const RoutingTablePtr table = routes_.Get();
  PluginInstance* plugin = table == nullptr ? nullptr : table->model();
  if (plugin == nullptr) {
    return R"({"models":[]})";
  }
  const PluginGate::Ticket ticket = plugin->gate().Enter();
  if (!ticket) {
    // It was replaced since: a newer table has another one. One that is paused lists nothing meanwhile.
    const RoutingTablePtr current = routes_.Get();
    return current != table && current != nullptr && current->model() != plugin ? Models() : R"({"models":[]})";
  }
  std::string text;
  const tutti_sink sink{sizeof sink, &text,
                        [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
  (void)plugin->Enter(operation::kModels, 0, {}, [&] { plugin->model()->models(plugin->self(), &sink); });
  Result<Json> json = Json::Parse(text);
  if (!json.ok() || !json->view().is_object()) {
    return R"({"models":[]})";
  }
  rapidjson::Document& document = json->document();
  document.AddMember("plugin", rapidjson::Value(plugin->spec().id, document.GetAllocator()), document.GetAllocator());
  return json->view().Dump();
}

}  // namespace tutti::host
