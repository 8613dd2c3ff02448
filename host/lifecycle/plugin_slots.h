// The plugins the manifest has running and how each of them stands, in load order.
//
// Plain values. Threads: control thread. Pointers hold until the next Add, Take or Sort.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/manifest/manifest.h"
#include "host/registry/plugin_instance.h"

namespace tutti::host {

using InstancePtr = std::shared_ptr<PluginInstance>;

struct PluginSlot {
  enum class State { kActive, kFailed, kQuarantined };

  PluginEntry entry;
  InstancePtr plugin;  // set while active or quarantined
  State state = State::kFailed;
  std::string reason;     // when it is not active
  std::string waits_for;  // id of what it needs, when that is why it failed

  [[nodiscard]] bool is_active() const { return state == State::kActive; }

  // As tutti/abi/admin.h spells it.
  [[nodiscard]] const char* state_name() const;
};

class PluginSlots {
 public:
  [[nodiscard]] auto begin() { return slots_.begin(); }

  [[nodiscard]] auto end() { return slots_.end(); }

  [[nodiscard]] auto begin() const { return slots_.begin(); }

  [[nodiscard]] auto end() const { return slots_.end(); }

  [[nodiscard]] auto rbegin() { return slots_.rbegin(); }

  [[nodiscard]] auto rend() { return slots_.rend(); }

  [[nodiscard]] std::size_t size() const { return slots_.size(); }

  PluginSlot& operator[](std::size_t i) { return slots_[i]; }

  PluginSlot& Add(PluginSlot slot) { return slots_.emplace_back(std::move(slot)); }

  // The plugin of the slot, which is gone then; may be empty.
  InstancePtr Take(std::string_view id);

  // nullptr: no such plugin.
  PluginSlot* Find(std::string_view id);
  [[nodiscard]] const PluginSlot* Find(std::string_view id) const;

  [[nodiscard]] bool IsActive(std::string_view id) const;
  [[nodiscard]] std::vector<InstancePtr> Active() const;

  // Ids of what runs and needs this one.
  [[nodiscard]] std::vector<std::string> DependentsOf(const std::string& id) const;

  // In the order of the manifest; what it does not list comes last.
  void Sort(const Manifest& order);

 private:
  std::vector<PluginSlot> slots_;
};

}  // namespace tutti::host
