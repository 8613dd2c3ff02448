#include "host/server/plugin_set.h"

#include <algorithm>
#include <future>
#include <utility>

#include "host/dispatch/plugin_call.h"
#include "host/isolation/process_plugins.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

// The host's own table: who ran what that was not a read.
constexpr char kHostSchema[] = R"({"namespace":"host","version":1,"owner":"tutti.host","grants":{},"tables":{"audit":{
  "columns":{"id":{"type":"uuid","primary":true},"time":{"type":"time","null":false},
    "command":{"type":"text","null":false},"surface":{"type":"text","null":false},"principal":{"type":"text"},
    "caller":{"type":"text"},"run":{"type":"text"},"agent":{"type":"text"},"trace":{"type":"text"},
    "code":{"type":"text","null":false},"duration_ms":{"type":"int64"}},
  "indexes":[{"name":"host_audit_time","columns":["time desc"]}]}}})";

// How long a plugin that was taken back after its activation may take to come to rest.
constexpr std::chrono::milliseconds kDrain{2000};

PluginSpec ToSpec(const PluginEntry& entry) {
  PluginSpec spec;
  spec.id = entry.manifest.id;
  spec.version = entry.manifest.version.ToString();
  spec.library = entry.manifest.library;
  spec.kinds = entry.manifest.kinds;
  spec.config = entry.config_json;
  spec.storage = entry.storage_json;
  for (const auto& [point, modes] : entry.manifest.points) {
    for (const PointMode mode : modes) {
      spec.points[point].emplace_back(ToString(mode));
    }
  }
  spec.order = entry.order;
  spec.deny_on_fault = entry.on_fault.deny;
  spec.allow_on_fault = entry.on_fault.allow;
  spec.call_timeout = entry.limits.call_timeout.value_or(std::chrono::milliseconds(0));
  spec.hook_timeout = entry.limits.hook_timeout.value_or(std::chrono::milliseconds(0));
  if (entry.limits.max_running) {
    spec.max_running = static_cast<std::uint64_t>(*entry.limits.max_running);
  }
  spec.required = entry.required;
  return spec;
}

}  // namespace

PluginSet::~PluginSet() {
  core_.routes.Set(nullptr);
  for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) {
    if (slot->is_active) {
      // It did not drain: its code and data stay, so that what still runs inside does no harm.
      (void)slot->plugin.release();
    }
    slot->plugin.reset();
  }
}

Status PluginSet::Start(const std::filesystem::path& libraries) {
  const LibraryStore store(libraries);
  for (const PluginEntry& entry : manifest_.plugins) {
    Slot slot{&entry, std::make_unique<PluginInstance>(ToSpec(entry), &core_, &FindService)};
    const bool is_apart = slot.plugin->spec().isolation == Isolation::kProcess && core_.processes != nullptr;
    Status status = is_apart ? core_.processes->Create(*slot.plugin, store) : slot.plugin->Create(store);
    if (status.ok()) {
      status = slot.plugin->Init();
    }
    if (!status.ok()) {
      if (Status fatal = Fail(slot, status); !fatal.ok()) {
        return fatal;
      }
    }
    slots_.push_back(std::move(slot));
  }
  for (Slot& slot : slots_) {
    if (slot.plugin == nullptr) {
      continue;
    }
    const auto started = std::chrono::steady_clock::now();
    if (Status status = Activate(slot); !status.ok()) {
      if (Status fatal = Fail(slot, status); !fatal.ok()) {
        return fatal;
      }
      continue;
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
    core_.log.Write(TUTTI_LOG_INFORMATION, "", "plugin active",
                    JsonObject()("id", slot.entry->manifest.id)("version", slot.plugin->spec().version)(
                        "sha256", slot.plugin->sha256())("ms", took.count())
                        .Take());
  }
  return {};
}

Status PluginSet::Fail(Slot& slot, const Status& reason) {
  const std::string id = slot.entry->manifest.id;
  core_.log.Write(TUTTI_LOG_ERROR, "", "plugin not started", JsonObject()("id", id)("reason", reason.message()).Take());
  failed_.emplace_back(id, reason.message());
  if (slot.is_active) {
    slot.is_active = false;
    UpdateRoutes();
    if (!slot.plugin->Deactivate(kDrain)) {
      // Calls are still inside: its code and data stay.
      (void)slot.plugin.release();
    }
  }
  slot.plugin.reset();
  return slot.entry->required ? reason : Status();
}

Status PluginSet::Activate(Slot& slot) {
  for (const std::string& needed : slot.entry->dependencies) {
    const auto found = std::find_if(slots_.begin(), slots_.end(),
                                    [&](const Slot& other) { return other.entry->manifest.id == needed; });
    if (found == slots_.end() || !found->is_active) {
      return Status::FailedPrecondition("it needs " + needed + ", which is not running");
    }
  }
  if (!slot.plugin->spec().storage.empty()) {
    if (Status status = EnsureSchema(slot.plugin->spec().storage); !status.ok()) {
      return status;
    }
  }
  if (slot.plugin->transport() != nullptr) {
    core_.transports.Add(*slot.plugin);
  }
  if (Status status = slot.plugin->Activate(); !status.ok()) {
    return status;
  }
  slot.is_active = true;
  UpdateRoutes();
  if (slot.plugin->storage() != nullptr) {
    return EnsureSchema(kHostSchema);
  }
  return {};
}

Status PluginSet::EnsureSchema(std::string schema) {
  const RoutingTablePtr table = core_.routes.Get();
  PluginInstance* storage = table == nullptr ? nullptr : table->storage();
  if (storage == nullptr) {
    return Status::FailedPrecondition("it owns tables, and no storage plugin is running");
  }
  std::promise<Status> promise;
  std::future<Status> done = promise.get_future();
  auto context = std::make_shared<CallContext>();
  context->trace = NewUuid();
  PluginCallSpec spec;
  spec.plugin = storage;
  spec.context = std::move(context);
  spec.on_worker = true;
  spec.enter = [storage, &schema](void* self, const tutti_call_info& info) {
    storage->storage()->ensure_schema(self, &info, Str(schema));
  };
  auto run = [](Core* core, PluginCallSpec call, std::promise<Status>* to) -> Task<void> {
    PluginCall pending(core->executor, core->calls, std::move(call));
    const Result<std::string> result = co_await pending;
    to->set_value(result.status());
  };
  Spawn(run(&core_, std::move(spec), &promise), [](const std::exception_ptr&) {});
  return done.get();
}

void PluginSet::UpdateRoutes() {
  std::vector<PluginInstance*> active;
  for (const Slot& slot : slots_) {
    if (slot.is_active) {
      active.push_back(slot.plugin.get());
    }
  }
  std::vector<std::string> problems;
  auto table = std::make_shared<RoutingTable>(active, manifest_.roles.storage, manifest_.roles.model,
                                              manifest_.roles.runtime, problems);
  Dispatcher::Prepare(*table, problems);
  for (std::size_t i = reported_problems_; i < problems.size(); ++i) {
    core_.log.Write(TUTTI_LOG_WARNING, "", "command left out", JsonObject()("reason", problems[i]).Take());
  }
  reported_problems_ = problems.size();
  core_.routes.Set(std::move(table));
}

Result<std::vector<std::string>> PluginSet::Listen() {
  std::vector<std::string> addresses;
  for (Slot& slot : slots_) {
    if (!slot.is_active || slot.plugin->transport() == nullptr) {
      continue;
    }
    std::string bound;
    std::string error;
    const auto append = [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); };
    const tutti_sink bound_sink{sizeof(tutti_sink), &bound, append};
    const tutti_sink error_sink{sizeof(tutti_sink), &error, append};
    const tutti_code code = slot.plugin->transport()->listen(slot.plugin->self(), &bound_sink, &error_sink);
    if (code != TUTTI_OK) {
      return Status(static_cast<Code>(code), slot.entry->manifest.id + " cannot listen: " + error);
    }
    const Result<Json> list = Json::Parse(bound);
    if (list.ok()) {
      list->view().ForEach([&](JsonView address) { addresses.emplace_back(address.AsString()); });
    }
  }
  return addresses;
}

void PluginSet::Pause() {
  for (Slot& slot : slots_) {
    if (slot.is_active && slot.plugin->transport() != nullptr) {
      slot.plugin->transport()->pause(slot.plugin->self());
    }
  }
}

bool PluginSet::Stop(std::chrono::steady_clock::time_point deadline) {
  bool all = true;
  for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) {
    if (!slot->is_active) {
      continue;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (slot->plugin->Deactivate(std::max(left, std::chrono::milliseconds(100)))) {
      slot->is_active = false;
    } else {
      core_.log.Write(TUTTI_LOG_ERROR, "", "plugin did not drain; it stays loaded",
                      JsonObject()("id", slot->entry->manifest.id)("calls", slot->plugin->gate().inside()).Take());
      all = false;
    }
  }
  return all;
}

}  // namespace tutti::host
