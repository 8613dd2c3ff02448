#include "host/registry/plugin_instance.h"

#include <algorithm>
#include <thread>
#include <type_traits>
#include <utility>

#include "host/containment/code_map.h"
#include "host/registry/table_rules.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

namespace {

// How often Deactivate looks for threads that are inside.
constexpr std::chrono::milliseconds kLook{1};

// What a plugin writes to an error sink, and what it answers. Shared with the function that asks, which may outlive
// whoever waits for it.
struct Answer {
  Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  [[nodiscard]] const tutti_sink* sink() const { return &sink_; }

  [[nodiscard]] Status ToStatus(const std::string& where) const {
    const bool known = code > 0 && code <= TUTTI_UNAUTHENTICATED;
    return {known ? static_cast<Code>(code) : Code::kUnknown,
            where + ": " + (text_.empty() ? "failed without saying why" : text_)};
  }

  tutti_code code = TUTTI_OK;

 private:
  std::string text_;
  tutti_sink sink_{sizeof(tutti_sink), &text_,
                   [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
};

}  // namespace

PluginInstance::PluginInstance(PluginSpec spec, void* core, FindService find_service, PluginConduct* conduct,
                               LifeThread* life)
    : spec_(std::move(spec)),
      core_(core),
      find_service_(find_service),
      conduct_(conduct),
      life_(life),
      tag_(KeepPluginTag(spec_.id, spec_.version)) {
  tag_.size = sizeof(tutti_host);
  tag_.context = this;
  tag_.get_service = &FindServiceOf;
}

PluginInstance::~PluginInstance() {
  Destroy();
  std::atomic_ref<void*>(tag_.context).store(nullptr);
}

void PluginInstance::Destroy() {
  tag_.is_retired.store(true);
  if (plugin_.destroy != nullptr && !is_stuck()) {
    (void)EnterLife(operation::kDestroy, {}, [plugin = plugin_] { plugin.destroy(plugin.self); });
  }
  plugin_.destroy = nullptr;
  state_ = State::kNew;
}

Status PluginInstance::EnterLife(const PluginOperation& operation, std::string_view detail, std::function<void()> fn) {
  if (is_stuck()) {
    return Status::FailedPrecondition(spec_.id + ": a thread is still inside one of its life cycle functions");
  }
  // What stands for a process waits within limits of its own.
  if (life_ == nullptr || spec_.isolation == Isolation::kProcess) {
    return Enter(operation, 0, detail, fn);
  }
  return life_->Enter(tag_, operation, detail, conduct_, std::move(fn), &stuck_);
}

PluginInstance::Work PluginInstance::BeginWork() {
  work_->fetch_add(1);
  return {static_cast<const void*>(this), [counter = work_](const void*) { counter->fetch_sub(1); }};
}

const void* PluginInstance::FindServiceOf(const tutti_host* host, const char* id) {
  const PluginInstance* plugin = Of(host);
  return plugin == nullptr ? nullptr : plugin->find_service_(host, id);
}

Status PluginInstance::Create(const LibraryStore& libraries) {
  if (!spec_.refusal.empty()) {
    return Status::FailedPrecondition(spec_.refusal);
  }
  Result<LoadedLibrary> loaded = libraries.Load(spec_.library, spec_.sha256);
  if (!loaded.ok()) {
    return loaded.status();
  }
  sha256_ = loaded->sha256;
  KeepCode(tag_, loaded->entry);
  return Create(*loaded->entry);
}

Status PluginInstance::Create(const tutti_entry& entry) {
  if (spec_.id != entry.id || spec_.version != entry.version) {
    return Status::FailedPrecondition(spec_.library.string() + ": plugin.yaml says " + spec_.id + " " + spec_.version +
                                      ", the library says " + entry.id + " " + entry.version +
                                      "; they must come from one build");
  }

  struct Created : Answer {
    tutti_plugin plugin{};
  };

  const auto created = std::make_shared<Created>();
  created->plugin.size = sizeof created->plugin;
  Status status = EnterLife(operation::kCreate, {}, [created, create = entry.create, host = &tag_] {
    created->code = create(host, &created->plugin, created->sink());
  });
  if (!status.ok()) {
    return status;
  }
  if (created->code != TUTTI_OK) {
    return created->ToStatus(spec_.id + " could not be created");
  }
  if (status = CheckPluginObject(&created->plugin, sizeof created->plugin); !status.ok()) {
    // Not destroyed: nothing in it can be trusted.
    return Status(status.code(), spec_.id + ": " + std::string(status.message()));
  }
  plugin_ = created->plugin;
  state_ = State::kCreated;
  return {};
}

void PluginInstance::Adopt(const tutti_plugin& plugin, std::string sha256) {
  plugin_ = plugin;
  plugin_.size = sizeof plugin_;
  sha256_ = std::move(sha256);
  state_ = State::kCreated;
}

Status PluginInstance::Init() {
  const auto answer = std::make_shared<Answer>();
  if (Status status = EnterLife(operation::kInit, {},
                                [answer, plugin = plugin_, config = spec_.config] {
                                  answer->code = plugin.init(plugin.self, Str(config), answer->sink());
                                });
      !status.ok()) {
    return status;
  }
  if (answer->code != TUTTI_OK) {
    return answer->ToStatus(spec_.id + " could not be initialised");
  }
  state_ = State::kInited;
  const std::pair<const char*, Status> fetched[] = {
      {"command", Fetch("command", TUTTI_KIND_COMMAND, &command_)},
      {"hook", Fetch("hook", TUTTI_KIND_HOOK, &hook_)},
      {"storage", Fetch("storage", TUTTI_KIND_STORAGE, &storage_)},
      {"model", Fetch("model", TUTTI_KIND_MODEL, &model_)},
      {"runtime", Fetch("runtime", TUTTI_KIND_RUNTIME, &runtime_)},
      {"template", Fetch("template", TUTTI_KIND_TEMPLATE, &templates_)},
      {"transport", Fetch("transport", TUTTI_KIND_TRANSPORT, &transport_)},
  };
  for (const auto& [kind, status] : fetched) {
    if (!status.ok()) {
      return status;
    }
  }
  return {};
}

template <typename Table>
Status PluginInstance::Fetch(const char* kind, const char* id, const Table** table) {
  if (std::find(spec_.kinds.begin(), spec_.kinds.end(), kind) == spec_.kinds.end()) {
    return {};
  }
  const auto found = std::make_shared<const void*>(nullptr);
  Status status = EnterLife(operation::kExtension, id,
                            [found, plugin = plugin_, id] { *found = plugin.get_extension(plugin.self, id); });
  if (!status.ok()) {
    return status;
  }
  *table = static_cast<const Table*>(*found);
  if (*table == nullptr) {
    return Status::FailedPrecondition(spec_.id + ": plugin.yaml declares the kind " + kind +
                                      ", the library offers nothing under " + id);
  }
  const Functions functions = std::is_same_v<Table, tutti_hook> ? Functions::kSome : Functions::kAll;
  if (const Status fits = CheckTable(*table, id, NeededSize<Table>(), functions); !fits.ok()) {
    *table = nullptr;
    return Status(fits.code(), spec_.id + ": " + std::string(fits.message()));
  }
  return {};
}

Status PluginInstance::Activate() {
  // Open first: what a plugin starts in activate may call back into it.
  gate_.Open();
  Status status = Start();
  if (!status.ok()) {
    (void)gate_.Close(std::chrono::milliseconds(0));
  }
  return status;
}

Status PluginInstance::Reactivate() {
  Status status = Start();
  if (status.ok()) {
    gate_.Open();
  }
  return status;
}

Status PluginInstance::Start() {
  state_ = State::kActive;
  const auto answer = std::make_shared<Answer>();
  Status status = EnterLife(operation::kActivate, {}, [answer, plugin = plugin_] {
    answer->code = plugin.activate(plugin.self, answer->sink());
  });
  if (status.ok() && answer->code != TUTTI_OK) {
    status = answer->ToStatus(spec_.id + " could not be activated");
  }
  if (!status.ok()) {
    state_ = State::kInited;
  }
  return status;
}

void PluginInstance::BeginMaintenance() {
  state_ = State::kActive;
}

void PluginInstance::EndMaintenance() {
  state_ = State::kInited;
}

bool PluginInstance::has_lost_thread() const {
  return PresenceIn(tag_) == Presence::kLost;
}

bool PluginInstance::Deactivate(std::chrono::milliseconds grace) {
  if (state_ != State::kActive) {
    return true;
  }
  if (stuck_ != nullptr) {
    // It was asked to already. If it came back after all, it has come to rest.
    state_ = is_stuck() ? State::kActive : State::kInited;
    return !is_stuck();
  }
  const auto give_up = std::chrono::steady_clock::now() + grace;
  if (gate_.Close(grace) == PluginGate::CloseResult::kTimedOut) {
    return false;
  }
  // A call may have ended, by its plugin or for it, while the thread that served it is still on its way out.
  while (true) {
    const Presence presence = PresenceIn(tag_);
    if (presence == Presence::kNobody) {
      break;
    }
    if (presence == Presence::kLost || std::chrono::steady_clock::now() >= give_up) {
      return false;
    }
    std::this_thread::sleep_for(kLook);
  }
  (void)EnterLife(operation::kDeactivate, {}, [plugin = plugin_] { plugin.deactivate(plugin.self); });
  if (is_stuck()) {
    return false;
  }
  state_ = State::kInited;
  return true;
}

}  // namespace tutti::host
