#include "cases.h"

#include "child.h"
#include "elf_exports.h"
#include "library.h"

namespace tutti::validator {

namespace {

// A case that knows no effort.
template <Outcome (*kRun)(const PluginFolder&)>
Outcome Plain(const PluginFolder& folder, const Effort&) {
  return kRun(folder);
}

}  // namespace

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases{
      {"entry", "the library loads and its entry fits this ABI", &Plain<CheckEntryCase>},
      {"exports", "the library exports the entry and nothing else", &Plain<CheckExportsCase>},
      {"manifest", "plugin.yaml and the library agree on id, version, kinds and points", &Plain<CheckManifestCase>},
      {"points", "the hook points of plugin.yaml exist and can be taken that way", &Plain<CheckPointsCase>},
      {"schemas", "the schemas of configuration, arguments and results are of draft 7", &Plain<CheckSchemasCase>},
      {"commands", "command definitions are complete, unique and the same every time", &Plain<CheckCommandsCase>},
      {"lifecycle", "create, init, activate, deactivate and destroy work in every allowed order",
       &Plain<CheckLifecycleCase>},
      {"bad_config", "configuration that is no JSON is refused with a sentence", &Plain<CheckBadConfigCase>},
      {"finish", "every call is finished exactly once", &Plain<CheckFinishCase>},
      {"cancel", "a cancelled call is finished soon", &Plain<CheckCancelCase>},
      {"would_block", "a receiver without room for events does not break a call", &Plain<CheckWouldBlockCase>},
      {"late_finish", "a call that the host has ended does not break the plugin", &Plain<CheckLateFinishCase>},
      {"conduct",
       "what the plugin calls is called in the right state, on the right thread, with whole structs and JSON",
       &Plain<CheckConductCase>},
      {"permissions", "plugin.yaml names the permission of every service that is used", &Plain<CheckPermissionsCase>},
      {"sizes", "larger and smaller structs of other hosts are taken or refused, never read past their end",
       &Plain<CheckSizesCase>},
      {"services", "a host without a service is taken or refused with a sentence", &Plain<CheckServicesCase>},
      {"activations", "the plugin can be switched off and on a hundred times", &CheckActivationsCase},
      {"deactivate", "calls in flight end when it is switched off, and nothing is called afterwards",
       &CheckDeactivateCase},
      {"leftovers", "no thread and no descriptor is left after destroy", &Plain<CheckLeftoversCase>},
      {"race", "calls from several threads end once, some cancelled or ended by the host", &CheckRaceCase},
      {"random", "random bodies and configurations do no harm", &CheckRandomCase},
      {"memory", "the heap does not grow with the calls", &CheckMemoryCase},
  };
  return cases;
}

Outcome RunCase(const Case& item, const PluginFolder& folder, const Effort& effort, std::chrono::milliseconds limit) {
  return RunInChild([&] { return item.run(folder, effort); }, limit);
}

Outcome CheckEntryCase(const PluginFolder& folder) {
  const Result<const tutti_entry*> entry = LoadUsableEntry(folder);
  if (!entry.ok()) {
    return Outcome::Fail(std::string(entry.status().message()));
  }
  return Outcome::Pass("id " + std::string((*entry)->id) + ", version " + (*entry)->version + ", ABI " +
                       std::to_string((*entry)->abi_major) + "." + std::to_string((*entry)->abi_minor));
}

Outcome CheckExportsCase(const PluginFolder& folder) {
  const Result<std::vector<std::string>> exports = ReadExports(folder.library);
  if (!exports.ok()) {
    return Outcome::Fail(std::string(exports.status().message()));
  }
  std::string others;
  std::size_t other_count = 0;
  bool has_entry = false;
  for (const std::string& name : *exports) {
    if (name == TUTTI_ENTRY_SYMBOL) {
      has_entry = true;
    } else if (++other_count <= 5) {
      others += (others.empty() ? "" : ", ") + name;
    }
  }
  if (!has_entry) {
    return Outcome::Fail("expected the exported symbol " TUTTI_ENTRY_SYMBOL ", found none");
  }
  if (other_count > 0) {
    return Outcome::Fail("expected the one exported symbol " TUTTI_ENTRY_SYMBOL ", found " +
                         std::to_string(other_count) + " more: " + others + (other_count > 5 ? ", ..." : "") +
                         "; link with a version script or hidden visibility");
  }
  return Outcome::Pass("exports " TUTTI_ENTRY_SYMBOL " only");
}

}  // namespace tutti::validator
