// A plugin whose code runs in a process of its own, as the host sees it: the same tables as any plugin, each function a
// message.
//
// What answers the same every time (definitions, models, which kinds there are) is asked for once. A process that was
// started again gets what the former had: configuration, activation, and the schemas it had made.
// Threads: as the tables say. Life cycle functions wait for the process, bounded by limits.start_timeout.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "host/isolation/messages.h"
#include "host/isolation/worker_supervisor.h"
#include "host/registry/library_store.h"
#include "tutti/abi/command.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/model.h"
#include "tutti/abi/plugin.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/template.h"

namespace tutti::host {

class RemotePlugin {
 public:
  struct Settings {
    WorkerSupervisor::Settings supervisor;
    std::size_t workers = 4;  // of the process' own pool
    std::size_t queue = 65536;
    std::chrono::milliseconds ask_timeout{10000};   // of a service that answers at once
    std::chrono::milliseconds stats_timeout{2000};  // of storage's stats
    std::filesystem::path scratch;                  // a directory of its own; empty: none
  };

  // `owner` without bring_up.
  RemotePlugin(const PluginSpec& spec, LibraryCopy library, WorkerSupervisor::Owner owner, Settings settings);

  // Starts the process and creates the plugin in it.
  Status Start();

  // The plugin object; its `destroy` ends the process, then runs `on_destroyed`, which deletes this.
  tutti_plugin Object(std::function<void(RemotePlugin*)> on_destroyed);

  [[nodiscard]] const std::string& id() const { return spec_.id; }

  [[nodiscard]] WorkerReport report() const { return supervisor_.report(); }

  // Whether its process was given this call and has not ended it.
  [[nodiscard]] bool Serves(tutti_call call) const;

  // Kills the process; it is started again.
  void End(std::string cause) { supervisor_.End(std::move(cause)); }

 private:
  static RemotePlugin& Of(void* self) { return *static_cast<RemotePlugin*>(self); }

  // Life cycle in the process of a session.
  Status BringUp(WorkerSession& session);
  Status Create(WorkerSession& session);
  Status InitIn(WorkerSession& session, const std::string& config);
  Status ActivateIn(WorkerSession& session);
  Status MakeSchemas(WorkerSession& session);

  [[nodiscard]] std::chrono::milliseconds Rest() const;
  Status Init(std::string config);
  Status Activate();
  void Deactivate();
  void Destroy();
  [[nodiscard]] const void* Extension(std::string_view id) const;

  // Sends a call, or ends it with UNAVAILABLE when no process serves.
  void Call(CallOp op, const tutti_call_info& info, std::initializer_list<tutti_str> texts);
  void Begin(const tutti_call_info& info, FrameWriter& frame, ServedCalls::OnEnd on_end = {});
  void OnPoint(const tutti_call_info& info, const tutti_point& point, tutti_str payload);
  void OnEvents(const tutti_event* events, std::size_t count);
  void EnsureSchema(const tutti_call_info& info, std::string schema);
  std::string Stats();

  const PluginSpec spec_;
  const LibraryCopy library_;
  const Settings settings_;
  const tutti_host* const host_;
  const tutti_host_calls* const calls_;
  std::function<void(RemotePlugin*)> on_destroyed_;

  std::mutex life_;                    // one life cycle function at a time, restarts included
  std::optional<std::string> config_;  // guarded by life_
  bool is_active_ = false;             // guarded by life_
  std::atomic<bool> is_ending_{false};
  std::optional<KindsReport> kinds_;  // written once, before anybody asks for tables

  mutable std::mutex mutex_;
  std::map<std::string, std::string> schemas_;  // guarded by mutex_; by namespace
  std::string stats_;                           // guarded by mutex_; the last answer

  tutti_command command_{};
  tutti_hook hook_{};
  tutti_storage storage_{};
  tutti_model model_{};
  tutti_runtime runtime_{};
  tutti_template templates_{};

  WorkerSupervisor supervisor_;
};

}  // namespace tutti::host
