// One plugin, from its library to its tables: life cycle, gate, and what the manifest says about it.
//
// Threads: Create, Init, Activate, Deactivate, Destroy on the control thread; the rest from any thread.
// Ownership: owns the plugin object, not the library. Addresses are stable. Shared: routing tables and calls keep an
// instance that has been destroyed as an empty shell, so that nothing they hold dangles.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/calls/plugin_gate.h"
#include "host/registry/library_store.h"
#include "host/registry/plugin_spec.h"
#include "tutti/abi/command.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/model.h"
#include "tutti/abi/plugin.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/transport.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class PluginInstance {
 public:
  // Services for this plugin; `context` of the tutti_host is the PluginInstance.
  using FindService = const void* (*)(const tutti_host*, const char*);

  PluginInstance(PluginSpec spec, void* core, FindService find_service);
  ~PluginInstance();
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  // Loads the library and creates the plugin object.
  Status Create(const LibraryStore& libraries);

  // The same for a plugin whose code is in this process already. `entry` must outlive this object.
  Status Create(const tutti_entry& entry);

  // The same for a plugin whose object exists already: the host's end of one that runs in a process of its own. Takes
  // over its destruction.
  void Adopt(const tutti_plugin& plugin, std::string sha256);

  // Hands over the configuration and fetches the tables of the declared kinds.
  Status Init();

  Status Activate();

  // The same after a Deactivate, for a plugin that stands in the routes: its gate opens when it is ready.
  Status Reactivate();

  // Closes the gate, waits for running calls, deactivates. false: calls are still inside, the plugin was left as it is.
  bool Deactivate(std::chrono::milliseconds grace);

  // Ends the plugin object, after Deactivate and once it is idle. Nothing may call into it any more.
  void Destroy();

  [[nodiscard]] const PluginSpec& spec() const { return spec_; }

  // Lives as long as the process.
  [[nodiscard]] std::string_view id() const { return id_; }

  [[nodiscard]] bool is_active() const { return state_ == State::kActive; }

  // Counts what will still run code of this plugin though no call is inside it: answers on their way to it, work it
  // posted, timers. Each Begin has one End, after the plugin's function has returned.
  void BeginWork() { work_.fetch_add(1); }

  void EndWork() { work_.fetch_sub(1); }

  [[nodiscard]] std::uint64_t work() const { return work_.load(); }

  // Closed for a moment, to be opened again or replaced: calls wait for that.
  void SetPaused(bool is_paused) { is_paused_.store(is_paused); }

  [[nodiscard]] bool is_paused() const { return is_paused_.load(); }

  [[nodiscard]] const std::string& sha256() const { return sha256_; }

  [[nodiscard]] PluginGate& gate() { return gate_; }

  // What its plugin holds of the host.
  [[nodiscard]] const tutti_host* host() const { return &host_; }

  [[nodiscard]] void* self() const { return plugin_.self; }

  [[nodiscard]] void* core() const { return core_; }

  // nullptr: does not serve this kind.
  [[nodiscard]] const tutti_command* command() const { return command_; }

  [[nodiscard]] const tutti_hook* hook() const { return hook_; }

  [[nodiscard]] const tutti_storage* storage() const { return storage_; }

  [[nodiscard]] const tutti_model* model() const { return model_; }

  [[nodiscard]] const tutti_runtime* runtime() const { return runtime_; }

  [[nodiscard]] const tutti_transport* transport() const { return transport_; }

  static PluginInstance* Of(const tutti_host* host) { return static_cast<PluginInstance*>(host->context); }

 private:
  enum class State { kNew, kCreated, kInited, kActive };

  Status Start();

  template <typename Table>
  Status Fetch(const char* kind, const char* id, const Table** table);

  const PluginSpec spec_;
  const std::string_view id_;
  void* const core_;
  tutti_host host_;
  tutti_plugin plugin_{};
  std::atomic<State> state_{State::kNew};
  std::string sha256_;
  PluginGate gate_;
  std::atomic<std::uint64_t> work_{0};
  std::atomic<bool> is_paused_{false};
  const tutti_command* command_ = nullptr;
  const tutti_hook* hook_ = nullptr;
  const tutti_storage* storage_ = nullptr;
  const tutti_model* model_ = nullptr;
  const tutti_runtime* runtime_ = nullptr;
  const tutti_transport* transport_ = nullptr;
};

}  // namespace tutti::host
