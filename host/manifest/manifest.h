// The whole configuration of a host: etc/tutti.yaml with its includes, and the plugin.yaml of every plugin.
//
// LoadManifest reads and checks everything before any plugin code runs and reports every problem in one pass. Plain
// values afterwards; no threads. Does no I/O but reading the files.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/manifest/host_settings.h"
#include "host/manifest/overlay.h"
#include "host/manifest/plugin_manifest.h"
#include "host/manifest/problem.h"
#include "host/manifest/variables.h"
#include "host/registry/plugin_spec.h"
#include "host/trust/signature.h"

namespace tutti::host {

// Absent: the host's setting.
struct PluginLimits {
  std::optional<std::chrono::milliseconds> call_timeout;
  std::optional<std::chrono::milliseconds> hook_timeout;
  std::optional<int> max_running;  // calls inside the plugin at once
};

// What a failure of the plugin at a hook point means, where it differs from the mode's own rule.
struct FaultRules {
  std::set<std::string> deny;
  std::set<std::string> allow;
};

// How far a plugin is trusted, and why.
struct EntryTrust {
  bool is_first_party = false;
  bool is_pinned = false;
  std::string library_sha256;  // what was looked at, and the only bytes that may be loaded; empty: any
  SignatureCheck signature;
  std::string refusal;  // a sentence: it must not be loaded; empty: it may
};

// One plugin to load.
struct PluginEntry {
  PluginManifest manifest;
  std::string as;  // the name roles use; the id when none is given
  bool required = false;
  std::string config_json;           // valid under the plugin's schema, defaults filled in
  std::vector<std::string> secrets;  // every secret://name in it
  std::map<std::string, int> order;  // by point; lower runs first, default 100
  PluginLimits limits;
  FaultRules on_fault;
  int priority = 0;  // among plugins that offer the same thing: the highest wins
  Isolation isolation = Isolation::kHost;
  Confinement min_confinement = Confinement::kProcess;
  ProcessLimits process;
  PluginGrants grants;
  EntryTrust trust;
  std::string storage_json;               // with the manifest's grants; empty without tables
  std::vector<std::string> dependencies;  // ids of loaded plugins it needs
  Place place;
};

// Plugin ids; empty when no plugin has the role.
struct Roles {
  std::string storage;
  std::string model;
  std::string runtime;
};

// Every plugin that is installed, for listings.
struct InstalledPlugin {
  enum class State { kEnabled, kDisabled, kNotChosen, kNotListed };

  std::string id;
  std::string version;
  std::vector<std::string> kinds;
  std::string summary;
  PluginManifest manifest;
  Problems problems;  // of its plugin.yaml
  State state = State::kNotListed;
};

struct Manifest {
  std::string file;
  std::string lock;     // the lock file, whether or not it exists
  std::string overlay;  // the file that was laid over it, whether or not it exists; empty: none
  Roles roles;
  HostSettings host;
  std::vector<PluginEntry> plugins;        // in load order: what a plugin needs comes before it
  std::vector<InstalledPlugin> installed;  // by id
};

struct LoadOptions {
  std::string file;
  Variables variables;
  std::vector<std::string> plugin_directories;  // what came with the program; searched after plugin_path
  std::optional<std::string> overlay;           // absent: plugins.yaml in host.data_dir; empty: none
  std::string storage;                          // id of the plugin that is the storage, whatever `roles` says
  std::optional<Overlay> switched;              // laid over instead of what that file says
};

struct LoadedManifest {
  Manifest manifest;  // for use only when there is no problem; `installed` is always as complete as it can be
  Problems problems;  // in order of file and line

  [[nodiscard]] bool ok() const { return problems.empty(); }
};

LoadedManifest LoadManifest(const LoadOptions& options);

// Where `tutti plugin install` puts plugins: <data_dir>/plugins-installed/<id>/<version>/. Searched by every start; of
// several versions the pinned one counts, else the newest.
std::string InstalledDirectory(const std::string& data_dir);

}  // namespace tutti::host
