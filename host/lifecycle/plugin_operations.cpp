#include "host/lifecycle/plugin_operations.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "host/lifecycle/change_plan.h"
#include "host/lifecycle/plugin_view.h"

namespace tutti::host {

namespace {

std::string Joined(const std::vector<std::string>& texts, const char* between) {
  std::string all;
  for (const std::string& text : texts) {
    all += (all.empty() ? "" : between) + text;
  }
  return all;
}

std::vector<std::string> Texts(const std::vector<Problem>& problems) {
  std::vector<std::string> texts;
  for (const Problem& problem : problems) {
    texts.push_back(ToString(problem));
  }
  return texts;
}

}  // namespace

Result<ChangeReport> PluginOperations::Enable(const std::string& id, const Drain& drain) {
  if (fleet_.slots.IsActive(id)) {
    ChangeReport report;
    report.unchanged = fleet_.slots.size();
    report.notes.push_back(id + " is running already");
    return report;
  }
  const Result<LoadedManifest> loaded = LoadSwitched(id, true);
  if (!loaded.ok()) {
    return loaded.status();
  }
  const auto& plugins = loaded->manifest.plugins;
  if (std::none_of(plugins.begin(), plugins.end(), [&](const PluginEntry& e) { return e.manifest.id == id; })) {
    return Status::FailedPrecondition(id + " is enabled, but another plugin has its role; name it under roles in the " +
                                      "manifest (" + fleet_.manifest.file + ")");
  }
  Result<ChangeReport> report = ChangeOne(id, loaded->manifest, drain);
  if (report.ok()) {
    changes_.StartWaiting(id, *report);
    Remember(id, true, *report);
  }
  return report;
}

Result<ChangeReport> PluginOperations::Disable(const std::string& id, const Drain& drain) {
  const PluginSlot* slot = fleet_.slots.Find(id);
  if (slot == nullptr) {
    const Result<PluginView> known = ViewOne(fleet_, id);
    if (!known.ok()) {
      return known.status();
    }
    ChangeReport report;
    report.unchanged = fleet_.slots.size();
    report.notes.push_back(id + " is not running: " + known->state);
    return report;
  }
  if (slot->entry.required) {
    return Status::FailedPrecondition(id + " is marked `required: true` in the manifest (" + slot->entry.place.file +
                                      ":" + std::to_string(slot->entry.place.line) +
                                      "), so the server does not go on without it; remove that first");
  }
  const std::vector<std::string> dependents = fleet_.slots.DependentsOf(id);
  const Result<LoadedManifest> loaded = LoadSwitched(id, false);
  if (!loaded.ok()) {
    if (!dependents.empty()) {
      return Status::FailedPrecondition(id + " cannot be disabled: " + Joined(dependents, ", ") +
                                        (dependents.size() == 1 ? " needs it" : " need it") + "; disable " +
                                        (dependents.size() == 1 ? "that" : "those") + " first");
    }
    return loaded.status();
  }
  const bool is_own_way =
      drain.caller != nullptr && slot->plugin != nullptr && CallTable::IsBelow(*drain.caller, slot->plugin->gate());
  Result<ChangeReport> report = ChangeOne(id, loaded->manifest, drain);
  if (report.ok()) {
    if (is_own_way) {
      report->notes.push_back("this command goes with " + id + "; to bring it back, take its line out of " +
                              fleet_.manifest.overlay + " and send SIGHUP");
    }
    Remember(id, false, *report);
  }
  return report;
}

Result<ChangeReport> PluginOperations::Reload(const std::string& id, const Drain& drain) {
  if (fleet_.slots.Find(id) == nullptr) {
    const Result<PluginView> known = ViewOne(fleet_, id);
    return known.ok() ? Status::FailedPrecondition(id + " is not running (" + known->state + "); enable it instead")
                      : known.status();
  }
  const Result<LoadedManifest> loaded = LoadChecked(std::nullopt);
  if (!loaded.ok()) {
    return loaded.status();
  }
  return ChangeOne(id, loaded->manifest, drain);
}

ChangeReport PluginOperations::Apply(const Drain& drain) {
  const LoadedManifest loaded = fleet_.options.load(std::nullopt);
  if (!loaded.ok()) {
    ChangeReport report;
    report.problems = Texts(loaded.problems);
    report.unchanged = fleet_.slots.size();
    return report;
  }
  const bool is_other_host = !(loaded.manifest.host == fleet_.manifest.host);
  const ChangePlan plan = ChangePlan::ForAll(fleet_.slots, loaded.manifest);
  ChangeReport report = changes_.Run(loaded.manifest, plan, drain);
  report.unchanged = plan.unchanged;
  if (is_other_host && report.problems.empty()) {
    report.notes.emplace_back(
        "the section `host` of the manifest differs from what this server was started with; it "
        "counts from the next start");
  }
  return report;
}

Result<ChangeReport> PluginOperations::ChangeOne(const std::string& id, const Manifest& next, const Drain& drain) {
  const ChangePlan plan = ChangePlan::ForOne(fleet_.slots, fleet_.manifest.roles, next, id);
  ChangeReport report = changes_.Run(next, plan, drain);
  report.unchanged = fleet_.slots.size() - std::min(fleet_.slots.size(), report.changed.size());
  if (!report.problems.empty()) {
    return Status::FailedPrecondition(Joined(report.problems, "\n"));
  }
  for (const ChangeReport::Change& change : report.changed) {
    if (change.what == "failed") {
      return Status::FailedPrecondition(change.reason);
    }
  }
  return report;
}

Result<LoadedManifest> PluginOperations::LoadChecked(std::optional<Overlay> overlay) const {
  LoadedManifest loaded = fleet_.options.load(std::move(overlay));
  if (loaded.ok()) {
    return loaded;
  }
  return Status::FailedPrecondition(Joined(Texts(loaded.problems), "\n"));
}

Result<LoadedManifest> PluginOperations::LoadSwitched(const std::string& id, bool enabled) const {
  Result<Overlay> overlay = ReadOverlay();
  if (!overlay.ok()) {
    return overlay.status();
  }
  overlay->SetEnabled(id, enabled);
  return LoadChecked(std::move(*overlay));
}

Result<Overlay> PluginOperations::ReadOverlay() const {
  if (fleet_.manifest.overlay.empty()) {
    return Overlay();
  }
  return Overlay::Read(fleet_.manifest.overlay);
}

void PluginOperations::Remember(const std::string& id, bool enabled, ChangeReport& report) const {
  Status kept = Status::FailedPrecondition("the host has no data directory");
  if (!fleet_.manifest.overlay.empty()) {
    Result<Overlay> overlay = ReadOverlay();
    kept = overlay.status();
    if (overlay.ok()) {
      overlay->SetEnabled(id, enabled);
      kept = overlay->Write(fleet_.manifest.overlay);
    }
  }
  if (!kept.ok()) {
    report.notes.push_back("it is not remembered over a restart: " + std::string(kept.message()));
  }
}

}  // namespace tutti::host
