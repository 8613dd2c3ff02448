#include "host/cli/inspect.h"

#include <iostream>

#include "host/cli/locations.h"
#include "host/cli/table.h"

namespace tutti::host {
namespace {

constexpr int kFailed = 2;

std::string Words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ",") + word;
  }
  return text;
}

void PrintProblems(const Problems& problems, std::ostream& err) {
  for (const Problem& problem : problems) {
    err << ToString(problem) << '\n';
  }
}

int WithOptions(const CommandLine& line, int (*run)(const LoadOptions&, std::ostream&, std::ostream&)) {
  const Result<LoadOptions> options = MakeLoadOptions(line);
  if (!options.ok()) {
    std::cerr << "tutti: " << options.status().message() << '\n';
    return kFailed;
  }
  return run(*options, std::cout, std::cerr);
}

}  // namespace

std::string StateName(InstalledPlugin::State state) {
  switch (state) {
    case InstalledPlugin::State::kEnabled:
      return "enabled";
    case InstalledPlugin::State::kDisabled:
      return "disabled";
    case InstalledPlugin::State::kNotChosen:
      return "not chosen";
    case InstalledPlugin::State::kNotListed:
      break;
  }
  return "not listed";
}

int CheckManifest(const LoadOptions& options, std::ostream& out, std::ostream& err) {
  const LoadedManifest loaded = LoadManifest(options);
  if (!loaded.ok()) {
    PrintProblems(loaded.problems, err);
    return kFailed;
  }
  bool is_refused = false;
  for (const PluginEntry& entry : loaded.manifest.plugins) {
    if (!entry.trust.refusal.empty()) {
      PrintProblems({{entry.place, "plugins." + entry.as, "refused: " + entry.trust.refusal, {}}}, err);
      is_refused = true;
    }
  }
  if (is_refused) {
    return kFailed;
  }
  out << "ok: " << loaded.manifest.plugins.size() << " plugins\n";
  return 0;
}

int ListInstalledPlugins(const LoadOptions& options, std::ostream& out, std::ostream& err) {
  const LoadedManifest loaded = LoadManifest(options);
  std::vector<std::vector<std::string>> rows = {{"ID", "VERSION", "KINDS", "STATE", "SUMMARY"}};
  for (const InstalledPlugin& plugin : loaded.manifest.installed) {
    rows.push_back({plugin.id, plugin.version, Words(plugin.kinds), StateName(plugin.state), plugin.summary});
  }
  PrintTable(rows, out);
  PrintProblems(loaded.problems, err);
  return loaded.ok() ? 0 : kFailed;
}

int RunCheck(const CommandLine& line) {
  return WithOptions(line, &CheckManifest);
}

int RunPlugins(const CommandLine& line) {
  return WithOptions(line, &ListInstalledPlugins);
}

}  // namespace tutti::host
