#include "host/dispatch/hook_pipeline.h"

#include <algorithm>
#include <utility>

#include "host/dispatch/pause.h"
#include "host/dispatch/plugin_call.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

constexpr std::size_t kObserverBatch = 256;

constexpr std::chrono::milliseconds kShortestPause{100};
constexpr std::chrono::milliseconds kLongestPause{1000};
constexpr std::chrono::milliseconds kLastPatience{5000};
constexpr std::chrono::milliseconds kObserverPause{20};

// Whether the same batch may be stored later: the database is away, full of work, or another host came between.
bool MayPass(const Status& status) {
  return status.code() == Code::kUnavailable ||
         (status.retry_after().count() > 0 &&
          (status.code() == Code::kResourceExhausted || status.code() == Code::kAborted));
}

// Members of `patch` replace those of `payload`; both JSON objects.
std::string Patch(const std::string& payload, JsonView patch) {
  Result<Json> parsed = Json::Parse(payload);
  if (!parsed.ok() || !patch.is_object()) {
    return payload;
  }
  rapidjson::Document& document = parsed->document();
  for (const auto& member : patch.raw()->GetObject()) {
    rapidjson::Value value(member.value, document.GetAllocator());
    const auto found = document.FindMember(member.name);
    if (found != document.MemberEnd()) {
      found->value = value;
    } else {
      document.AddMember(rapidjson::Value(member.name, document.GetAllocator()), value, document.GetAllocator());
    }
  }
  return parsed->view().Dump();
}

}  // namespace

Task<Status> HookPipeline::Fire(std::vector<HookEntry>& entries, ContextPtr context, NodePtr parent,
                                std::string_view starter, std::string ops) {
  const RoutingTablePtr table = routes_.Get();

  struct Step {
    const HookPoint* point;
    std::uint32_t index;
    std::int64_t time_us;
  };

  std::vector<Step> steps;
  steps.reserve(entries.size());
  for (const HookEntry& entry : entries) {
    const std::uint32_t index = context->run.empty() ? 0 : NextIndex(context->run);
    steps.push_back({table->FindPoint(entry.point), index, NowMicros()});
  }
  // The step of a cancelled run is still recorded: its conversation must stay valid. Nobody is asked for it any more.
  const bool is_over = parent && CallTable::cancelled(*parent);
  const NodePtr below = is_over ? nullptr : parent;
  if (is_over && context->may_ask) {
    auto silent = std::make_shared<CallContext>(*context);
    silent->may_ask = false;
    context = std::move(silent);
  }

  for (std::size_t i = 0; i < entries.size(); ++i) {
    Status verdict;
    if (steps[i].point != nullptr) {
      verdict = co_await RunGates(table, entries[i], steps[i].index, steps[i].time_us, context, below, starter);
    }
    if (verdict.ok() && !entries[i].confirm.empty()) {
      Question question{std::string(kHostAsks), entries[i].point, entries[i].payload,
                        JsonObject()("question", entries[i].confirm)("kind", "confirm").Take(), entries[i].command};
      verdict = co_await approver_.Ask(std::move(question), context, below);
    }
    if (!verdict.ok()) {
      co_return verdict;
    }
  }

  std::vector<BatchPart> parts;
  if (!ops.empty() && ops != "[]") {
    parts.push_back({std::string(starter), std::move(ops)});
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (steps[i].point == nullptr) {
      continue;
    }
    for (const HookRoute& hook : steps[i].point->records) {
      if (hook.plugin->id() == starter) {
        continue;
      }
      Result<std::string> reply = co_await CallHook(table, hook, entries[i], TUTTI_HOOK_RECORD, steps[i].index,
                                                    steps[i].time_us, context, below);
      if (!reply.ok()) {
        report_("a recording hook failed",
                JsonObject()("hook", hook.plugin->id())("point", entries[i].point)("error", reply.status().message())
                    .Take());
        if (hook.fail_closed) {
          co_return reply.status();
        }
        continue;
      }
      const Result<Json> json = Json::Parse(reply->empty() ? std::string_view("{}") : std::string_view(*reply));
      if (json.ok() && (*json)["ops"].is_array() && (*json)["ops"].size() > 0) {
        parts.push_back({std::string(hook.plugin->id()), (*json)["ops"].Dump()});
      }
    }
  }
  if (!parts.empty()) {
    const Status stored = co_await StoreStep(std::move(parts), context, parent);
    if (!stored.ok()) {
      co_return stored;
    }
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (steps[i].point != nullptr && !steps[i].point->observers.empty()) {
      Observe(*steps[i].point, entries[i], steps[i].index, steps[i].time_us, *context, starter);
    }
  }
  co_return Status();
}

Task<Status> HookPipeline::StoreStep(std::vector<BatchPart> parts, ContextPtr context, NodePtr parent) {
  // Behind a run that was cancelled nobody waits any more.
  const bool is_awaited = parent != nullptr && parent->parent != nullptr;
  const auto give_up = std::chrono::steady_clock::now() + (is_awaited ? settings_.storage_patience : kLastPatience);
  std::chrono::milliseconds pause = kShortestPause;
  BatchOptions options;
  options.is_urgent = !context->run.empty();
  options.id = options.is_urgent ? NewUuid() : std::string();
  for (bool is_retry = false;; is_retry = true) {
    const Result<std::string> stored = co_await store_.Execute(parts, context, parent, options);
    if (stored.ok()) {
      co_return Status();
    }
    const Status status = stored.status();
    if (is_retry && status.code() == Code::kAlreadyExists) {
      // An earlier try was committed and only its answer was lost.
      co_return Status();
    }
    const bool is_wanted = !context->run.empty() && (parent == nullptr || !CallTable::cancelled(*parent));
    if (!MayPass(status) || !is_wanted || std::chrono::steady_clock::now() >= give_up) {
      co_return status;
    }
    if (!is_retry) {
      report_("a run waits for the database", JsonObject()("run", context->run)("reason", status.message()).Take());
    }
    Pause waiting{executor_, pause};
    co_await waiting;
    pause = std::min(pause * 2, kLongestPause);
  }
}

Task<Status> HookPipeline::RunGates(RoutingTablePtr table, HookEntry& entry, std::uint32_t index, std::int64_t time_us,
                                    ContextPtr context, NodePtr parent, std::string_view starter) {
  for (const HookRoute& hook : table->FindPoint(entry.point)->gates) {
    if (hook.plugin->id() == starter) {
      continue;
    }
    const std::string id(hook.plugin->id());
    Result<std::string> reply = co_await CallHook(table, hook, entry, TUTTI_HOOK_GATE, index, time_us, context, parent);
    if (!reply.ok()) {
      report_("a gate could not decide",
              JsonObject()("hook", id)("point", entry.point)("error", reply.status().message()).Take());
      if (hook.fail_closed) {
        co_return Status::PermissionDenied("refused because the hook " + id + " could not decide and fails closed: " +
                                           std::string(reply.status().message()));
      }
      continue;
    }
    if (reply->empty() || *reply == "{}") {
      continue;
    }
    const Status verdict = co_await RunGate(hook, *reply, entry, context, parent);
    if (!verdict.ok()) {
      co_return verdict;
    }
  }
  co_return Status();
}

Task<Status> HookPipeline::RunGate(const HookRoute& hook, const std::string& reply, HookEntry& entry,
                                   ContextPtr context, NodePtr parent) {
  const std::string id(hook.plugin->id());
  const Result<Json> json = Json::Parse(reply);
  if (!json.ok()) {
    report_("a gate answered something that is no JSON", JsonObject()("hook", id)("point", entry.point).Take());
    if (hook.fail_closed) {
      co_return Status::PermissionDenied("refused because the hook " + id + " answered something that is no JSON");
    }
    co_return Status();
  }
  if ((*json)["deny"]) {
    co_return Status::PermissionDenied(std::string((*json)["deny"].AsString("refused by the hook " + id)));
  }
  // What is patched is what the person sees and what then goes on.
  if ((*json)["patch"]) {
    entry.payload = Patch(entry.payload, (*json)["patch"]);
  }
  if ((*json)["ask"]) {
    Question question{id, entry.point, entry.payload, (*json)["ask"].Dump(), entry.command};
    co_return co_await approver_.Ask(std::move(question), context, parent);
  }
  co_return Status();
}

Task<Result<std::string>> HookPipeline::CallHook(RoutingTablePtr table, HookRoute hook, const HookEntry& entry,
                                                 std::uint32_t mode, std::uint32_t index, std::int64_t time_us,
                                                 ContextPtr context, NodePtr parent) {
  const tutti_point point{sizeof point, mode, Str(entry.point), index, time_us};
  while (true) {
    bool is_refused = false;
    Result<std::string> result = co_await CallOnce(hook.plugin, entry, point, context, parent, is_refused);
    if (!is_refused) {
      co_return result;
    }
    RoutingTablePtr next = co_await changeover_.Next(table, hook.plugin);
    if (next == nullptr) {
      co_return result;
    }
    const HookPoint* found = next->FindPoint(entry.point);
    const HookRoute* again = nullptr;
    if (found != nullptr) {
      for (const HookRoute& route : mode == TUTTI_HOOK_GATE ? found->gates : found->records) {
        again = route.plugin->id() == hook.plugin->id() ? &route : again;
      }
    }
    if (again == nullptr) {
      co_return std::string();
    }
    hook = *again;
    table = std::move(next);
  }
}

Task<Result<std::string>> HookPipeline::CallOnce(PluginInstance* plugin, const HookEntry& entry,
                                                 const tutti_point& point, ContextPtr context, NodePtr parent,
                                                 bool& is_refused) {
  const tutti_hook* table = plugin->hook();
  if (!TUTTI_HAS(table, tutti_hook, on_point) || table->on_point == nullptr) {
    co_return Status::Unimplemented("the plugin takes no points, only events");
  }
  const auto own = plugin->spec().hook_timeout;
  PluginCallSpec spec;
  spec.plugin = plugin;
  spec.context = std::move(context);
  spec.parent = std::move(parent);
  spec.starter = spec.parent ? spec.parent->owner : std::string_view();
  spec.deadline_ms = NowMillis() + (own.count() > 0 ? own : settings_.timeout).count();
  spec.grace_ms = 0;
  spec.operation = &operation::kOnPoint;
  spec.detail = entry.point;
  spec.enter = [table, point, name = entry.point, payload = entry.payload](void* self, const tutti_call_info& info) {
    tutti_point own_point = point;
    own_point.name = Str(name);
    table->on_point(self, &info, &own_point, Str(payload));
  };
  PluginCall call(executor_, calls_, std::move(spec));
  Result<std::string> result = co_await call;
  is_refused = call.is_refused();
  co_return result;
}

std::uint32_t HookPipeline::NextIndex(const std::string& run) {
  const std::lock_guard lock(mutex_);
  return indexes_[run]++;
}

void HookPipeline::BeginRun(const std::string& run, std::uint32_t next_index) {
  const std::lock_guard lock(mutex_);
  indexes_[run] = next_index;
}

void HookPipeline::EndRun(const std::string& run) {
  const std::lock_guard lock(mutex_);
  indexes_.erase(run);
}

void HookPipeline::Observe(const HookPoint& point, const HookEntry& entry, std::uint32_t index, std::int64_t time_us,
                           const CallContext& context, std::string_view starter) {
  for (const HookRoute& hook : point.observers) {
    if (hook.plugin->id() == starter) {
      continue;
    }
    bool start = false;
    {
      const std::lock_guard lock(mutex_);
      ObserverQueue& queue = observers_[hook.plugin->id()];
      if (queue.waiting.size() >= settings_.observer_queue) {
        dropped_.fetch_add(1);
        continue;
      }
      queue.waiting.push_back({entry.point, entry.payload, context.run, context.agent, context.stream, index, time_us});
      start = !std::exchange(queue.is_running, true);
    }
    if (start) {
      executor_.Resume([this, plugin = hook.plugin->id()] { RunObserver(plugin); });
    }
  }
}

void HookPipeline::RunObserver(std::string_view plugin) {
  // Whoever serves now: what was queued for an instance that was replaced goes to its successor.
  const RoutingTablePtr table = routes_.Get();
  PluginInstance* const now = table == nullptr ? nullptr : table->FindPlugin(plugin);
  const PluginGate::Ticket ticket = now == nullptr ? PluginGate::Ticket() : now->gate().Enter();
  std::vector<Observed> batch;
  {
    const std::lock_guard lock(mutex_);
    ObserverQueue& queue = observers_[plugin];
    if (!ticket && now != nullptr && !queue.waiting.empty() && (now->is_paused() || routes_.Get() != table) &&
        executor_.SubmitAfter(kObserverPause, [this, plugin] { RunObserver(plugin); }) != 0) {
      return;
    }
    if (!ticket) {
      dropped_.fetch_add(queue.waiting.size());
      queue.waiting.clear();
    }
    while (!queue.waiting.empty() && batch.size() < kObserverBatch) {
      batch.push_back(std::move(queue.waiting.front()));
      queue.waiting.pop_front();
    }
    if (batch.empty()) {
      queue.is_running = false;
      return;
    }
  }
  Deliver(*now, batch);
  executor_.Resume([this, plugin] { RunObserver(plugin); });
}

void HookPipeline::Deliver(PluginInstance& plugin, const std::vector<Observed>& batch) {
  std::vector<tutti_event> events;
  events.reserve(batch.size());
  for (const Observed& seen : batch) {
    events.push_back({sizeof(tutti_event), Str(seen.point), seen.index, seen.time_us, Str(seen.stream), Str(seen.run),
                      Str(seen.agent), Str(seen.payload)});
  }
  const tutti_hook* table = plugin.hook();
  if (table != nullptr && TUTTI_HAS(table, tutti_hook, on_events) && table->on_events != nullptr) {
    (void)plugin.Enter(operation::kOnEvents, 0, batch.front().point,
                       [&] { table->on_events(plugin.self(), events.data(), events.size()); });
  }
}

}  // namespace tutti::host
