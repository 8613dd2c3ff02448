#include "host/isolation/process_plugins.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace tutti::host {

Status ProcessPlugins::Create(PluginInstance& instance, const LibraryStore& libraries) {
  const PluginSpec& spec = instance.spec();
  if (!spec.refusal.empty()) {
    return Status::FailedPrecondition(spec.refusal);
  }
  if (std::find(spec.kinds.begin(), spec.kinds.end(), "transport") != spec.kinds.end()) {
    return Status::FailedPrecondition(spec.id + ": a transport runs in the host's process only; pin it and say " +
                                      "isolation: host");
  }
  Result<LibraryCopy> library = libraries.Copy(spec.library, spec.sha256);
  if (!library.ok()) {
    return library.status();
  }
  std::string sha256 = library->sha256;
  RemotePlugin::Settings settings = settings_.plugin;
  settings.supervisor.program = settings_.program;
  settings.supervisor.memory_bytes = spec.process.memory_mb << 20U;
  settings.supervisor.restarts = {settings_.first_delay, settings_.longest_delay, spec.process.restarts,
                                  spec.process.restart_window};
  if (!settings_.scratch.empty()) {
    settings.scratch = settings_.scratch / spec.id;
    std::error_code failed;
    std::filesystem::create_directories(settings.scratch, failed);
    std::filesystem::permissions(settings.scratch, std::filesystem::perms::owner_all, failed);
    if (failed) {
      return Status::Internal(spec.id + ": its directory " + settings.scratch.string() +
                              " could not be made: " + failed.message());
    }
  }
  WorkerSupervisor::Owner owner;
  owner.id = spec.id;
  owner.host = instance.host();
  owner.grants = spec.grants;
  owner.calls = &calls_;
  owner.log = [this, id = spec.id](std::int32_t level, std::string_view message, const std::string& fields) {
    log_(level, id, message, fields);
  };
  owner.on_given_up = [this, id = spec.id](std::string reason) { faults_.Report(id, std::move(reason)); };
  auto plugin = std::make_unique<RemotePlugin>(spec, std::move(*library), std::move(owner), std::move(settings));
  if (Status status = plugin->Start(); !status.ok()) {
    return {status.code(), spec.id + " could not be started in a process of its own: " + std::string(status.message())};
  }
  instance.Adopt(plugin->Object([this](RemotePlugin* gone) { Forget(gone); }), std::move(sha256));
  const std::lock_guard lock(mutex_);
  plugins_.push_back(std::move(plugin));
  return {};
}

std::optional<WorkerReport> ProcessPlugins::Report(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(plugins_.rbegin(), plugins_.rend(), [id](const auto& plugin) { return plugin->id() == id; });
  return found == plugins_.rend() ? std::nullopt : std::optional((*found)->report());
}

void ProcessPlugins::EndOverdue(const CallNode& node) const {
  const std::lock_guard lock(mutex_);
  for (const auto& plugin : plugins_) {
    if (plugin->id() == node.owner && plugin->Serves(node.id)) {
      plugin->End("call " + std::to_string(node.id) + " was not done by its deadline and did not stop when cancelled");
    }
  }
}

void ProcessPlugins::Forget(RemotePlugin* plugin) {
  std::unique_ptr<RemotePlugin> gone;
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(plugins_.begin(), plugins_.end(), [plugin](const auto& held) { return held.get() == plugin; });
  if (found != plugins_.end()) {
    gone = std::move(*found);
    plugins_.erase(found);
  }
}

}  // namespace tutti::host
