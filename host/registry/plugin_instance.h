// One plugin, from its library to its tables: life cycle, gate, and what the manifest says about it.
//
// Whoever calls a function of its tables does so through Enter, so that the host knows which plugin its threads are in
// and nothing thrown gets out.
// Threads: Create, Init, Activate, Deactivate, Destroy on the control thread; the rest from any thread.
// Ownership: owns the plugin object, not the library. Addresses are stable. Shared: routing tables and calls keep an
// instance that has been destroyed as an empty shell, so that nothing they hold dangles.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/calls/plugin_gate.h"
#include "host/containment/enter_plugin.h"
#include "host/containment/life_thread.h"
#include "host/registry/library_store.h"
#include "host/registry/plugin_spec.h"
#include "tutti/abi/command.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/model.h"
#include "tutti/abi/plugin.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/template.h"
#include "tutti/abi/transport.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class PluginInstance {
 public:
  // Services for this plugin; `context` of the tutti_host is the PluginInstance.
  using FindService = const void* (*)(const tutti_host*, const char*);

  // `conduct` learns of exceptions; nullptr: nobody counts. `life` runs the life cycle functions of a plugin in this
  // process; nullptr: the calling thread does, however long they take. Both must outlive this.
  PluginInstance(PluginSpec spec, void* core, FindService find_service, PluginConduct* conduct = nullptr,
                 LifeThread* life = nullptr);
  ~PluginInstance();
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  // Loads the library and creates the plugin object. FAILED_PRECONDITION with the reason when it is refused.
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

  // Between the two services answer it as an active one, though it is only inited: for functions that ask for no more,
  // such as storage's maintain. Nothing else may use it meanwhile.
  void BeginMaintenance();
  void EndMaintenance();

  // Closes the gate, waits for running calls and for threads still inside, deactivates. false: a call or a thread is
  // still inside, the plugin was left as it is and must not be destroyed.
  bool Deactivate(std::chrono::milliseconds grace);

  // A thread is inside that is not expected back.
  [[nodiscard]] bool has_lost_thread() const;

  // Ends the plugin object, after Deactivate and once it is idle. Nothing may call into it any more. One that is stuck
  // is left as it is, for ever.
  void Destroy();

  // Whether a life cycle function has not come back.
  [[nodiscard]] bool is_stuck() const { return stuck_ != nullptr && !stuck_->is_done; }

  // Held by what will still run code of this plugin though no call is inside it: an answer on its way to it, work it
  // posted, a timer. Copies count once. [any]
  using Work = std::shared_ptr<const void>;
  [[nodiscard]] Work BeginWork();

  // How many are held.
  [[nodiscard]] std::uint64_t work() const { return work_->load(); }

  // Closed for a moment, to be opened again or replaced: calls wait for that.
  void SetPaused(bool is_paused) { is_paused_.store(is_paused); }

  [[nodiscard]] bool is_paused() const { return is_paused_.load(); }

  // Runs fn(), which calls a function of the plugin's tables. INTERNAL: it threw. [any]
  template <typename Fn>
  Status Enter(const PluginOperation& operation, tutti_call call, std::string_view detail, Fn&& fn) const {
    return EnterPlugin(tag_, operation, call, detail, conduct_, std::forward<Fn>(fn));
  }

  // What stays of it when it is gone.
  [[nodiscard]] const PluginTag& tag() const { return tag_; }

  [[nodiscard]] PluginConduct* conduct() const { return conduct_; }

  // Whether it has been initialised, and whether it is active or on its way there or back: what services ask before
  // they serve it. [any]
  [[nodiscard]] bool is_inited() const { return state_.load() >= State::kInited; }

  [[nodiscard]] bool is_active() const { return state_.load() == State::kActive; }

  // Active, and being switched off or replaced: nothing enters any more.
  [[nodiscard]] bool is_leaving() const { return is_active() && !gate_.is_open(); }

  [[nodiscard]] const PluginSpec& spec() const { return spec_; }

  // Lives as long as the process.
  [[nodiscard]] std::string_view id() const { return tag_.id; }

  [[nodiscard]] const std::string& sha256() const { return sha256_; }

  [[nodiscard]] PluginGate& gate() { return gate_; }

  // What its plugin holds of the host.
  [[nodiscard]] const tutti_host* host() const { return &tag_; }

  [[nodiscard]] void* self() const { return plugin_.self; }

  [[nodiscard]] void* core() const { return core_; }

  // nullptr: does not serve this kind.
  [[nodiscard]] const tutti_command* command() const { return command_; }

  [[nodiscard]] const tutti_hook* hook() const { return hook_; }

  [[nodiscard]] const tutti_storage* storage() const { return storage_; }

  [[nodiscard]] const tutti_model* model() const { return model_; }

  [[nodiscard]] const tutti_runtime* runtime() const { return runtime_; }

  [[nodiscard]] const tutti_template* templates() const { return templates_; }

  [[nodiscard]] const tutti_transport* transport() const { return transport_; }

  // nullptr: it has been destroyed.
  static PluginInstance* Of(const tutti_host* host) {
    return static_cast<PluginInstance*>(std::atomic_ref<void*>(const_cast<tutti_host*>(host)->context).load());
  }

 private:
  enum class State { kNew, kCreated, kInited, kActive };

  static const void* FindServiceOf(const tutti_host* host, const char* id);

  Status Start();

  // Runs a life cycle function; fn owns what it uses.
  Status EnterLife(const PluginOperation& operation, std::string_view detail, std::function<void()> fn);

  template <typename Table>
  Status Fetch(const char* kind, const char* id, const Table** table);

  const PluginSpec spec_;
  void* const core_;
  const FindService find_service_;
  PluginConduct* const conduct_;
  LifeThread* const life_;
  std::shared_ptr<const LifeThread::Run> stuck_;  // the last life cycle function that did not come back in time
  PluginTag& tag_;                                // its base is what the plugin holds of its host
  tutti_plugin plugin_{};
  std::atomic<State> state_{State::kNew};
  std::string sha256_;
  PluginGate gate_;
  const std::shared_ptr<std::atomic<std::uint64_t>> work_ = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::atomic<bool> is_paused_{false};
  const tutti_command* command_ = nullptr;
  const tutti_hook* hook_ = nullptr;
  const tutti_storage* storage_ = nullptr;
  const tutti_model* model_ = nullptr;
  const tutti_runtime* runtime_ = nullptr;
  const tutti_template* templates_ = nullptr;
  const tutti_transport* transport_ = nullptr;
};

}  // namespace tutti::host
