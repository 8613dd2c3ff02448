// All plugins of one host through their life: started together, then switched, replaced and taken out one by one while
// the host serves.
//
// At the start: create and init all, then schema and activation one after another, listen last; the reverse at the
// stop. A plugin that fails is reported and left out, with what depends on it, unless it is required: then the start
// fails.
//
// A replacement comes up beside the running instance; the routing table is swapped as a whole; then the old instance's
// gate closes and it drains (retirement.h). What cannot be active twice (storage, transports, `exclusive` plugins) is
// paused and drained first, and brought back when its successor does not start.
// Threads: control thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/lifecycle/change_report.h"
#include "host/lifecycle/manifest_diff.h"
#include "host/lifecycle/retirement.h"
#include "host/manifest/manifest.h"
#include "host/registry/plugin_instance.h"
#include "host/services/core.h"

namespace tutti::host {

// What whoever runs a plugin elsewhere than in this process knows of it.
struct PluginLife {
  std::string state;  // empty: the manager's own; else such as "restarting"
  std::string reason;
  std::string confinement;
  std::uint64_t restarts = 0;
};

// PLUGIN of tutti/abi/admin.h.
struct PluginView {
  std::string id;
  std::string version;
  std::vector<std::string> kinds;
  std::string summary;
  std::string state;
  std::string reason;
  std::string isolation = "host";
  std::string confinement;
  std::string sha256;
  std::uint64_t calls = 0;
  std::uint64_t restarts = 0;
  bool is_pinned = false;

  [[nodiscard]] std::string ToJson() const;
};

class PluginManager {
 public:
  struct Options {
    PluginSettings settings;
    // Makes the plugin object of a new instance: from its library, or elsewhere.
    std::function<Status(PluginInstance&)> create;
    // The manifest as it is now; with an overlay instead of the file's. Holds for whatever the command line overrides.
    std::function<LoadedManifest(std::optional<Overlay>)> load;
    std::function<PluginLife(const PluginInstance&)> life;              // may be empty
    std::function<void(const std::vector<std::string>&)> on_addresses;  // transports listen elsewhere; may be empty
    std::function<bool()> is_interrupted = [] { return false; };        // a stop was asked for
    std::function<void(std::function<void()>)> later;                   // runs it after this operation
    LifeThread* life_thread = nullptr;  // of plugins in this process; see PluginInstance
  };

  // How an instance that is switched off ends.
  struct Drain {
    bool cancel = false;                             // its calls; else they may finish
    std::optional<std::chrono::milliseconds> limit;  // absent: the setting's
    NodePtr caller;                                  // on whose behalf; empty: the operator at the machine
  };

  PluginManager(Core& core, Manifest manifest, Options options);
  ~PluginManager();
  PluginManager(const PluginManager&) = delete;
  PluginManager& operator=(const PluginManager&) = delete;

  // Everything but listening.
  Status Start();

  // Starts the transports; the addresses they are bound to.
  Result<std::vector<std::string>> Listen();

  // Transports stop accepting.
  void Pause();

  // Deactivates all, in reverse order, each within what is left until `deadline`. false: some would not drain.
  bool Stop(std::chrono::steady_clock::time_point deadline);

  // Ids of what could not be started, with the reason.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> failed() const;

  // The operations of tutti/abi/admin.h. FAILED_PRECONDITION: nothing was changed, and why.
  Result<ChangeReport> Enable(const std::string& id, const Drain& drain);
  Result<ChangeReport> Disable(const std::string& id, const Drain& drain);
  Result<ChangeReport> Reload(const std::string& id, const Drain& drain);
  ChangeReport Apply(const Drain& drain);

  [[nodiscard]] std::vector<PluginView> List() const;
  [[nodiscard]] Result<PluginView> Info(const std::string& id) const;

  // Out of the routes at once, until somebody enables it.
  void Quarantine(const std::string& id, const std::string& reason);

  // Moves on what drains. true: again soon.
  bool Tick();

 private:
  enum class State { kActive, kFailed, kQuarantined };

  struct Slot {
    PluginEntry entry;
    std::shared_ptr<PluginInstance> plugin;  // set while active or quarantined
    State state = State::kFailed;
    std::string reason;     // when it is not active
    std::string waits_for;  // id of what it needs, when that is why it failed
  };

  // A change with what it needs made ready.
  struct Prepared {
    const PluginChange* change;
    std::shared_ptr<PluginInstance> instance;  // created and inited; empty: to be disabled
  };

  using Instance = std::shared_ptr<PluginInstance>;

  Result<Instance> Make(const PluginEntry& entry);
  Status Bring(const PluginEntry& entry, const Instance& instance);
  Status CheckDependencies(const PluginEntry& entry, std::string* waits_for) const;
  Status EnsureSchema(PluginInstance& storage, std::string schema);
  Status EnsureAllSchemas(PluginInstance& storage);
  void UpdateRoutes();
  std::shared_ptr<RoutingTable> MakeTable(const std::vector<Instance>& active, const Roles& roles,
                                          std::vector<std::string>& problems) const;
  void CountStates();

  Status FailStart(Slot& slot, const Status& reason);
  Result<ChangeReport> ChangeOne(const std::string& id, LoadedManifest loaded, const Drain& drain);
  Result<LoadedManifest> LoadChecked(std::optional<Overlay> overlay) const;
  Status Persist(const std::string& id, bool enabled);
  [[nodiscard]] std::vector<PluginChange> Restrict(const ManifestDiff& diff, const std::string& id,
                                                   const Manifest& next) const;

  ChangeReport Change(const Manifest& next, const Roles& roles, const std::vector<PluginChange>& changes,
                      const Drain& drain);
  std::vector<Prepared> Prepare(const std::vector<PluginChange>& changes, const Roles& roles,
                                std::vector<std::string>& problems);
  Status Run(const Prepared& prepared, const Drain& drain);
  Status BringUp(const Prepared& prepared, const Drain& drain);
  Status Replace(Slot& slot, const Prepared& prepared, const Drain& drain);
  Status ReplacePaused(Slot& slot, const PluginEntry& entry, const Instance& next, const Drain& drain);
  Status ReplaceTransport(Slot& slot, const PluginEntry& entry, const Instance& next, const Drain& drain);
  Status DrainPaused(PluginInstance& old, const Drain& drain);
  void TakeDown(const std::string& id, const Drain& drain);
  void Install(Slot& slot, const PluginEntry& entry, Instance instance);
  void Retire(Instance old, const Drain& drain);
  void StartWaiting(const std::string& id, ChangeReport& report);
  void Sort(const Manifest& next);
  void KeepRoles(const Roles& roles);

  Status ListenWith(PluginInstance& transport, std::vector<std::string>& addresses);
  void TellAddresses();

  Slot* Find(std::string_view id);
  const Slot* Find(std::string_view id) const;
  [[nodiscard]] std::vector<Instance> Active() const;
  [[nodiscard]] PluginView ViewOf(const Slot& slot) const;

  Core& core_;
  Manifest manifest_;  // roles, host and installed; what runs is in slots_
  const Options options_;
  std::vector<Slot> slots_;                                                  // in load order
  std::vector<std::pair<std::string, std::vector<std::string>>> addresses_;  // by transport id
  std::vector<std::string> problems_;                                        // of the current table
  Retirement retirement_;
};

}  // namespace tutti::host
