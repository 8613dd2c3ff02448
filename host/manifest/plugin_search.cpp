#include "host/manifest/plugin_search.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPlugins = 1024;

std::vector<fs::path> Folders(const fs::path& directory) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    // Hidden ones are half-written installations and the like.
    if (entry->is_directory(ignored) && !entry->path().filename().string().starts_with('.')) {
      folders.push_back(entry->path());
    }
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::vector<fs::path> FindFiles(const fs::path& directory) {
  std::vector<fs::path> files;
  const auto add = [&](const fs::path& folder) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / "plugin.yaml", ignored)) {
      files.push_back(folder / "plugin.yaml");
      return true;
    }
    return false;
  };
  for (const fs::path& folder : Folders(directory)) {
    if (add(folder)) {
      continue;
    }
    for (const fs::path& inner : Folders(folder)) {
      add(inner);
    }
  }
  return files;
}

void AddTwice(FoundPlugin& first, const Place& second) {
  first.problems.push_back({second,
                            "id",
                            "plugin " + first.manifest.id + " is installed twice, also in " + first.manifest.directory +
                                "; remove one of them from plugin_path",
                            {}});
}

}  // namespace

std::map<std::string, FoundPlugin> FindPlugins(const std::vector<std::string>& directories, Problems& problems) {
  std::map<std::string, FoundPlugin> found;
  std::set<fs::path> seen;
  for (const std::string& directory : directories) {
    for (const fs::path& file : FindFiles(directory)) {
      std::error_code error;
      const fs::path canonical = fs::canonical(file, error);
      if (error || !seen.insert(canonical).second) {
        continue;
      }
      if (seen.size() > kMaxPlugins) {
        problems.push_back(
            {{file.string(), 0, 0},
             {},
             "expected at most " + std::to_string(kMaxPlugins) + " plugins below plugin_path, found more; narrow it",
             {}});
        return found;
      }
      Problems own;
      std::optional<PluginManifest> manifest = ReadPluginManifest(file.string(), own);
      if (!manifest) {
        problems.insert(problems.end(), own.begin(), own.end());
        continue;
      }
      const std::string id = manifest->id;
      const Place place = manifest->place;
      const auto [existing, is_new] = found.emplace(id, FoundPlugin{std::move(*manifest), std::move(own), directory});
      if (!is_new) {
        AddTwice(existing->second, place);
      }
    }
  }
  return found;
}

std::map<std::string, std::vector<FoundPlugin>> FindInstalledVersions(const std::string& directory,
                                                                      Problems& problems) {
  std::map<std::string, std::vector<FoundPlugin>> versions;
  if (directory.empty()) {
    return versions;
  }
  std::size_t count = 0;
  for (const fs::path& file : FindFiles(directory)) {
    Problems own;
    std::optional<PluginManifest> manifest = ReadPluginManifest(file.string(), own);
    if (!manifest || ++count > kMaxPlugins) {
      problems.insert(problems.end(), own.begin(), own.end());
      continue;
    }
    versions[manifest->id].push_back({std::move(*manifest), std::move(own), directory});
  }
  for (auto& [id, plugins] : versions) {
    std::sort(plugins.begin(), plugins.end(), [](const FoundPlugin& left, const FoundPlugin& right) {
      return left.manifest.version < right.manifest.version;
    });
  }
  return versions;
}

void AddInstalled(const std::string& directory, const LockFile& lock, std::map<std::string, FoundPlugin>& found,
                  Problems& problems) {
  for (auto& [id, plugins] : FindInstalledVersions(directory, problems)) {
    const PinnedPlugin* pinned = lock.Find(id);
    auto chosen = std::find_if(plugins.begin(), plugins.end(), [&](const FoundPlugin& plugin) {
      return pinned != nullptr && plugin.manifest.version.ToString() == pinned->version;
    });
    if (chosen == plugins.end()) {
      chosen = std::prev(plugins.end());
    }
    const Place place = chosen->manifest.place;
    std::error_code error;
    const auto [existing, is_new] = found.emplace(id, *chosen);
    if (!is_new && !fs::equivalent(existing->second.manifest.directory, chosen->manifest.directory, error)) {
      AddTwice(existing->second, place);
    }
  }
}

}  // namespace tutti::host
