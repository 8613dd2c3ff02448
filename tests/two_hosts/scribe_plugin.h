// The specimen that appends events and lets clients follow them, in a plugin folder of the test's own.
#pragma once

#include <filesystem>
#include <string>

namespace tutti::test {

// The folder for the manifest's plugin_path.
inline std::string InstallScribe(const std::string& directory) {
  const std::filesystem::path folder = std::filesystem::path(directory) / "plugins";
  std::filesystem::create_directories(folder);
  std::filesystem::copy(std::filesystem::path(TUTTI_SPECIMENS) / "scribe", folder / "scribe",
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::skip_existing);
  return folder.string();
}

}  // namespace tutti::test
