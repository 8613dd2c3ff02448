#include <map>
#include <string>

#include "cases.h"
#include "library.h"
#include "served.h"
#include "tutti/abi/template.h"
#include "tutti/abi/transport.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::validator {
namespace {

using testing::FakeHost;
using testing::LoadedPlugin;

const std::map<std::string, const char*> kExtensions{
    {"transport", TUTTI_KIND_TRANSPORT}, {"storage", TUTTI_KIND_STORAGE}, {"hook", TUTTI_KIND_HOOK},
    {"command", TUTTI_KIND_COMMAND},     {"model", TUTTI_KIND_MODEL},     {"runtime", TUTTI_KIND_RUNTIME},
    {"template", TUTTI_KIND_TEMPLATE},
};

// The first member of every table.
struct SizedTable {
  std::uint32_t size;
};

Outcome CheckKinds(const PluginFolder& folder, const LoadedPlugin& plugin) {
  for (const auto& [kind, id] : kExtensions) {
    const auto* table = plugin.Extension<SizedTable>(id);
    if (table == nullptr && folder.Serves(kind)) {
      return Outcome::Fail("plugin.yaml declares the kind " + kind + ", but get_extension(\"" + id +
                           "\") answered NULL");
    }
    if (table != nullptr && !folder.Serves(kind)) {
      return Outcome::Fail("the library serves the kind " + kind + ", but plugin.yaml does not declare it");
    }
    if (table != nullptr && table->size <= sizeof(SizedTable)) {
      return Outcome::Fail("the table for " + std::string(id) + " says it has " + std::to_string(table->size) +
                           " bytes; set its size member to sizeof");
    }
  }
  return Outcome::Pass("");
}

Outcome CheckPoints(const PluginFolder& folder, const LoadedPlugin& plugin) {
  const auto* hook = plugin.Extension<tutti_hook>(TUTTI_KIND_HOOK);
  if (hook == nullptr) {
    return folder.points.empty() ? Outcome::Pass("")
                                 : Outcome::Fail("plugin.yaml lists points, but the plugin is no hook");
  }
  bool wants_points = false;
  bool wants_events = false;
  for (const DeclaredPoint& point : folder.points) {
    wants_points = wants_points || point.modes.count("gate") > 0 || point.modes.count("record") > 0;
    wants_events = wants_events || point.modes.count("observe") > 0;
  }
  if (wants_points && hook->on_point == nullptr) {
    return Outcome::Fail("plugin.yaml lists gate or record points, but the hook has no on_point");
  }
  if (wants_events && hook->on_events == nullptr) {
    return Outcome::Fail("plugin.yaml lists observe points, but the hook has no on_events");
  }
  if (!wants_points && hook->on_point != nullptr) {
    return Outcome::Warn("the hook has on_point, but plugin.yaml lists no gate or record point, so it is never called");
  }
  if (!wants_events && hook->on_events != nullptr) {
    return Outcome::Warn("the hook has on_events, but plugin.yaml lists no observe point, so it is never called");
  }
  return Outcome::Pass("");
}

std::string Joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace

Outcome CheckManifestCase(const PluginFolder& folder) {
  const Result<const tutti_entry*> entry = LoadUsableEntry(folder);
  if (!entry.ok()) {
    return Outcome::Skip("the entry is not usable, see the case `entry`");
  }
  if (folder.id != (*entry)->id) {
    return Outcome::Fail("plugin.yaml has the id " + folder.id + ", the library " + (*entry)->id);
  }
  if (folder.version != (*entry)->version) {
    return Outcome::Fail("plugin.yaml has the version " + folder.version + ", the library " + (*entry)->version);
  }
  if (folder.abi != (*entry)->abi_major) {
    return Outcome::Fail("plugin.yaml has abi " + std::to_string(folder.abi) + ", the library " +
                         std::to_string((*entry)->abi_major));
  }
  FakeHost host;
  ProgramServices(host, Services::kAnswer);
  LoadedPlugin plugin(host, (*entry)->create);
  const Status status = plugin.Init(folder.config);
  if (!status.ok()) {
    return Outcome::Skip("id and version agree; kinds could not be asked for, init was refused: " +
                         std::string(status.message()));
  }
  Outcome outcome = CheckKinds(folder, plugin);
  if (outcome.verdict == Verdict::kPass) {
    outcome = CheckPoints(folder, plugin);
  }
  if (outcome.verdict == Verdict::kPass) {
    outcome.sentence = "id, version and kinds (" + Joined(folder.kinds) + ") agree";
  }
  return outcome;
}

}  // namespace tutti::validator
