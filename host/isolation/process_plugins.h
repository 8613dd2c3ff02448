// All plugins of one host that run in processes of their own.
//
// Threads: Create on the control thread; Report and EndOverdue from any. Must outlive the plugin instances it created.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "host/isolation/remote_plugin.h"
#include "host/isolation/worker_report.h"
#include "host/registry/plugin_faults.h"
#include "host/registry/plugin_instance.h"

namespace tutti::host {

class ProcessPlugins {
 public:
  struct Settings {
    std::filesystem::path program = "/proc/self/exe";  // run as `program plugin-worker`
    std::filesystem::path scratch;                     // a directory for directories of the plugins; empty: none
    RemotePlugin::Settings plugin;
    std::chrono::milliseconds first_delay{250};      // before the first new start, doubled each time
    std::chrono::milliseconds longest_delay{30000};  // at most
  };

  // TUTTI_LOG_*, plugin, a constant sentence, a flat JSON object.
  using Log = std::function<void(std::int32_t level, std::string_view plugin, std::string_view message,
                                 std::string_view fields)>;

  ProcessPlugins(Settings settings, CallTable& calls, Log log, const PluginFaults& faults)
      : settings_(std::move(settings)), calls_(calls), log_(std::move(log)), faults_(faults) {}

  ProcessPlugins(const ProcessPlugins&) = delete;
  ProcessPlugins& operator=(const ProcessPlugins&) = delete;

  // What PluginInstance::Create is for a plugin in the host: copies the library, starts the process, and gives the
  // instance the far end. Errors are sentences that name the plugin.
  Status Create(PluginInstance& instance, const LibraryStore& libraries);

  // Of the plugin with this id that was created last; nothing when it runs in the host.
  [[nodiscard]] std::optional<WorkerReport> Report(std::string_view id) const;

  // For CallTable::Settings::on_overdue: kills the process that serves this call. Does nothing for other calls.
  void EndOverdue(const CallNode& node) const;

 private:
  void Forget(RemotePlugin* plugin);

  const Settings settings_;
  CallTable& calls_;
  const Log log_;
  const PluginFaults& faults_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<RemotePlugin>> plugins_;  // guarded by mutex_; in the order of creation
};

}  // namespace tutti::host
