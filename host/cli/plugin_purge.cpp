// `tutti plugin purge`: removes what `tutti plugin install` wrote, and what was said of the plugin.
#include <filesystem>
#include <ostream>

#include "host/cli/plugin_commands.h"
#include "host/cli/running_host.h"
#include "host/manifest/overlay.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

// OK when no running server has the plugin loaded.
Status CheckNotRunning(const PluginSite& site, const std::string& id) {
  const Result<std::optional<RunningHost>> host = RunningHost::Find(site.data_dir());
  if (!host.ok()) {
    return host.status();
  }
  if (!host->has_value()) {
    return {};
  }
  const Result<Json> plugin = (*host)->Run("plugins.info", JsonObject()("id", id).Take());
  if (!plugin.ok()) {
    return plugin.status();
  }
  const std::string state((*plugin)["state"].AsString());
  return state == "disabled" || state == "not listed" || state == "not chosen" || state == "failed"
             ? Status()
             : Status::FailedPrecondition("the running server (process " + std::to_string((*host)->pid()) + ") has " +
                                          id + " " + state + "; `tutti plugin disable " + id + "` first");
}

Status Forget(const PluginSite& site, const std::string& id) {
  Result<LockFile> lock = site.ReadLock();
  if (!lock.ok()) {
    return lock.status();
  }
  if (lock->Unpin(id)) {
    if (Status status = site.WriteLock(*lock); !status.ok()) {
      return status;
    }
  }
  Result<Overlay> overlay = Overlay::Read(site.manifest().overlay);
  if (!overlay.ok()) {
    return overlay.status();
  }
  if (overlay->enabled(id)) {
    overlay->Remove(id);
    return overlay->Write(site.manifest().overlay);
  }
  return {};
}

}  // namespace

int PurgePlugin(const CommandLine& line, const LoadOptions& options, const Console& console) {
  const PluginSite site(options);
  const std::string& id = line.operands.at(0);
  const Result<InstalledPlugin> plugin = site.Find(id);
  if (!plugin.ok()) {
    return console.Fail(plugin.status());
  }
  const fs::path folder = fs::path(InstalledDirectory(site.data_dir())) / id;
  const fs::path found(plugin->manifest.directory);
  std::error_code error;
  if (!fs::equivalent(found.parent_path(), folder, error)) {
    return console.Fail(Status::FailedPrecondition("plugin " + id + " is in " + found.string() +
                                                   ", where `tutti plugin install` did not put it; remove it by hand"));
  }
  if (plugin->state == InstalledPlugin::State::kEnabled) {
    return console.Fail(
        Status::FailedPrecondition("plugin " + id + " is enabled; `tutti plugin disable " + id + "` first"));
  }
  if (Status status = CheckNotRunning(site, id); !status.ok()) {
    return console.Fail(status);
  }
  if (!line.yes && !console.Confirm("Remove " + folder.string() + " with all versions in it?")) {
    return console.Fail(Status::Cancelled("nothing was removed; --yes removes without being asked"));
  }
  if (Status status = Forget(site, id); !status.ok()) {
    return console.Fail(status);
  }
  fs::remove_all(folder, error);
  if (error) {
    return console.Fail(Status::Internal(folder.string() + " cannot be removed: " + error.message()));
  }
  console.out << "removed " << folder.string() << ", its pin and its switch. Its tables stay as they are; "
              << "an entry in the manifest is yours to remove\n";
  return 0;
}

}  // namespace tutti::host
