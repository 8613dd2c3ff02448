#include "host/cli/inspect.h"

#include <algorithm>
#include <array>
#include <iostream>

#include "host/cli/locations.h"

namespace tutti::host {
namespace {

constexpr int kFailed = 2;

using Row = std::array<std::string, 5>;

std::string Words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ",") + word;
  }
  return text;
}

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

void PrintTable(const std::vector<Row>& rows, std::ostream& out) {
  std::array<std::size_t, 5> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths.at(i) = std::max(widths.at(i), row.at(i).size());
    }
  }
  for (const Row& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      out << row.at(i) << std::string(widths.at(i) - row.at(i).size() + 2, ' ');
    }
    out << row.back() << '\n';
  }
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

int CheckManifest(const LoadOptions& options, std::ostream& out, std::ostream& err) {
  const LoadedManifest loaded = LoadManifest(options);
  if (!loaded.ok()) {
    PrintProblems(loaded.problems, err);
    return kFailed;
  }
  out << "ok: " << loaded.manifest.plugins.size() << " plugins\n";
  return 0;
}

int ListInstalledPlugins(const LoadOptions& options, std::ostream& out, std::ostream& err) {
  const LoadedManifest loaded = LoadManifest(options);
  std::vector<Row> rows = {{"ID", "VERSION", "KINDS", "STATE", "SUMMARY"}};
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
