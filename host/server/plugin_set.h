// All plugins of one host through their life: create and init all, then schema and activation one after another, listen
// last; the reverse at the stop.
//
// A plugin that fails is reported and left out, with what depends on it, unless it is required: then the start fails.
// Threads: control thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "host/manifest/manifest.h"
#include "host/registry/plugin_instance.h"
#include "host/services/core.h"

namespace tutti::host {

class PluginSet {
 public:
  PluginSet(Core& core, const Manifest& manifest) : core_(core), manifest_(manifest) {}

  ~PluginSet();
  PluginSet(const PluginSet&) = delete;
  PluginSet& operator=(const PluginSet&) = delete;

  // Everything but listening. `libraries` is the private directory for library copies.
  Status Start(const std::filesystem::path& libraries);

  // Starts the transports; the addresses they are bound to.
  Result<std::vector<std::string>> Listen();

  // Transports stop accepting.
  void Pause();

  // Deactivates all, in reverse order, each within what is left until `deadline`. false: some would not drain.
  bool Stop(std::chrono::steady_clock::time_point deadline);

  // Ids of what could not be started, with the reason.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& failed() const { return failed_; }

 private:
  struct Slot {
    const PluginEntry* entry;
    std::unique_ptr<PluginInstance> plugin;
    bool is_active = false;
  };

  Status Fail(Slot& slot, const Status& reason);
  Status Activate(Slot& slot);
  Status EnsureSchema(std::string schema);
  void UpdateRoutes();

  Core& core_;
  const Manifest& manifest_;
  std::vector<Slot> slots_;
  std::vector<std::pair<std::string, std::string>> failed_;
  std::size_t reported_problems_ = 0;
};

}  // namespace tutti::host
