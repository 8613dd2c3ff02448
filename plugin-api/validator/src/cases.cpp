#include "cases.h"

#include "child.h"
#include "elf_exports.h"
#include "library.h"

namespace tutti::validator {

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases{
      {"entry", "the library loads and its entry fits this ABI", &CheckEntryCase},
      {"exports", "the library exports the entry and nothing else", &CheckExportsCase},
      {"manifest", "plugin.yaml and the library agree on id, version, kinds and points", &CheckManifestCase},
      {"commands", "command definitions are complete, unique and the same every time", &CheckCommandsCase},
      {"lifecycle", "create, init, activate, deactivate and destroy work in every allowed order", &CheckLifecycleCase},
      {"bad_config", "configuration that is no JSON is refused with a sentence", &CheckBadConfigCase},
      {"finish", "every call is finished exactly once", &CheckFinishCase},
      {"cancel", "a cancelled call is finished soon", &CheckCancelCase},
      {"would_block", "a receiver without room for events does not break a call", &CheckWouldBlockCase},
      {"late_finish", "a call that the host has ended does not break the plugin", &CheckLateFinishCase},
  };
  return cases;
}

Outcome RunCase(const Case& item, const PluginFolder& folder, std::chrono::milliseconds limit) {
  return RunInChild([&] { return item.run(folder); }, limit);
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
