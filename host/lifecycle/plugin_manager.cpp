#include "host/lifecycle/plugin_manager.h"

#include <algorithm>
#include <utility>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

PluginManager::~PluginManager() {
  fleet_.core.routes.Set(nullptr);
  for (auto slot = fleet_.slots.rbegin(); slot != fleet_.slots.rend(); ++slot) {
    if (slot->plugin != nullptr && (slot->plugin->is_active() || slot->plugin->is_stuck())) {
      // It did not drain: its code and data stay, so that what still runs inside does no harm.
      static_cast<void>(new InstancePtr(std::move(slot->plugin)));
    } else if (slot->plugin != nullptr) {
      slot->plugin->Destroy();
    }
  }
  fleet_.retirement.Abandon();
}

Status PluginManager::Start() {
  for (const PluginEntry& entry : fleet_.manifest.plugins) {
    PluginSlot slot{entry, nullptr, PluginSlot::State::kFailed, {}, {}};
    Result<InstancePtr> made = fleet_.starter.Make(entry);
    if (made.ok()) {
      slot.plugin = std::move(*made);
    } else if (Status fatal = FailStart(slot, made.status()); !fatal.ok()) {
      return fatal;
    }
    fleet_.slots.Add(std::move(slot));
  }
  for (PluginSlot& slot : fleet_.slots) {
    if (slot.plugin == nullptr) {
      continue;
    }
    const auto started = Clock::now();
    if (const Status status = StartOne(slot); !status.ok()) {
      if (Status fatal = FailStart(slot, status); !fatal.ok()) {
        return fatal;
      }
      continue;
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started);
    fleet_.core.log.Write(TUTTI_LOG_INFORMATION, "", "plugin active",
                          JsonObject()("id", slot.entry.manifest.id)("version", slot.plugin->spec().version)(
                              "sha256", slot.plugin->sha256())("ms", took.count())
                              .Take());
  }
  fleet_.CountStates();
  return {};
}

Status PluginManager::StartOne(PluginSlot& slot) {
  Status status = fleet_.starter.CheckDependencies(slot.entry, &slot.waits_for);
  if (status.ok()) {
    status = fleet_.starter.Bring(slot.entry, slot.plugin);
  }
  if (!status.ok()) {
    return status;
  }
  slot.state = PluginSlot::State::kActive;
  fleet_.UpdateRoutes();
  return slot.plugin->storage() == nullptr ? Status() : fleet_.schemas.EnsureHost(*slot.plugin);
}

Status PluginManager::FailStart(PluginSlot& slot, const Status& reason) {
  fleet_.core.log.Write(TUTTI_LOG_ERROR, "", "plugin not started",
                        JsonObject()("id", slot.entry.manifest.id)("reason", reason.message()).Take());
  const bool was_active = slot.is_active();
  slot.state = PluginSlot::State::kFailed;
  slot.reason = reason.message();
  if (was_active) {
    fleet_.UpdateRoutes();
  }
  if (slot.plugin != nullptr) {
    fleet_.starter.Discard(std::move(slot.plugin));
  }
  return slot.entry.required ? reason : Status();
}

Result<std::vector<std::string>> PluginManager::Listen() {
  std::vector<std::string> addresses;
  for (PluginSlot& slot : fleet_.slots) {
    if (!slot.is_active() || slot.plugin->transport() == nullptr) {
      continue;
    }
    if (Status status = fleet_.listeners.Listen(*slot.plugin, addresses); !status.ok()) {
      return status;
    }
  }
  return addresses;
}

void PluginManager::Pause() {
  for (PluginSlot& slot : fleet_.slots) {
    if (slot.is_active() && slot.plugin->transport() != nullptr) {
      Listeners::Pause(*slot.plugin);
    }
  }
}

bool PluginManager::Stop(Clock::time_point deadline) {
  if (fleet_.options.life_thread != nullptr) {
    fleet_.options.life_thread->EndBy(deadline);
  }
  bool all = true;
  for (auto slot = fleet_.slots.rbegin(); slot != fleet_.slots.rend(); ++slot) {
    if (slot->plugin == nullptr || !slot->plugin->is_active()) {
      continue;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (!slot->plugin->Deactivate(std::max(left, std::chrono::milliseconds(100)))) {
      fleet_.core.log.Write(TUTTI_LOG_ERROR, "", "plugin did not drain; it stays loaded",
                            JsonObject()("id", slot->entry.manifest.id)("calls", slot->plugin->gate().inside()).Take());
      all = false;
    }
  }
  return fleet_.retirement.Finish(deadline) && all;
}

std::vector<std::pair<std::string, std::string>> PluginManager::failed() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const PluginSlot& slot : fleet_.slots) {
    if (slot.state == PluginSlot::State::kFailed) {
      all.emplace_back(slot.entry.manifest.id, slot.reason);
    }
  }
  return all;
}

void PluginManager::Quarantine(const std::string& id, const std::string& reason) {
  PluginSlot* slot = fleet_.slots.Find(id);
  if (slot == nullptr || !slot->is_active()) {
    return;
  }
  slot->state = PluginSlot::State::kQuarantined;
  slot->reason = reason;
  fleet_.UpdateRoutes();
  static_cast<void>(slot->plugin->gate().Close(std::chrono::milliseconds(0)));
  fleet_.core.calls.CancelInside(slot->plugin->gate());
  fleet_.core.log.Write(TUTTI_LOG_ERROR, "", "plugin quarantined", JsonObject()("id", id)("reason", reason).Take());
  fleet_.CountStates();
}

bool PluginManager::Tick() {
  if (fleet_.retirement.retired().empty()) {
    return false;
  }
  const bool is_busy = fleet_.retirement.Tick();
  fleet_.CountStates();
  return is_busy;
}

}  // namespace tutti::host
