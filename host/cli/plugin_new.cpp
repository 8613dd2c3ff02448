#include "host/cli/plugin_new.h"

#include <filesystem>
#include <iostream>

#include "host/cli/locations.h"
#include "host/cli/scaffold.h"
#include "host/cli/starters.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

// The folder that holds bin/tutti, and the manifest that `tutti run` would take.
ScaffoldPlaces PlacesOfThisProcess() {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  const fs::path prefix = executable.parent_path().parent_path();
  const Result<std::string> manifest = FindConfig({}, executable.string());
  const fs::path file = manifest.ok() ? fs::path(*manifest) : prefix / "etc/tutti/tutti.yaml";
  return {prefix.string(), fs::absolute(file, error).lexically_normal().string()};
}

std::string NextCommands(const PluginNewOptions& options, const std::string& directory, const std::string& tutti) {
  const std::string build = options.language == "cpp" ? "cmake -S . -B build && cmake --build build" : "make";
  const std::string test = options.language == "cpp" ? "ctest --test-dir build --output-on-failure" : "make test";
  std::string text = "  cd " + directory + "\n  " + build + "\n  " + test + "\n";
  if (options.kind != "storage") {
    text += "  " + tutti + " run --config run.yaml\n";
  }
  return text;
}

}  // namespace

int RunPluginNew(const PluginNewOptions& options) {
  const ScaffoldPlaces places = PlacesOfThisProcess();
  const Result<Scaffold> scaffold = MakeScaffold(Starters(), options, places);
  if (!scaffold.ok()) {
    std::cerr << "tutti: " << scaffold.status().message() << std::endl;
    return 1;
  }
  if (const Status written = WriteScaffold(*scaffold); !written.ok()) {
    std::cerr << "tutti: " << written.message() << std::endl;
    return 1;
  }
  std::cout << scaffold->directory << " holds the " << options.kind << " " << options.id << ". Next:\n\n"
            << NextCommands(options, scaffold->directory, places.prefix + "/bin/tutti") << "\nSee "
            << scaffold->directory << "/README.md." << std::endl;
  return 0;
}

}  // namespace tutti::host
