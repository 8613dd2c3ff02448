#include "host/lifecycle/change_plan.h"

#include <algorithm>

#include "host/trust/digest.h"

namespace tutti::host {

namespace {

// Empty: it cannot be read, which starting it will say.
std::string DigestOf(const PluginEntry& entry) {
  const Result<std::string> digest = Sha256OfFile(entry.manifest.library);
  return digest.ok() ? *digest : std::string();
}

std::string RunningDigest(const PluginSlot& slot) {
  return slot.plugin == nullptr ? std::string() : slot.plugin->sha256();
}

// Whoever takes over the plugin's role, or had it, comes and goes with it.
std::vector<PluginChange> Restrict(const std::vector<PluginChange>& all, const std::string& id, const Roles& now,
                                   const Roles& next) {
  const bool has_role = HasRole(now, id) || HasRole(next, id);
  std::vector<PluginChange> changes;
  for (const PluginChange& change : all) {
    const bool trades =
        has_role && change.kind != PluginChange::Kind::kReload && (HasRole(now, change.id) || HasRole(next, change.id));
    if (change.id == id || trades) {
      changes.push_back(change);
    }
  }
  return changes;
}

}  // namespace

bool HasRole(const Roles& roles, const std::string& id) {
  return roles.storage == id || roles.model == id || roles.runtime == id;
}

ChangePlan ChangePlan::ForAll(const PluginSlots& slots, const Manifest& next) {
  std::vector<RunningPlugin> running;
  for (const PluginSlot& slot : slots) {
    running.push_back({&slot.entry, RunningDigest(slot), slot.state != PluginSlot::State::kFailed});
  }
  const ManifestDiff diff(running, next, DigestOf);
  return {diff.changes(), next.roles, diff.unchanged()};
}

ChangePlan ChangePlan::ForOne(const PluginSlots& slots, const Roles& now, const Manifest& next, const std::string& id) {
  std::vector<RunningPlugin> running;
  for (const PluginSlot& slot : slots) {
    running.push_back({&slot.entry, RunningDigest(slot), slot.is_active()});
  }
  // Never the digest of what runs, so that it is replaced even when nothing differs.
  const ManifestDiff diff(
      running, next, [&](const PluginEntry& entry) { return entry.manifest.id == id ? "as asked" : DigestOf(entry); });
  ChangePlan plan{Restrict(diff.changes(), id, now, next.roles), now, 0};
  for (PluginChange& change : plan.changes) {
    if (change.id != id) {
      continue;
    }
    change.reason.clear();
    if (change.kind == PluginChange::Kind::kReload) {
      const PluginSlot& slot = *slots.Find(id);
      change.reason =
          ManifestDiff::WhatDiffers(slot.entry, *change.next, RunningDigest(slot) != DigestOf(*change.next));
    }
  }
  const auto changes = [&](const std::string& holder) {
    return std::any_of(plan.changes.begin(), plan.changes.end(),
                       [&](const PluginChange& change) { return change.id == holder; });
  };
  const auto take = [&](std::string& holder, const std::string& then) {
    if (holder != then && (changes(holder) || changes(then))) {
      holder = then;
    }
  };
  take(plan.roles.storage, next.roles.storage);
  take(plan.roles.model, next.roles.model);
  take(plan.roles.runtime, next.roles.runtime);
  return plan;
}

}  // namespace tutti::host
