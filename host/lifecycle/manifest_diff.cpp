#include "host/lifecycle/manifest_diff.h"

#include <algorithm>

namespace tutti::host {

namespace {

bool SameLimits(const PluginLimits& a, const PluginLimits& b) {
  return a.call_timeout == b.call_timeout && a.hook_timeout == b.hook_timeout && a.max_running == b.max_running;
}

bool SameGrants(const PluginGrants& a, const PluginGrants& b) {
  return a.services == b.services && a.net == b.net && a.exec == b.exec && a.read_paths == b.read_paths &&
         a.write_paths == b.write_paths;
}

bool SameProcess(const PluginEntry& a, const PluginEntry& b) {
  const ProcessLimits& x = a.process;
  const ProcessLimits& y = b.process;
  return a.isolation == b.isolation && a.min_confinement == b.min_confinement && x.memory_mb == y.memory_mb &&
         x.files == y.files && x.processes == y.processes && x.start_timeout == y.start_timeout &&
         x.restarts == y.restarts && x.restart_window == y.restart_window;
}

bool SameFaults(const FaultRules& a, const FaultRules& b) {
  return a.deny == b.deny && a.allow == b.allow;
}

}  // namespace

ManifestDiff::ManifestDiff(const std::vector<RunningPlugin>& running, const Manifest& next, const Digest& digest) {
  const auto find = [&running](const std::string& id) {
    return std::find_if(running.begin(), running.end(),
                        [&](const RunningPlugin& plugin) { return plugin.entry->manifest.id == id; });
  };
  for (const PluginEntry& entry : next.plugins) {
    const std::string& id = entry.manifest.id;
    const std::string version = entry.manifest.version.ToString();
    const auto now = find(id);
    if (now == running.end()) {
      changes_.push_back({PluginChange::Kind::kEnable, id, &entry, {}, version, "listed and enabled"});
      continue;
    }
    if (!now->is_active) {
      changes_.push_back({PluginChange::Kind::kEnable, id, &entry, {}, version, "it was not running"});
      continue;
    }
    const std::string what = WhatDiffers(*now->entry, entry, now->sha256 != digest(entry));
    if (what.empty()) {
      ++unchanged_;
    } else {
      changes_.push_back(
          {PluginChange::Kind::kReload, id, &entry, now->entry->manifest.version.ToString(), version, what});
    }
  }
  for (auto now = running.rbegin(); now != running.rend(); ++now) {
    const std::string& id = now->entry->manifest.id;
    const bool stays = std::any_of(next.plugins.begin(), next.plugins.end(),
                                   [&](const PluginEntry& entry) { return entry.manifest.id == id; });
    if (!stays) {
      changes_.push_back({PluginChange::Kind::kDisable,
                          id,
                          nullptr,
                          now->is_active ? now->entry->manifest.version.ToString() : std::string(),
                          {},
                          "no longer enabled"});
    }
  }
}

std::string ManifestDiff::WhatDiffers(const PluginEntry& now, const PluginEntry& next, bool is_other_library) {
  std::string what;
  const auto add = [&what](bool differs, const char* words) {
    if (differs) {
      what += (what.empty() ? "" : ", ") + std::string(words);
    }
  };
  add(now.manifest.version != next.manifest.version, "version");
  add(is_other_library, "library");
  add(now.config_json != next.config_json, "configuration");
  add(now.storage_json != next.storage_json, "tables and grants");
  add(now.manifest.kinds != next.manifest.kinds, "kinds");
  add(now.manifest.points != next.manifest.points, "hook points");
  add(now.order != next.order || now.manifest.order != next.manifest.order, "hook order");
  add(!SameLimits(now.limits, next.limits), "limits");
  add(!SameFaults(now.on_fault, next.on_fault), "fault rules");
  add(now.manifest.permissions != next.manifest.permissions || !SameGrants(now.grants, next.grants), "permissions");
  add(!SameProcess(now, next), "isolation");
  add(now.priority != next.priority, "priority");
  add(now.trust.refusal != next.trust.refusal, "trust");
  return what;
}

}  // namespace tutti::host
