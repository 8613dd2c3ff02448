#include "host/lifecycle/plugin_view.h"

#include <utility>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {

namespace {

const char* StateName(InstalledPlugin::State state) {
  switch (state) {
    case InstalledPlugin::State::kNotChosen:
      return "not chosen";
    case InstalledPlugin::State::kNotListed:
      return "not listed";
    default:
      return "disabled";
  }
}

const char* Reason(InstalledPlugin::State state) {
  switch (state) {
    case InstalledPlugin::State::kEnabled:
      return "the manifest enables it; apply the manifest, or enable it";
    case InstalledPlugin::State::kDisabled:
      return "the manifest or an operator switched it off";
    case InstalledPlugin::State::kNotChosen:
      return "another plugin has its role";
    default:
      return "the manifest does not list it";
  }
}

const char* NameOf(Isolation isolation) {
  return isolation == Isolation::kHost ? "host" : "process";
}

PluginView ViewOf(const PluginSlot& slot, const Fleet& fleet) {
  PluginView view;
  view.id = slot.entry.manifest.id;
  view.version = slot.entry.manifest.version.ToString();
  view.kinds = slot.entry.manifest.kinds;
  view.summary = slot.entry.manifest.summary;
  view.state = slot.state_name();
  view.reason = slot.reason;
  view.is_pinned = slot.entry.trust.is_pinned;
  view.isolation = NameOf(slot.entry.isolation);
  if (slot.plugin != nullptr) {
    view.sha256 = slot.plugin->sha256();
    view.calls = slot.plugin->gate().inside();
    view.isolation = NameOf(slot.plugin->spec().isolation);
    if (fleet.options.life) {
      const PluginLife life = fleet.options.life(*slot.plugin);
      view.confinement = life.confinement;
      view.restarts = life.restarts;
      if (slot.is_active() && !life.state.empty()) {
        view.state = life.state;
        view.reason = life.reason;
      }
    }
  }
  return view;
}

PluginView ViewOf(const Retirement::Retired& retired) {
  PluginView view;
  view.id = retired.plugin->id();
  view.version = retired.plugin->spec().version;
  view.kinds = retired.plugin->spec().kinds;
  view.state = "zombie";
  view.calls = retired.calls();
  view.sha256 = retired.plugin->sha256();
  view.isolation = NameOf(retired.plugin->spec().isolation);
  view.reason = retired.plugin->is_stuck()
                    ? "a thread is inside one of its life cycle functions and does not come back"
                    : "it was switched off and did not come to rest: " + std::to_string(view.calls) + " calls and " +
                          std::to_string(retired.plugin->work()) + " other pieces of work had not ended";
  return view;
}

PluginView ViewOf(const InstalledPlugin& installed) {
  PluginView view;
  view.id = installed.id;
  view.version = installed.version;
  view.kinds = installed.kinds;
  view.summary = installed.summary;
  view.state = StateName(installed.state);
  view.reason = Reason(installed.state);
  return view;
}

}  // namespace

std::string PluginView::ToJson() const {
  JsonWriter writer;
  writer.BeginObject().Key("id").Value(id).Key("version").Value(version).Key("kinds").BeginArray();
  for (const std::string& kind : kinds) {
    writer.Value(kind);
  }
  writer.EndArray().Key("summary").Value(summary).Key("state").Value(state);
  if (!reason.empty()) {
    writer.Key("reason").Value(reason);
  }
  writer.Key("isolation").Value(isolation).Key("confinement").Value(confinement).Key("sha256").Value(sha256);
  writer.Key("calls").Value(calls).Key("restarts").Value(restarts).Key("pinned").Value(is_pinned);
  return writer.EndObject().Take();
}

std::vector<PluginView> ViewAll(const Fleet& fleet) {
  std::vector<PluginView> views;
  for (const PluginSlot& slot : fleet.slots) {
    views.push_back(ViewOf(slot, fleet));
  }
  for (const Retirement::Retired& retired : fleet.retirement.retired()) {
    if (!retired.is_zombie) {
      continue;
    }
    views.push_back(ViewOf(retired));
  }
  for (const InstalledPlugin& installed : fleet.options.load(std::nullopt).manifest.installed) {
    if (fleet.slots.Find(installed.id) != nullptr) {
      continue;
    }
    views.push_back(ViewOf(installed));
  }
  return views;
}

Result<PluginView> ViewOne(const Fleet& fleet, const std::string& id) {
  std::vector<std::string> ids;
  for (PluginView& view : ViewAll(fleet)) {
    if (view.id == id) {
      return std::move(view);
    }
    ids.push_back(view.id);
  }
  return Status::NotFound("no plugin " + id + " is installed" + DidYouMean(id, ids));
}

}  // namespace tutti::host
