#include "host/registry/plugin_instance.h"

#include <algorithm>
#include <utility>

#include "tutti/sdk/call.hpp"

namespace tutti::host {

namespace {

// What a plugin writes to an error sink.
class ErrorText {
 public:
  [[nodiscard]] const tutti_sink* sink() const { return &sink_; }

  [[nodiscard]] Status ToStatus(tutti_code code, const std::string& where) const {
    const bool known = code > 0 && code <= TUTTI_UNAUTHENTICATED;
    return {known ? static_cast<Code>(code) : Code::kUnknown,
            where + ": " + (text_.empty() ? "failed without saying why" : text_)};
  }

 private:
  std::string text_;
  tutti_sink sink_{sizeof(tutti_sink), &text_,
                   [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
};

}  // namespace

PluginInstance::PluginInstance(PluginSpec spec, void* core, FindService find_service)
    : spec_(std::move(spec)), core_(core), host_{sizeof(tutti_host), this, find_service} {}

PluginInstance::~PluginInstance() {
  if (plugin_.destroy != nullptr) {
    plugin_.destroy(plugin_.self);
  }
}

Status PluginInstance::Create(const LibraryStore& libraries) {
  Result<LoadedLibrary> loaded = libraries.Load(spec_.library, spec_.sha256);
  if (!loaded.ok()) {
    return loaded.status();
  }
  sha256_ = loaded->sha256;
  return Create(*loaded->entry);
}

Status PluginInstance::Create(const tutti_entry& entry) {
  if (spec_.id != entry.id || spec_.version != entry.version) {
    return Status::FailedPrecondition(spec_.library.string() + ": plugin.yaml says " + spec_.id + " " + spec_.version +
                                      ", the library says " + entry.id + " " + entry.version +
                                      "; they must come from one build");
  }
  plugin_.size = sizeof plugin_;
  const ErrorText error;
  const tutti_code code = entry.create(&host_, &plugin_, error.sink());
  if (code != TUTTI_OK) {
    plugin_ = {};
    return error.ToStatus(code, spec_.id + " could not be created");
  }
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
  const ErrorText error;
  const tutti_code code = plugin_.init(plugin_.self, Str(spec_.config), error.sink());
  if (code != TUTTI_OK) {
    return error.ToStatus(code, spec_.id + " could not be initialised");
  }
  state_ = State::kInited;
  const std::pair<const char*, Status> fetched[] = {
      {"command", Fetch("command", TUTTI_KIND_COMMAND, &command_)},
      {"hook", Fetch("hook", TUTTI_KIND_HOOK, &hook_)},
      {"storage", Fetch("storage", TUTTI_KIND_STORAGE, &storage_)},
      {"model", Fetch("model", TUTTI_KIND_MODEL, &model_)},
      {"runtime", Fetch("runtime", TUTTI_KIND_RUNTIME, &runtime_)},
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
  *table = static_cast<const Table*>(plugin_.get_extension(plugin_.self, id));
  if (*table == nullptr) {
    return Status::FailedPrecondition(spec_.id + ": plugin.yaml declares the kind " + kind +
                                      ", the library offers nothing under " + id);
  }
  return {};
}

Status PluginInstance::Activate() {
  // Open first: what a plugin starts in activate may call back into it.
  gate_.Open();
  const ErrorText error;
  const tutti_code code = plugin_.activate(plugin_.self, error.sink());
  if (code != TUTTI_OK) {
    (void)gate_.Close(std::chrono::milliseconds(0));
    return error.ToStatus(code, spec_.id + " could not be activated");
  }
  state_ = State::kActive;
  return {};
}

bool PluginInstance::Deactivate(std::chrono::milliseconds grace) {
  if (state_ != State::kActive) {
    return true;
  }
  if (gate_.Close(grace) == PluginGate::CloseResult::kTimedOut) {
    return false;
  }
  plugin_.deactivate(plugin_.self);
  state_ = State::kInited;
  return true;
}

}  // namespace tutti::host
