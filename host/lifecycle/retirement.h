// Instances that were switched off: each stays until its calls have ended and nothing on its way to it is left, then it
// is deactivated and destroyed. One that does not come to rest in time becomes a zombie: it stays loaded, visible.
//
// Threads: control thread. Bound: zombies are as many as operators leave behind; of instances that are gone the last
// kShells are kept as empty shells.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/registry/plugin_instance.h"
#include "host/services/core.h"

namespace tutti::host {

class Retirement {
 public:
  // A call leaves its gate with a last touch after the count is down, so a shell outlives its plugin for a while.
  static constexpr std::size_t kShells = 256;

  struct Retired {
    std::shared_ptr<PluginInstance> plugin;
    std::chrono::steady_clock::time_point deadline;
    bool is_cancelling = false;  // its calls were cancelled, and are ended for it at the deadline
    bool is_zombie = false;
    std::size_t ended_for_it = 0;  // calls it never ended

    [[nodiscard]] std::uint64_t calls() const { return plugin->gate().inside() + ended_for_it; }
  };

  // `is_alive(id)`: another instance of the plugin serves.
  Retirement(Core& core, std::function<bool(std::string_view)> is_alive)
      : core_(core), is_alive_(std::move(is_alive)) {}

  // The instance is out of the routes. Its gate is closed here; with `cancel` its calls are cancelled.
  void Add(std::shared_ptr<PluginInstance> plugin, std::chrono::milliseconds drain, bool cancel);

  // Moves on what can. true: something is still on its way, look again soon.
  bool Tick();

  // The same until `plugin` is gone or a zombie, or `interrupted` answers true.
  void Await(const PluginInstance* plugin, const std::function<bool()>& interrupted);

  [[nodiscard]] const std::vector<Retired>& retired() const { return retired_; }

  // At the end of the process: waits until the deadline for what is left. false: some stay; they are never destroyed,
  // so that what still runs inside does no harm.
  bool Finish(std::chrono::steady_clock::time_point deadline);

  // After the last worker has ended: ends what is deactivated; leaves the rest alone for ever.
  void Abandon();

 private:
  // true: gone.
  bool Advance(Retired& retired);
  void MakeZombie(Retired& retired);
  void Bury(Retired& retired);

  Core& core_;
  const std::function<bool(std::string_view)> is_alive_;
  std::vector<Retired> retired_;
  std::deque<std::shared_ptr<PluginInstance>> shells_;
};

}  // namespace tutti::host
