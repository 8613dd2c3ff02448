#include "host/lifecycle/plugin_manager.h"

#include <algorithm>
#include <ctime>
#include <future>
#include <set>

#include "host/dispatch/plugin_call.h"
#include "host/lifecycle/plugin_spec_of.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

using Clock = std::chrono::steady_clock;

// The host's own table: who ran what that was not a read.
constexpr char kHostSchema[] = R"({"namespace":"host","version":1,"owner":"tutti.host","grants":{},"tables":{"audit":{
  "columns":{"id":{"type":"uuid","primary":true},"time":{"type":"time","null":false},
    "command":{"type":"text","null":false},"surface":{"type":"text","null":false},"principal":{"type":"text"},
    "caller":{"type":"text"},"run":{"type":"text"},"agent":{"type":"text"},"trace":{"type":"text"},
    "code":{"type":"text","null":false},"duration_ms":{"type":"int64"}},
  "indexes":[{"name":"host_audit_time","columns":["time desc"]}]}}})";

// How long a plugin that was taken back after its activation may take to come to rest.
constexpr std::chrono::milliseconds kDrain{2000};

// A database that takes longer to make its tables is not coming.
constexpr std::chrono::milliseconds kSchemaLimit{120000};

constexpr std::chrono::milliseconds kSlice{50};

bool IsExclusive(const PluginEntry& entry) {
  return entry.manifest.exclusive || entry.manifest.Serves("storage");
}

// Whether a failed activation may be due to the instance that still runs, rather than to the new one itself.
bool MayBeInTheWay(const Status& status) {
  return status.code() != Code::kInvalidArgument && status.code() != Code::kUnimplemented &&
         status.code() != Code::kPermissionDenied;
}

std::string Joined(const std::vector<std::string>& texts, const char* between) {
  std::string all;
  for (const std::string& text : texts) {
    all += (all.empty() ? "" : between) + text;
  }
  return all;
}

const char* StateName(InstalledPlugin::State state) {
  switch (state) {
    case InstalledPlugin::State::kNotChosen:
      return "not chosen";
    case InstalledPlugin::State::kNotListed:
      return "not listed";
    default:
      return "disabled";
  }
}

void PauseTransport(const PluginInstance& transport) {
  (void)transport.Enter(operation::kPause, 0, {}, [&] { transport.transport()->pause(transport.self()); });
}

bool HasRole(const Roles& roles, const std::string& id) {
  return roles.storage == id || roles.model == id || roles.runtime == id;
}

}  // namespace

std::string PluginView::ToJson() const {
  JsonWriter writer;
  writer.BeginObject().Key("id").Value(id).Key("version").Value(version).Key("kinds").BeginArray();
  for (const std::string& kind : kinds) {
    writer.Value(kind);
  }
  writer.EndArray().Key("summary").Value(summary).Key("state").Value(state);
  if (!reason.empty()) {
    writer.Key("reason").Value(reason);
  }
  writer.Key("isolation").Value(isolation).Key("confinement").Value(confinement).Key("sha256").Value(sha256);
  writer.Key("calls").Value(calls).Key("restarts").Value(restarts).Key("pinned").Value(is_pinned);
  return writer.EndObject().Take();
}

PluginManager::PluginManager(Core& core, Manifest manifest, Options options)
    : core_(core),
      manifest_(std::move(manifest)),
      options_(std::move(options)),
      retirement_(core, [this](std::string_view id) {
        const Slot* slot = Find(id);
        return slot != nullptr && slot->state == State::kActive;
      }) {}

PluginManager::~PluginManager() {
  core_.routes.Set(nullptr);
  for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) {
    if (slot->plugin != nullptr && (slot->plugin->is_active() || slot->plugin->is_stuck())) {
      // It did not drain: its code and data stay, so that what still runs inside does no harm.
      static_cast<void>(new Instance(std::move(slot->plugin)));
    } else if (slot->plugin != nullptr) {
      slot->plugin->Destroy();
    }
  }
  retirement_.Abandon();
}

Status PluginManager::Start() {
  for (const PluginEntry& entry : manifest_.plugins) {
    Slot slot{entry, nullptr, State::kFailed, {}, {}};
    Result<Instance> made = Make(entry);
    if (made.ok()) {
      slot.plugin = std::move(*made);
    } else if (Status fatal = FailStart(slot, made.status()); !fatal.ok()) {
      return fatal;
    }
    slots_.push_back(std::move(slot));
  }
  for (Slot& slot : slots_) {
    if (slot.plugin == nullptr) {
      continue;
    }
    const auto started = Clock::now();
    Status status = CheckDependencies(slot.entry, &slot.waits_for);
    if (status.ok()) {
      status = Bring(slot.entry, slot.plugin);
    }
    if (status.ok()) {
      slot.state = State::kActive;
      UpdateRoutes();
      if (slot.plugin->storage() != nullptr) {
        status = EnsureSchema(*slot.plugin, kHostSchema);
      }
    }
    if (!status.ok()) {
      if (Status fatal = FailStart(slot, status); !fatal.ok()) {
        return fatal;
      }
      continue;
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started);
    core_.log.Write(TUTTI_LOG_INFORMATION, "", "plugin active",
                    JsonObject()("id", slot.entry.manifest.id)("version", slot.plugin->spec().version)(
                        "sha256", slot.plugin->sha256())("ms", took.count())
                        .Take());
  }
  CountStates();
  return {};
}

Status PluginManager::FailStart(Slot& slot, const Status& reason) {
  core_.log.Write(TUTTI_LOG_ERROR, "", "plugin not started",
                  JsonObject()("id", slot.entry.manifest.id)("reason", reason.message()).Take());
  const bool was_active = slot.state == State::kActive;
  slot.state = State::kFailed;
  slot.reason = reason.message();
  if (was_active) {
    UpdateRoutes();
  }
  if (slot.plugin != nullptr) {
    retirement_.Add(std::move(slot.plugin), kDrain, true);
  }
  return slot.entry.required ? reason : Status();
}

Result<PluginManager::Instance> PluginManager::Make(const PluginEntry& entry) {
  auto instance = std::make_shared<PluginInstance>(PluginSpecOf(entry), &core_, &FindService, &core_.conduct, options_.life_thread);
  Status status = options_.create(*instance);
  if (status.ok()) {
    status = instance->Init();
  }
  if (!status.ok()) {
    // What it began until then may still be on its way.
    retirement_.Add(std::move(instance), kDrain, true);
    return status;
  }
  return instance;
}

Status PluginManager::CheckDependencies(const PluginEntry& entry, std::string* waits_for) const {
  for (const std::string& needed : entry.dependencies) {
    const Slot* found = Find(needed);
    if (found == nullptr || found->state != State::kActive) {
      if (waits_for != nullptr) {
        *waits_for = needed;
      }
      return Status::FailedPrecondition("it needs " + needed + ", which is not running");
    }
  }
  return {};
}

Status PluginManager::Bring(const PluginEntry& entry, const Instance& instance) {
  if (!entry.storage_json.empty()) {
    const RoutingTablePtr table = core_.routes.Get();
    PluginInstance* storage = table == nullptr ? nullptr : table->storage();
    if (storage == nullptr) {
      return Status::FailedPrecondition("it owns tables, and no storage plugin is running");
    }
    if (Status status = EnsureSchema(*storage, entry.storage_json); !status.ok()) {
      return status;
    }
  }
  if (instance->transport() != nullptr) {
    core_.transports.Add(*instance);
  }
  return instance->Activate();
}

Status PluginManager::EnsureSchema(PluginInstance& storage, std::string schema) {
  std::promise<Status> promise;
  std::future<Status> done = promise.get_future();
  auto context = std::make_shared<CallContext>();
  context->trace = NewUuid();
  PluginCallSpec spec;
  spec.plugin = &storage;
  spec.context = std::move(context);
  spec.on_worker = true;
  spec.deadline_ms = NowMillis() + kSchemaLimit.count();
  spec.operation = &operation::kEnsureSchema;
  spec.enter = [table = storage.storage(), text = std::move(schema)](void* self, const tutti_call_info& info) {
    table->ensure_schema(self, &info, Str(text));
  };
  auto run = [](Core* core, PluginCallSpec call, std::promise<Status>* to) -> Task<void> {
    PluginCall pending(core->executor, core->calls, std::move(call));
    const Result<std::string> result = co_await pending;
    to->set_value(result.status());
  };
  Spawn(run(&core_, std::move(spec), &promise), [](const std::exception_ptr&) {});
  return done.get();
}

Status PluginManager::EnsureAllSchemas(PluginInstance& storage) {
  if (Status status = EnsureSchema(storage, kHostSchema); !status.ok()) {
    return status;
  }
  for (const Slot& slot : slots_) {
    if (slot.state == State::kActive && !slot.entry.storage_json.empty()) {
      if (Status status = EnsureSchema(storage, slot.entry.storage_json); !status.ok()) {
        return status;
      }
    }
  }
  return {};
}

std::shared_ptr<RoutingTable> PluginManager::MakeTable(const std::vector<Instance>& active, const Roles& roles,
                                                       std::vector<std::string>& problems) const {
  std::vector<PluginInstance*> plain;
  std::vector<Instance> owned = active;
  for (const Instance& instance : active) {
    plain.push_back(instance.get());
  }
  auto table = std::make_shared<RoutingTable>(plain, roles.storage, roles.model, roles.runtime, problems);
  for (const Slot& slot : slots_) {
    if (slot.state == State::kQuarantined) {
      table->AddQuarantined(*slot.plugin);
      owned.push_back(slot.plugin);
    }
  }
  table->Own(std::move(owned));
  Dispatcher::Prepare(*table, problems);
  return table;
}

void PluginManager::UpdateRoutes() {
  std::vector<std::string> problems;
  auto table = MakeTable(Active(), manifest_.roles, problems);
  for (const std::string& problem : problems) {
    if (std::find(problems_.begin(), problems_.end(), problem) == problems_.end()) {
      core_.log.Write(TUTTI_LOG_WARNING, "", "command left out", JsonObject()("reason", problem).Take());
    }
  }
  problems_ = std::move(problems);
  core_.routes.Set(std::move(table));
}

Status PluginManager::ListenWith(PluginInstance& transport, std::vector<std::string>& addresses) {
  std::string bound;
  std::string error;
  const auto append = [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); };
  const tutti_sink bound_sink{sizeof(tutti_sink), &bound, append};
  const tutti_sink error_sink{sizeof(tutti_sink), &error, append};
  tutti_code code = TUTTI_OK;
  const Status entered = transport.Enter(operation::kListen, 0, {}, [&] {
    code = transport.transport()->listen(transport.self(), &bound_sink, &error_sink);
  });
  if (!entered.ok()) {
    return entered;
  }
  if (code != TUTTI_OK) {
    return Status(static_cast<Code>(code), std::string(transport.id()) + " cannot listen: " + error);
  }
  const std::string id(transport.id());
  std::erase_if(addresses_, [&id](const auto& known) { return known.first == id; });
  std::vector<std::string>& own = addresses_.emplace_back(id, std::vector<std::string>()).second;
  if (const Result<Json> list = Json::Parse(bound); list.ok()) {
    list->view().ForEach([&](JsonView address) { own.emplace_back(address.AsString()); });
  }
  addresses.insert(addresses.end(), own.begin(), own.end());
  return {};
}

Result<std::vector<std::string>> PluginManager::Listen() {
  std::vector<std::string> addresses;
  for (Slot& slot : slots_) {
    if (slot.state != State::kActive || slot.plugin->transport() == nullptr) {
      continue;
    }
    if (Status status = ListenWith(*slot.plugin, addresses); !status.ok()) {
      return status;
    }
  }
  return addresses;
}

void PluginManager::TellAddresses() {
  std::vector<std::string> all;
  for (const auto& [id, addresses] : addresses_) {
    all.insert(all.end(), addresses.begin(), addresses.end());
  }
  core_.gateway.SetListenAddresses(all);
  if (options_.on_addresses) {
    options_.on_addresses(all);
  }
}

void PluginManager::Pause() {
  for (Slot& slot : slots_) {
    if (slot.state == State::kActive && slot.plugin->transport() != nullptr) {
      PauseTransport(*slot.plugin);
    }
  }
}

bool PluginManager::Stop(Clock::time_point deadline) {
  if (options_.life_thread != nullptr) {
    options_.life_thread->EndBy(deadline);
  }
  bool all = true;
  for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) {
    if (slot->plugin == nullptr || !slot->plugin->is_active()) {
      continue;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (!slot->plugin->Deactivate(std::max(left, std::chrono::milliseconds(100)))) {
      core_.log.Write(TUTTI_LOG_ERROR, "", "plugin did not drain; it stays loaded",
                      JsonObject()("id", slot->entry.manifest.id)("calls", slot->plugin->gate().inside()).Take());
      all = false;
    }
  }
  return retirement_.Finish(deadline) && all;
}

std::vector<std::pair<std::string, std::string>> PluginManager::failed() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Slot& slot : slots_) {
    if (slot.state == State::kFailed) {
      all.emplace_back(slot.entry.manifest.id, slot.reason);
    }
  }
  return all;
}

// ---- operations

Result<LoadedManifest> PluginManager::LoadChecked(std::optional<Overlay> overlay) const {
  LoadedManifest loaded = options_.load(std::move(overlay));
  if (loaded.ok()) {
    return loaded;
  }
  std::vector<std::string> texts;
  for (const Problem& problem : loaded.problems) {
    texts.push_back(ToString(problem));
  }
  return Status::FailedPrecondition(Joined(texts, "\n"));
}

Result<ChangeReport> PluginManager::Enable(const std::string& id, const Drain& drain) {
  if (const Slot* slot = Find(id); slot != nullptr && slot->state == State::kActive) {
    ChangeReport report;
    report.unchanged = slots_.size();
    report.notes.push_back(id + " is running already");
    return report;
  }
  Result<Overlay> overlay = manifest_.overlay.empty() ? Overlay() : Overlay::Read(manifest_.overlay);
  if (!overlay.ok()) {
    return overlay.status();
  }
  overlay->SetEnabled(id, true);
  Result<LoadedManifest> loaded = LoadChecked(*overlay);
  if (!loaded.ok()) {
    return loaded.status();
  }
  const auto& plugins = loaded->manifest.plugins;
  if (std::none_of(plugins.begin(), plugins.end(), [&](const PluginEntry& e) { return e.manifest.id == id; })) {
    return Status::FailedPrecondition(id + " is enabled, but another plugin has its role; name it under roles in the " +
                                      "manifest (" + manifest_.file + ")");
  }
  Result<ChangeReport> report = ChangeOne(id, std::move(*loaded), drain);
  if (report.ok()) {
    StartWaiting(id, *report);
    if (Status kept = Persist(id, true); !kept.ok()) {
      report->notes.push_back("it is not remembered over a restart: " + std::string(kept.message()));
    }
  }
  return report;
}

Result<ChangeReport> PluginManager::Disable(const std::string& id, const Drain& drain) {
  const Slot* slot = Find(id);
  if (slot == nullptr) {
    const Result<PluginView> known = Info(id);
    if (!known.ok()) {
      return known.status();
    }
    ChangeReport report;
    report.unchanged = slots_.size();
    report.notes.push_back(id + " is not running: " + known->state);
    return report;
  }
  if (slot->entry.required) {
    return Status::FailedPrecondition(id + " is marked `required: true` in the manifest (" + slot->entry.place.file +
                                      ":" + std::to_string(slot->entry.place.line) +
                                      "), so the server does not go on without it; remove that first");
  }
  std::vector<std::string> dependents;
  for (const Slot& other : slots_) {
    const auto& needs = other.entry.dependencies;
    if (other.state == State::kActive && std::find(needs.begin(), needs.end(), id) != needs.end()) {
      dependents.push_back(other.entry.manifest.id);
    }
  }
  Result<Overlay> overlay = manifest_.overlay.empty() ? Overlay() : Overlay::Read(manifest_.overlay);
  if (!overlay.ok()) {
    return overlay.status();
  }
  overlay->SetEnabled(id, false);
  Result<LoadedManifest> loaded = LoadChecked(*overlay);
  if (!loaded.ok()) {
    if (!dependents.empty()) {
      return Status::FailedPrecondition(id + " cannot be disabled: " + Joined(dependents, ", ") +
                                        (dependents.size() == 1 ? " needs it" : " need it") + "; disable " +
                                        (dependents.size() == 1 ? "that" : "those") + " first");
    }
    return loaded.status();
  }
  const bool is_own_way =
      drain.caller != nullptr && slot->plugin != nullptr && CallTable::IsBelow(*drain.caller, slot->plugin->gate());
  Result<ChangeReport> report = ChangeOne(id, std::move(*loaded), drain);
  if (report.ok()) {
    if (is_own_way) {
      report->notes.push_back("this command goes with " + id + "; to bring it back, take its line out of " +
                              manifest_.overlay + " and send SIGHUP");
    }
    if (Status kept = Persist(id, false); !kept.ok()) {
      report->notes.push_back("it is not remembered over a restart: " + std::string(kept.message()));
    }
  }
  return report;
}

Result<ChangeReport> PluginManager::Reload(const std::string& id, const Drain& drain) {
  const Slot* slot = Find(id);
  if (slot == nullptr) {
    const Result<PluginView> known = Info(id);
    return known.ok() ? Status::FailedPrecondition(id + " is not running (" + known->state + "); enable it instead")
                      : known.status();
  }
  Result<LoadedManifest> loaded = LoadChecked(std::nullopt);
  if (!loaded.ok()) {
    return loaded.status();
  }
  return ChangeOne(id, std::move(*loaded), drain);
}

ChangeReport PluginManager::Apply(const Drain& drain) {
  ChangeReport report;
  const LoadedManifest loaded = options_.load(std::nullopt);
  for (const Problem& problem : loaded.problems) {
    report.problems.push_back(ToString(problem));
  }
  if (!loaded.ok()) {
    report.unchanged = slots_.size();
    return report;
  }
  std::vector<RunningPlugin> running;
  for (const Slot& slot : slots_) {
    // One in quarantine waits for somebody to enable it, unless it has changed since.
    const bool runs = slot.state != State::kFailed;
    running.push_back({&slot.entry, runs ? slot.plugin->sha256() : std::string(), runs});
  }
  const ManifestDiff diff(running, loaded.manifest,
                          [](const PluginEntry& entry) { return LibraryStore::Digest(entry.manifest.library); });
  const bool is_other_host = !(loaded.manifest.host == manifest_.host);
  report = Change(loaded.manifest, loaded.manifest.roles, diff.changes(), drain);
  report.unchanged += diff.unchanged();
  if (is_other_host && report.problems.empty()) {
    report.notes.emplace_back(
        "the section `host` of the manifest differs from what this server was started with; it "
        "counts from the next start");
  }
  return report;
}

Result<ChangeReport> PluginManager::ChangeOne(const std::string& id, LoadedManifest loaded, const Drain& drain) {
  const Manifest& next = loaded.manifest;
  std::vector<RunningPlugin> running;
  for (const Slot& slot : slots_) {
    running.push_back(
        {&slot.entry, slot.plugin == nullptr ? std::string() : slot.plugin->sha256(), slot.state == State::kActive});
  }
  // Asked for by name: a new instance even when nothing differs.
  const ManifestDiff diff(running, next, [&](const PluginEntry& entry) {
    return entry.manifest.id == id ? "as asked" : LibraryStore::Digest(entry.manifest.library);
  });
  std::vector<PluginChange> changes = Restrict(diff, id, next);
  for (PluginChange& change : changes) {
    const Slot* slot = Find(change.id);
    if (change.id == id && change.kind == PluginChange::Kind::kReload) {
      const bool is_other = slot->plugin->sha256() != LibraryStore::Digest(change.next->manifest.library);
      change.reason = ManifestDiff::WhatDiffers(slot->entry, *change.next, is_other);
    } else if (change.id == id) {
      change.reason.clear();
    }
  }
  Roles roles = manifest_.roles;
  const auto take = [&](std::string& now, const std::string& then) {
    const auto changed = [&](const std::string& holder) {
      return std::any_of(changes.begin(), changes.end(), [&](const PluginChange& c) { return c.id == holder; });
    };
    if (now != then && (changed(now) || changed(then))) {
      now = then;
    }
  };
  take(roles.storage, next.roles.storage);
  take(roles.model, next.roles.model);
  take(roles.runtime, next.roles.runtime);
  ChangeReport report = Change(next, roles, changes, drain);
  report.unchanged = slots_.size() - std::min(slots_.size(), report.changed.size());
  if (!report.problems.empty()) {
    return Status::FailedPrecondition(Joined(report.problems, "\n"));
  }
  for (const ChangeReport::Change& change : report.changed) {
    if (change.what == "failed") {
      return Status::FailedPrecondition(change.reason);
    }
  }
  return report;
}

std::vector<PluginChange> PluginManager::Restrict(const ManifestDiff& diff, const std::string& id,
                                                  const Manifest& next) const {
  const bool has_role = HasRole(manifest_.roles, id) || HasRole(next.roles, id);
  std::vector<PluginChange> changes;
  for (const PluginChange& change : diff.changes()) {
    // Whoever takes over its role, or had it, comes and goes with it.
    const bool trades = has_role && change.kind != PluginChange::Kind::kReload &&
                        (HasRole(manifest_.roles, change.id) || HasRole(next.roles, change.id));
    if (change.id == id || trades) {
      changes.push_back(change);
    }
  }
  return changes;
}

Status PluginManager::Persist(const std::string& id, bool enabled) {
  if (manifest_.overlay.empty()) {
    return Status::FailedPrecondition("the host has no data directory");
  }
  Result<Overlay> overlay = Overlay::Read(manifest_.overlay);
  if (!overlay.ok()) {
    return overlay.status();
  }
  overlay->SetEnabled(id, enabled);
  return overlay->Write(manifest_.overlay);
}

ChangeReport PluginManager::Change(const Manifest& next, const Roles& roles, const std::vector<PluginChange>& changes,
                                   const Drain& drain) {
  ChangeReport report;
  if (roles.storage != manifest_.roles.storage && !manifest_.roles.storage.empty()) {
    report.problems.push_back("the storage would change from " + manifest_.roles.storage + " to " +
                              (roles.storage.empty() ? "none" : roles.storage) +
                              ", and what the plugins know of the one is not in the other; stop the server and start "
                              "it again for that");
    return report;
  }
  std::vector<Prepared> prepared = Prepare(changes, roles, report.problems);
  if (!report.problems.empty()) {
    for (Prepared& each : prepared) {
      if (each.instance != nullptr) {
        retirement_.Add(std::move(each.instance), kDrain, true);
      }
    }
    return report;
  }
  const Roles before = manifest_.roles;
  manifest_.roles = roles;
  for (const Prepared& each : prepared) {
    const PluginChange& change = *each.change;
    ChangeReport::Change done{change.id, change.kind == PluginChange::Kind::kEnable ? "enabled" : "reloaded",
                              change.from, change.to, change.reason};
    if (change.kind == PluginChange::Kind::kDisable) {
      KeepRoles(before);
      if (HasRole(manifest_.roles, change.id) && !HasRole(roles, change.id)) {
        done.what = "failed";
        done.reason = "it goes on, because its successor could not be started";
      } else {
        done.what = "disabled";
        TakeDown(change.id, drain);
      }
    } else if (Status status = Run(each, drain); !status.ok()) {
      done.what = "failed";
      done.reason = status.message();
    } else if (change.is_upgrade()) {
      done.what = "upgraded";
    }
    core_.log.Write(
        done.what == "failed" ? TUTTI_LOG_ERROR : TUTTI_LOG_INFORMATION, "", "plugin changed",
        JsonObject()("id", done.id)("what", done.what)("from", done.from)("to", done.to)("reason", done.reason).Take());
    report.changed.push_back(std::move(done));
  }
  KeepRoles(before);
  // What needs no new instance, such as `required`, is taken as it is.
  for (Slot& slot : slots_) {
    for (const PluginEntry& entry : next.plugins) {
      if (entry.manifest.id == slot.entry.manifest.id && slot.state == State::kActive) {
        slot.entry.required = entry.required;
        slot.entry.dependencies = entry.dependencies;
        slot.entry.as = entry.as;
      }
    }
  }
  Sort(next);
  UpdateRoutes();
  CountStates();
  return report;
}

// Whoever was to take over a role and did not start leaves it with whoever had it.
void PluginManager::KeepRoles(const Roles& before) {
  const auto keep = [&](std::string& now, const std::string& then) {
    const Slot* holder = Find(now);
    const Slot* former = Find(then);
    const bool is_held = holder != nullptr && holder->state == State::kActive;
    if (!is_held && !now.empty() && former != nullptr && former->state == State::kActive) {
      now = then;
    }
  };
  keep(manifest_.roles.storage, before.storage);
  keep(manifest_.roles.model, before.model);
  keep(manifest_.roles.runtime, before.runtime);
}

std::vector<PluginManager::Prepared> PluginManager::Prepare(const std::vector<PluginChange>& changes,
                                                            const Roles& roles, std::vector<std::string>& problems) {
  std::vector<Prepared> prepared;
  std::vector<Instance> active = Active();
  for (const PluginChange& change : changes) {
    const auto same = [&](const Instance& instance) { return instance->id() == change.id; };
    if (change.kind == PluginChange::Kind::kDisable) {
      std::erase_if(active, same);
      prepared.push_back({&change, nullptr});
      continue;
    }
    Result<Instance> made = Make(*change.next);
    if (!made.ok()) {
      problems.emplace_back(made.status().message());
      continue;
    }
    const auto found = std::find_if(active.begin(), active.end(), same);
    if (found != active.end()) {
      *found = *made;
    } else {
      active.push_back(*made);
    }
    prepared.push_back({&change, std::move(*made)});
  }
  if (problems.empty()) {
    // What would be left out of the new table and was not left out of this one is the fault of what comes.
    std::vector<std::string> found;
    static_cast<void>(MakeTable(active, roles, found));
    for (std::string& problem : found) {
      if (std::find(problems_.begin(), problems_.end(), problem) == problems_.end()) {
        problems.push_back(std::move(problem));
      }
    }
  }
  return prepared;
}

Status PluginManager::Run(const Prepared& prepared, const Drain& drain) {
  Slot* slot = Find(prepared.change->id);
  if (slot == nullptr || slot->state != State::kActive) {
    return BringUp(prepared, drain);
  }
  return Replace(*slot, prepared, drain);
}

Status PluginManager::BringUp(const Prepared& prepared, const Drain& drain) {
  const PluginEntry& entry = *prepared.change->next;
  Status status = CheckDependencies(entry, nullptr);
  if (status.ok()) {
    status = Bring(entry, prepared.instance);
  }
  if (status.ok() && prepared.instance->transport() != nullptr) {
    std::vector<std::string> addresses;
    status = ListenWith(*prepared.instance, addresses);
  }
  if (!status.ok()) {
    retirement_.Add(prepared.instance, kDrain, true);
    return status;
  }
  Slot* slot = Find(entry.manifest.id);
  if (slot == nullptr) {
    slot = &slots_.emplace_back(Slot{entry, nullptr, State::kFailed, {}, {}});
  }
  Instance quarantined = std::move(slot->plugin);
  Install(*slot, entry, prepared.instance);
  if (quarantined != nullptr) {
    Retire(std::move(quarantined), drain);
  }
  if (prepared.instance->storage() != nullptr && entry.manifest.id == manifest_.roles.storage) {
    // Its tables are there already unless it is new; a failure shows in what uses them.
    status = EnsureAllSchemas(*prepared.instance);
  }
  if (prepared.instance->transport() != nullptr) {
    TellAddresses();
  }
  return status;
}

void PluginManager::Install(Slot& slot, const PluginEntry& entry, Instance instance) {
  slot.entry = entry;
  slot.plugin = std::move(instance);
  slot.state = State::kActive;
  slot.reason.clear();
  slot.waits_for.clear();
  UpdateRoutes();
}

Status PluginManager::Replace(Slot& slot, const Prepared& prepared, const Drain& drain) {
  const PluginEntry& entry = *prepared.change->next;
  const Instance& next = prepared.instance;
  Status status;
  if (next->transport() != nullptr || slot.plugin->transport() != nullptr) {
    if (drain.caller == nullptr) {
      return ReplaceTransport(slot, entry, next, drain);
    }
    // The answer to whoever asked may have to go through the transport that is replaced.
    options_.later([this, entry, next] {
      Slot* found = Find(entry.manifest.id);
      if (found == nullptr || found->state != State::kActive) {
        retirement_.Add(next, kDrain, true);
        return;
      }
      if (Status replaced = ReplaceTransport(*found, entry, next, {}); !replaced.ok()) {
        core_.log.Write(TUTTI_LOG_ERROR, "", "transport not replaced",
                        JsonObject()("id", entry.manifest.id)("reason", replaced.message()).Take());
      }
    });
    return {};
  }
  if (!IsExclusive(entry) && !IsExclusive(slot.entry)) {
    status = CheckDependencies(entry, nullptr);
    if (status.ok()) {
      status = Bring(entry, next);
    }
    if (status.ok()) {
      Instance old = std::move(slot.plugin);
      Install(slot, entry, next);
      Retire(std::move(old), drain);
      return {};
    }
    retirement_.Add(next, kDrain, true);
    if (!MayBeInTheWay(status)) {
      return status;
    }
    retirement_.Await(next.get(), options_.is_interrupted);
    Result<Instance> again = Make(entry);
    if (!again.ok()) {
      return status;
    }
    // The reason is the first attempt's unless the second gets further.
    const Status paused = ReplacePaused(slot, entry, *again, drain);
    return paused.ok() ? paused : Status(status.code(), std::string(status.message()) + "; the one before goes on");
  }
  return ReplacePaused(slot, entry, next, drain);
}

Status PluginManager::DrainPaused(PluginInstance& old, const Drain& drain) {
  const std::string id(old.id());
  if (drain.caller != nullptr && CallTable::IsBelow(*drain.caller, old.gate())) {
    return Status::FailedPrecondition(id + " cannot be replaced by a call that runs inside it; send SIGHUP instead");
  }
  old.SetPaused(true);
  static_cast<void>(old.gate().Close(std::chrono::milliseconds(0)));
  if (drain.cancel) {
    core_.calls.CancelInside(old.gate());
  }
  const auto limit = std::min(drain.limit.value_or(options_.settings.drain), options_.settings.pause);
  const auto deadline = Clock::now() + limit;
  while (old.gate().Close(kSlice) == PluginGate::CloseResult::kTimedOut) {
    if (Clock::now() >= deadline || options_.is_interrupted()) {
      const std::uint64_t inside = old.gate().inside();
      old.gate().Open();
      old.SetPaused(false);
      return Status::FailedPrecondition(
          id + " serves " + std::to_string(inside) + " calls that did not end within " + std::to_string(limit.count()) +
          " ms, and it cannot run twice at once; it goes on. Try again later, or with drain: cancel");
    }
  }
  static_cast<void>(old.Deactivate(std::chrono::milliseconds(0)));
  return {};
}

Status PluginManager::ReplacePaused(Slot& slot, const PluginEntry& entry, const Instance& next, const Drain& drain) {
  const Instance old = slot.plugin;
  Status status = CheckDependencies(entry, nullptr);
  if (status.ok()) {
    status = DrainPaused(*old, drain);
  }
  if (!status.ok()) {
    retirement_.Add(next, kDrain, true);
    return status;
  }
  const bool is_storage = next->storage() != nullptr;
  if (!entry.storage_json.empty() || !is_storage) {
    status = Bring(entry, next);
  } else {
    status = next->Activate();
  }
  if (status.ok() && is_storage && entry.manifest.id == manifest_.roles.storage) {
    status = EnsureAllSchemas(*next);
  }
  if (status.ok()) {
    Install(slot, entry, next);
    Retire(old, drain);
    return {};
  }
  retirement_.Add(next, kDrain, true);
  retirement_.Await(next.get(), options_.is_interrupted);
  if (Status back = old->Reactivate(); !back.ok()) {
    slot.state = State::kFailed;
    slot.reason = "neither the new version started (" + std::string(status.message()) + ") nor the one before again (" +
                  std::string(back.message()) + ")";
    slot.plugin = nullptr;
    UpdateRoutes();
    Retire(old, drain);
    return Status(status.code(), slot.reason);
  }
  old->SetPaused(false);
  return Status(status.code(), std::string(status.message()) + "; the one before goes on");
}

Status PluginManager::ReplaceTransport(Slot& slot, const PluginEntry& entry, const Instance& next, const Drain& drain) {
  const Instance old = slot.plugin;
  const std::string id(old->id());
  std::vector<std::string> addresses;
  Status status = CheckDependencies(entry, nullptr);
  if (!status.ok()) {
    retirement_.Add(next, kDrain, true);
    return status;
  }
  // Running exchanges are answered before it returns.
  PauseTransport(*old);
  static_cast<void>(old->Deactivate(drain.limit.value_or(options_.settings.drain)));
  status = Bring(entry, next);
  if (status.ok()) {
    status = ListenWith(*next, addresses);
  }
  if (status.ok()) {
    core_.transports.Remove(*old);
    Install(slot, entry, next);
    Retire(old, drain);
    TellAddresses();
    return {};
  }
  retirement_.Add(next, kDrain, true);
  retirement_.Await(next.get(), options_.is_interrupted);
  Status back = old->Reactivate();
  if (back.ok()) {
    back = ListenWith(*old, addresses);
  }
  TellAddresses();
  if (!back.ok()) {
    slot.state = State::kFailed;
    slot.reason = "neither the new one listens (" + std::string(status.message()) + ") nor the one before again (" +
                  std::string(back.message()) + ")";
    slot.plugin = nullptr;
    UpdateRoutes();
    Retire(old, drain);
    return Status(status.code(), slot.reason);
  }
  return Status(status.code(), std::string(status.message()) + "; the one before goes on");
}

void PluginManager::TakeDown(const std::string& id, const Drain& drain) {
  const auto slot =
      std::find_if(slots_.begin(), slots_.end(), [&](const Slot& each) { return each.entry.manifest.id == id; });
  Instance old = std::move(slot->plugin);
  slots_.erase(slot);
  if (manifest_.roles.model == id) {
    manifest_.roles.model.clear();
  }
  if (manifest_.roles.runtime == id) {
    manifest_.roles.runtime.clear();
  }
  UpdateRoutes();
  if (old == nullptr) {
    return;
  }
  if (old->transport() != nullptr) {
    PauseTransport(*old);
    std::erase_if(addresses_, [&id](const auto& known) { return known.first == id; });
    TellAddresses();
  }
  Retire(std::move(old), drain);
}

void PluginManager::Retire(Instance old, const Drain& drain) {
  const PluginInstance* const plugin = old.get();
  // A call that switches off what it runs in goes on meanwhile; everybody else waits until the plugin has come to rest.
  const bool is_own =
      drain.caller != nullptr && (CallTable::IsBelow(*drain.caller, old->gate()) || old->transport() != nullptr);
  retirement_.Add(std::move(old), drain.limit.value_or(options_.settings.drain), drain.cancel && !is_own);
  if (!is_own) {
    retirement_.Await(plugin, options_.is_interrupted);
  }
}

void PluginManager::StartWaiting(const std::string& id, ChangeReport& report) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].state != State::kFailed || slots_[i].waits_for != id) {
      continue;
    }
    const PluginEntry entry = slots_[i].entry;
    Result<Instance> made = Make(entry);
    if (!made.ok()) {
      slots_[i].reason = made.status().message();
      continue;
    }
    const PluginChange change{PluginChange::Kind::kEnable,       entry.manifest.id,    &entry, {},
                              entry.manifest.version.ToString(), "it waited for " + id};
    if (Status status = BringUp({&change, *made}, {}); status.ok()) {
      report.changed.push_back({change.id, "enabled", {}, change.to, change.reason});
      StartWaiting(change.id, report);
    } else if (Slot* slot = Find(entry.manifest.id)) {
      slot->reason = status.message();
    }
  }
  CountStates();
}

void PluginManager::Sort(const Manifest& next) {
  manifest_.installed = next.installed;
  const auto place = [&next](const Slot& slot) {
    const auto found = std::find_if(next.plugins.begin(), next.plugins.end(), [&](const PluginEntry& entry) {
      return entry.manifest.id == slot.entry.manifest.id;
    });
    return found - next.plugins.begin();
  };
  std::stable_sort(slots_.begin(), slots_.end(), [&](const Slot& a, const Slot& b) { return place(a) < place(b); });
}

void PluginManager::Quarantine(const std::string& id, const std::string& reason) {
  Slot* slot = Find(id);
  if (slot == nullptr || slot->state != State::kActive) {
    return;
  }
  slot->state = State::kQuarantined;
  slot->reason = reason;
  UpdateRoutes();
  static_cast<void>(slot->plugin->gate().Close(std::chrono::milliseconds(0)));
  core_.calls.CancelInside(slot->plugin->gate());
  core_.log.Write(TUTTI_LOG_ERROR, "", "plugin quarantined", JsonObject()("id", id)("reason", reason).Take());
  CountStates();
}

bool PluginManager::Tick() {
  if (retirement_.retired().empty()) {
    return false;
  }
  const bool is_busy = retirement_.Tick();
  CountStates();
  return is_busy;
}

// ---- views

PluginManager::Slot* PluginManager::Find(std::string_view id) {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [id](const Slot& slot) { return slot.entry.manifest.id == id; });
  return found == slots_.end() ? nullptr : &*found;
}

const PluginManager::Slot* PluginManager::Find(std::string_view id) const {
  return const_cast<PluginManager*>(this)->Find(id);
}

std::vector<PluginManager::Instance> PluginManager::Active() const {
  std::vector<Instance> active;
  for (const Slot& slot : slots_) {
    if (slot.state == State::kActive) {
      active.push_back(slot.plugin);
    }
  }
  return active;
}

PluginView PluginManager::ViewOf(const Slot& slot) const {
  PluginView view;
  view.id = slot.entry.manifest.id;
  view.version = slot.entry.manifest.version.ToString();
  view.kinds = slot.entry.manifest.kinds;
  view.summary = slot.entry.manifest.summary;
  view.state = slot.state == State::kActive ? "active" : slot.state == State::kFailed ? "failed" : "quarantined";
  view.reason = slot.reason;
  if (slot.plugin != nullptr) {
    view.sha256 = slot.plugin->sha256();
    view.calls = slot.plugin->gate().inside();
    view.is_pinned = slot.entry.trust.is_pinned;
    view.isolation = slot.plugin->spec().isolation == Isolation::kHost ? "host" : "process";
    if (options_.life) {
      const PluginLife life = options_.life(*slot.plugin);
      view.confinement = life.confinement;
      view.restarts = life.restarts;
      if (slot.state == State::kActive && !life.state.empty()) {
        view.state = life.state;
        view.reason = life.reason;
      }
    }
  }
  return view;
}

std::vector<PluginView> PluginManager::List() const {
  std::vector<PluginView> views;
  for (const Slot& slot : slots_) {
    views.push_back(ViewOf(slot));
  }
  for (const Retirement::Retired& retired : retirement_.retired()) {
    if (!retired.is_zombie) {
      continue;
    }
    PluginView view;
    view.id = retired.plugin->id();
    view.version = retired.plugin->spec().version;
    view.kinds = retired.plugin->spec().kinds;
    view.state = "zombie";
    view.calls = retired.calls();
    view.sha256 = retired.plugin->sha256();
    view.isolation = retired.plugin->spec().isolation == Isolation::kHost ? "host" : "process";
    view.reason = retired.plugin->is_stuck()
                      ? "a thread is inside one of its life cycle functions and does not come back"
                      : "it was switched off and did not come to rest: " + std::to_string(view.calls) + " calls and " +
                            std::to_string(retired.plugin->work()) + " other pieces of work had not ended";
    views.push_back(std::move(view));
  }
  for (const InstalledPlugin& installed : options_.load(std::nullopt).manifest.installed) {
    if (Find(installed.id) != nullptr) {
      continue;
    }
    PluginView view;
    view.id = installed.id;
    view.version = installed.version;
    view.kinds = installed.kinds;
    view.summary = installed.summary;
    view.state = StateName(installed.state);
    view.reason = installed.state == InstalledPlugin::State::kEnabled
                      ? "the manifest enables it; apply the manifest, or enable it"
                  : installed.state == InstalledPlugin::State::kDisabled ? "the manifest or an operator switched it off"
                  : installed.state == InstalledPlugin::State::kNotChosen ? "another plugin has its role"
                                                                          : "the manifest does not list it";
    views.push_back(std::move(view));
  }
  return views;
}

Result<PluginView> PluginManager::Info(const std::string& id) const {
  std::vector<std::string> ids;
  for (PluginView& view : List()) {
    if (view.id == id) {
      return std::move(view);
    }
    ids.push_back(view.id);
  }
  return Status::NotFound("no plugin " + id + " is installed" + DidYouMean(id, ids));
}

void PluginManager::CountStates() {
  std::map<std::string, int> counts{{"active", 0}, {"failed", 0}, {"quarantined", 0}, {"zombie", 0}};
  for (const Slot& slot : slots_) {
    ++counts[slot.state == State::kActive ? "active" : slot.state == State::kFailed ? "failed" : "quarantined"];
  }
  for (const Retirement::Retired& retired : retirement_.retired()) {
    counts["zombie"] += retired.is_zombie ? 1 : 0;
  }
  for (const auto& [state, count] : counts) {
    core_.metrics.Set({}, "plugins", JsonObject()("state", state).Take(), count);
  }
}

}  // namespace tutti::host
