#include "host/manifest/manifest.h"

#include <filesystem>
#include <iterator>

#include "host/manifest/grants.h"
#include "host/manifest/include.h"
#include "host/manifest/listing.h"
#include "host/manifest/load_order.h"
#include "host/manifest/overlay.h"
#include "host/manifest/plugin_search.h"
#include "host/manifest/roles.h"
#include "host/manifest/schema.h"
#include "host/manifest/trust.h"

namespace tutti::host {
namespace {

// `host` and each `config` have schemas of their own.
const Schema& FileSchema() {
  static const Schema kSchema = Schema::BuiltIn(std::string(R"(
type: object
required: [version]
properties:
  version: {const: 1}
  include: {}
  plugin_path: {type: array, items: {type: string}}
  roles:
    type: object
    properties:
      storage: {type: string}
      model: {type: string}
      runtime: {type: string}
  host: {type: object}
  plugins:
    type: array
    items:
      type: object
      required: [id]
      properties:
        id: {type: string, minLength: 1}
        as: {type: string, pattern: "^[a-z0-9_.-]+$"}
        enabled: {type: boolean}
        required: {type: boolean}
        isolation: {enum: [host, process]}
        min_confinement: {enum: [process, filtered, full]}
        priority: {type: integer, minimum: -1000000, maximum: 1000000}
        order: {type: object, additionalProperties: {type: integer, minimum: -1000000, maximum: 1000000}}
        limits:
          type: object
          properties:
            call_timeout_ms: {type: integer, minimum: 1, maximum: 86400000}
            hook_timeout_ms: {type: integer, minimum: 1, maximum: 600000}
            max_running: {type: integer, minimum: 1, maximum: 1000000}
            memory_mb: {type: integer, minimum: 16, maximum: 1048576}
            files: {type: integer, minimum: 16, maximum: 1048576}
            processes: {type: integer, minimum: 4, maximum: 100000}
            restarts: {type: integer, minimum: 0, maximum: 1000}
            restart_window_ms: {type: integer, minimum: 1000, maximum: 86400000}
            start_timeout_ms: {type: integer, minimum: 100, maximum: 600000}
        on_fault:
          type: object
          properties:
            deny: {type: array, items: {type: string}}
            allow: {type: array, items: {type: string}}
        config: {type: object}
        grants: )") + GrantsSectionSchema());
  return kSchema;
}

std::vector<std::string> SearchPath(const Node& root, const LoadOptions& options, Problems& problems) {
  std::vector<std::string> directories;
  if (const Node* list = root.Find("plugin_path")) {
    for (const Node& item : list->items) {
      // Variables that are empty leave empty entries.
      if (!item.is_scalar() || item.text.empty()) {
        continue;
      }
      const std::filesystem::path directory = std::filesystem::path(item.place.file).parent_path() / item.text;
      std::error_code error;
      if (!std::filesystem::is_directory(directory, error)) {
        problems.push_back(ProblemAt(item, "expected a directory of plugins, found none at " + directory.string()));
        continue;
      }
      directories.push_back(directory.string());
    }
  }
  directories.insert(directories.end(), options.plugin_directories.begin(), options.plugin_directories.end());
  return directories;
}

InstalledPlugin::State StateOf(const ListedPlugin& listed) {
  if (!listed.enabled) {
    return InstalledPlugin::State::kDisabled;
  }
  return listed.chosen ? InstalledPlugin::State::kEnabled : InstalledPlugin::State::kNotChosen;
}

std::vector<InstalledPlugin> Installed(const std::map<std::string, FoundPlugin>& found,
                                       const std::vector<ListedPlugin>& listed) {
  std::vector<InstalledPlugin> installed;
  for (const auto& [id, plugin] : found) {
    InstalledPlugin entry{id,
                          plugin.manifest.version.ToString(),
                          plugin.manifest.kinds,
                          plugin.manifest.summary,
                          plugin.manifest,
                          plugin.problems};
    for (const ListedPlugin& candidate : listed) {
      if (candidate.found == &plugin) {
        entry.state = StateOf(candidate);
      }
    }
    installed.push_back(std::move(entry));
  }
  return installed;
}

// What was switched while the server ran.
std::string LayOver(Node& root, const LoadOptions& options, const std::string& data_dir, Problems& problems) {
  const std::string file = options.overlay    ? *options.overlay
                           : data_dir.empty() ? std::string()
                                              : Overlay::PathIn(data_dir).string();
  if (options.switched) {
    options.switched->ApplyTo(root);
  } else if (!file.empty()) {
    Overlay::Read(file, problems).ApplyTo(root);
  }
  return file;
}

std::string LockPath(const std::string& manifest, const TrustSettings& settings) {
  const std::filesystem::path directory = std::filesystem::absolute(manifest).parent_path();
  return (directory / settings.lock).lexically_normal().string();
}

std::vector<PluginEntry> ReadEntries(const std::vector<ListedPlugin>& listed,
                                     const std::map<std::string, FoundPlugin>& found, const Variables& variables,
                                     const TrustRules& rules, Problems& problems) {
  std::vector<PluginEntry> entries;
  for (const ListedPlugin& plugin : listed) {
    if (!plugin.enabled) {
      continue;
    }
    const Node* config = plugin.node->Find("config");
    if (!plugin.chosen) {
      if (config != nullptr) {
        plugin.found->manifest.config.CheckKeys(*config, problems);
      }
      continue;
    }
    problems.insert(problems.end(), plugin.found->problems.begin(), plugin.found->problems.end());
    entries.push_back(ReadEntry(plugin, found, variables, problems));
    DecideTrust(rules, *plugin.found, *plugin.node, entries.back(), problems);
  }
  return entries;
}

}  // namespace

LoadedManifest LoadManifest(const LoadOptions& options) {
  LoadedManifest loaded;
  loaded.manifest.file = options.file;
  std::optional<Node> root = ReadWithIncludes(options.file, options.variables, loaded.problems);
  if (!root) {
    return loaded;
  }
  static_cast<void>(FileSchema().Apply(*root, nullptr, loaded.problems));
  loaded.manifest.host = ReadHostSettings(root->Find("host"), options.variables, loaded.problems);
  loaded.manifest.overlay = LayOver(*root, options, loaded.manifest.host.data_dir, loaded.problems);
  loaded.manifest.lock = LockPath(options.file, loaded.manifest.host.trust);
  const TrustRules rules{loaded.manifest.host.trust, LockFile::Read(loaded.manifest.lock, loaded.problems),
                         loaded.manifest.lock, options.plugin_directories};
  auto found = FindPlugins(SearchPath(*root, options, loaded.problems), loaded.problems);
  AddInstalled(InstalledDirectory(loaded.manifest.host.data_dir), rules.lock, found, loaded.problems);
  std::vector<ListedPlugin> listed = ListPlugins(*root, found, loaded.problems);
  loaded.manifest.roles = ResolveRoles(*root, options.variables, options.storage, listed, loaded.problems);
  loaded.manifest.installed = Installed(found, listed);
  loaded.manifest.plugins = ReadEntries(listed, found, options.variables, rules, loaded.problems);
  SortByDependencies(loaded.manifest.plugins, found, loaded.problems);
  SortProblems(loaded.problems);
  return loaded;
}

std::string InstalledDirectory(const std::string& data_dir) {
  return data_dir.empty() ? std::string() : (std::filesystem::path(data_dir) / "plugins-installed").string();
}

}  // namespace tutti::host
