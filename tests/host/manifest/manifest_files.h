// A directory of manifest files for one test, removed at its end.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "host/manifest/manifest.h"

namespace tutti::host {

class ManifestFiles {
 public:
  ManifestFiles() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tutti-manifest-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      throw std::runtime_error("mkdtemp failed for " + pattern);
    }
    root_ = std::filesystem::canonical(pattern);
  }

  ~ManifestFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  ManifestFiles(const ManifestFiles&) = delete;
  ManifestFiles& operator=(const ManifestFiles&) = delete;

  std::string Write(const std::string& name, std::string_view content) {
    const std::filesystem::path path = root_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }

  // A plugin.yaml below plugins/<folder>/ with a library file beside it; `rest` is added to the required keys.
  void WritePlugin(const std::string& folder, const std::string& id, const std::string& kinds,
                   const std::string& rest = "") {
    Write("plugins/" + folder + "/plugin.yaml", "id: " + id +
                                                    "\nversion: 1.0.0\nabi: \"1.0\"\nlibrary: plugin.so\nkinds: [" +
                                                    kinds + "]\nsummary: For tests.\n" + rest);
    Write("plugins/" + folder + "/plugin.so", "");
  }

  [[nodiscard]] std::string Path(const std::string& name) const { return (root_ / name).string(); }

  // Loads tutti.yaml with plugins/ as the installed plugins.
  [[nodiscard]] LoadedManifest Load(Variables variables = {}) const {
    return LoadManifest({Path("tutti.yaml"), std::move(variables), {Path("plugins")}});
  }

  // The problem's text, file names relative to the directory.
  [[nodiscard]] std::string Text(const Problem& problem) const {
    std::string text = ToString(problem);
    const std::string prefix = root_.string() + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  [[nodiscard]] std::vector<std::string> Texts(const Problems& problems) const {
    std::vector<std::string> texts;
    for (const Problem& problem : problems) {
      texts.push_back(Text(problem));
    }
    return texts;
  }

 private:
  std::filesystem::path root_;
};

inline std::string Join(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) {
    all += text + "\n";
  }
  return all;
}

inline std::vector<std::string> IdsOf(const std::vector<PluginEntry>& plugins) {
  std::vector<std::string> ids;
  for (const PluginEntry& plugin : plugins) {
    ids.push_back(plugin.manifest.id);
  }
  return ids;
}

}  // namespace tutti::host
