#include "host/lifecycle/plugin_changes.h"

#include <algorithm>
#include <utility>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

ChangeReport PluginChanges::Run(const Manifest& next, const ChangePlan& plan, const Drain& drain) {
  ChangeReport report;
  const Roles before = fleet_.manifest.roles;
  if (plan.roles.storage != before.storage && !before.storage.empty()) {
    report.problems.push_back("the storage would change from " + before.storage + " to " +
                              (plan.roles.storage.empty() ? "none" : plan.roles.storage) +
                              ", and what the plugins know of the one is not in the other; stop the server and start "
                              "it again for that");
    return report;
  }
  std::vector<Prepared> prepared = Prepare(plan, report.problems);
  if (!report.problems.empty()) {
    for (Prepared& each : prepared) {
      if (each.instance != nullptr) {
        fleet_.starter.Discard(std::move(each.instance));
      }
    }
    return report;
  }
  fleet_.manifest.roles = plan.roles;
  for (const Prepared& each : prepared) {
    ChangeReport::Change done = RunOne(each, plan.roles, before, drain);
    fleet_.core.log.Write(
        done.what == "failed" ? TUTTI_LOG_ERROR : TUTTI_LOG_INFORMATION, "", "plugin changed",
        JsonObject()("id", done.id)("what", done.what)("from", done.from)("to", done.to)("reason", done.reason).Take());
    report.changed.push_back(std::move(done));
  }
  KeepRoles(before);
  TakeSettings(next);
  fleet_.UpdateRoutes();
  fleet_.CountStates();
  return report;
}

ChangeReport::Change PluginChanges::RunOne(const Prepared& prepared, const Roles& wanted, const Roles& before,
                                           const Drain& drain) {
  const PluginChange& change = *prepared.change;
  ChangeReport::Change done{change.id, change.kind == PluginChange::Kind::kEnable ? "enabled" : "reloaded", change.from,
                            change.to, change.reason};
  if (change.kind == PluginChange::Kind::kDisable) {
    KeepRoles(before);
    if (HasRole(fleet_.manifest.roles, change.id) && !HasRole(wanted, change.id)) {
      done.what = "failed";
      done.reason = "it goes on, because its successor could not be started";
      return done;
    }
    done.what = "disabled";
    TakeDown(change.id, drain);
    return done;
  }
  PluginSlot* slot = fleet_.slots.Find(change.id);
  const Status status = slot == nullptr || !slot->is_active()
                            ? BringUp(*change.next, prepared.instance, drain)
                            : replacement_.Replace(*slot, *change.next, prepared.instance, drain);
  if (!status.ok()) {
    done.what = "failed";
    done.reason = status.message();
  } else if (change.is_upgrade()) {
    done.what = "upgraded";
  }
  return done;
}

// What needs no new instance, such as `required`, is taken as it is.
void PluginChanges::TakeSettings(const Manifest& next) {
  for (PluginSlot& slot : fleet_.slots) {
    for (const PluginEntry& entry : next.plugins) {
      if (entry.manifest.id == slot.entry.manifest.id && slot.is_active()) {
        slot.entry.required = entry.required;
        slot.entry.dependencies = entry.dependencies;
        slot.entry.as = entry.as;
      }
    }
  }
  fleet_.manifest.installed = next.installed;
  fleet_.slots.Sort(next);
}

std::vector<PluginChanges::Prepared> PluginChanges::Prepare(const ChangePlan& plan,
                                                            std::vector<std::string>& problems) {
  std::vector<Prepared> prepared;
  std::vector<InstancePtr> active = fleet_.slots.Active();
  for (const PluginChange& change : plan.changes) {
    const auto same = [&](const InstancePtr& instance) { return instance->id() == change.id; };
    if (change.kind == PluginChange::Kind::kDisable) {
      std::erase_if(active, same);
      prepared.push_back({&change, nullptr});
      continue;
    }
    Result<InstancePtr> made = fleet_.starter.Make(*change.next);
    if (!made.ok()) {
      problems.emplace_back(made.status().message());
      continue;
    }
    const auto found = std::find_if(active.begin(), active.end(), same);
    if (found != active.end()) {
      *found = *made;
    } else {
      active.push_back(*made);
    }
    prepared.push_back({&change, std::move(*made)});
  }
  if (problems.empty()) {
    // What would be left out of the new table and was not left out of this one is the fault of what comes.
    problems = fleet_.routes.NewProblems(active, plan.roles);
  }
  return prepared;
}

Status PluginChanges::BringUp(const PluginEntry& entry, const InstancePtr& instance, const Drain& drain) {
  Status status = fleet_.starter.CheckDependencies(entry, nullptr);
  if (status.ok()) {
    status = fleet_.starter.Bring(entry, instance);
  }
  if (status.ok() && instance->transport() != nullptr) {
    std::vector<std::string> addresses;
    status = fleet_.listeners.Listen(*instance, addresses);
  }
  if (!status.ok()) {
    fleet_.starter.Discard(instance);
    return status;
  }
  PluginSlot* slot = fleet_.slots.Find(entry.manifest.id);
  if (slot == nullptr) {
    slot = &fleet_.slots.Add({entry, nullptr, PluginSlot::State::kFailed, {}, {}});
  }
  InstancePtr quarantined = std::move(slot->plugin);
  fleet_.Install(*slot, entry, instance);
  if (quarantined != nullptr) {
    fleet_.Retire(std::move(quarantined), drain);
  }
  if (instance->storage() != nullptr && entry.manifest.id == fleet_.manifest.roles.storage) {
    // Its tables are there already unless it is new; a failure shows in what uses them.
    status = fleet_.schemas.EnsureAll(*instance, fleet_.slots);
  }
  if (instance->transport() != nullptr) {
    fleet_.listeners.Tell();
  }
  return status;
}

void PluginChanges::TakeDown(const std::string& id, const Drain& drain) {
  InstancePtr old = fleet_.slots.Take(id);
  if (fleet_.manifest.roles.model == id) {
    fleet_.manifest.roles.model.clear();
  }
  if (fleet_.manifest.roles.runtime == id) {
    fleet_.manifest.roles.runtime.clear();
  }
  fleet_.UpdateRoutes();
  if (old == nullptr) {
    return;
  }
  if (old->transport() != nullptr) {
    Listeners::Pause(*old);
    fleet_.listeners.Forget(id);
    fleet_.listeners.Tell();
  }
  fleet_.Retire(std::move(old), drain);
}

void PluginChanges::KeepRoles(const Roles& before) {
  const auto keep = [&](std::string& now, const std::string& then) {
    if (!now.empty() && !fleet_.slots.IsActive(now) && fleet_.slots.IsActive(then)) {
      now = then;
    }
  };
  keep(fleet_.manifest.roles.storage, before.storage);
  keep(fleet_.manifest.roles.model, before.model);
  keep(fleet_.manifest.roles.runtime, before.runtime);
}

void PluginChanges::StartWaiting(const std::string& id, ChangeReport& report) {
  for (std::size_t i = 0; i < fleet_.slots.size(); ++i) {
    if (fleet_.slots[i].state != PluginSlot::State::kFailed || fleet_.slots[i].waits_for != id) {
      continue;
    }
    const PluginEntry entry = fleet_.slots[i].entry;
    Result<InstancePtr> made = fleet_.starter.Make(entry);
    if (!made.ok()) {
      fleet_.slots[i].reason = made.status().message();
      continue;
    }
    if (Status status = BringUp(entry, *made, {}); status.ok()) {
      const std::string& started = entry.manifest.id;
      report.changed.push_back({started, "enabled", {}, entry.manifest.version.ToString(), "it waited for " + id});
      StartWaiting(started, report);
    } else if (PluginSlot* slot = fleet_.slots.Find(entry.manifest.id)) {
      slot->reason = status.message();
    }
  }
  fleet_.CountStates();
}

}  // namespace tutti::host
