// tutti-validate: checks a plugin folder against the contract.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cases.h"

namespace {

using tutti::validator::Case;
using tutti::validator::Cases;

constexpr int kUsageError = 2;

constexpr std::string_view kUsage =
    "usage: tutti-validate DIR [--case NAME]... [--limit-ms N]\n"
    "       tutti-validate --list\n"
    "\n"
    "Checks the plugin in DIR (plugin.yaml and the library it names) against the contract of this tutti.\n"
    "Each case runs in a process of its own, for at most --limit-ms (default 30000).\n"
    "Results: pass, skip (could not be tried here), warn, fail, crash. Exit code: 0 without fail and crash, 1 with,\n"
    "2 when the command or plugin.yaml is wrong.\n";

struct Options {
  std::string directory;
  std::vector<std::string> cases;
  std::chrono::milliseconds limit{30000};
  bool is_list = false;
  bool is_help = false;
  std::string problem;
};

const Case* FindCase(std::string_view name) {
  for (const Case& item : Cases()) {
    if (item.name == name) {
      return &item;
    }
  }
  return nullptr;
}

void ReadLimit(std::string_view text, Options& options) {
  int limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size() || limit <= 0) {
    options.problem = "expected a positive number of milliseconds after --limit-ms, found " + std::string(text);
  }
  options.limit = std::chrono::milliseconds(limit);
}

Options ReadOptions(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size() && options.problem.empty(); ++i) {
    const std::string& argument = arguments[i];
    const bool takes_value = argument == "--case" || argument == "--limit-ms";
    if (takes_value && i + 1 == arguments.size()) {
      options.problem = "expected a value after " + argument;
    } else if (argument == "--case") {
      options.cases.push_back(arguments[++i]);
      if (FindCase(options.cases.back()) == nullptr) {
        options.problem = "no case is named " + options.cases.back() + "; --list shows them";
      }
    } else if (argument == "--limit-ms") {
      ReadLimit(arguments[++i], options);
    } else if (argument == "--list") {
      options.is_list = true;
    } else if (argument == "--help" || argument == "-h") {
      options.is_help = true;
    } else if (argument.rfind('-', 0) == 0) {
      options.problem = "no option is named " + argument;
    } else if (!options.directory.empty()) {
      options.problem = "expected one directory, found " + options.directory + " and " + argument;
    } else {
      options.directory = argument;
    }
  }
  if (options.problem.empty() && options.directory.empty() && !options.is_list && !options.is_help) {
    options.problem = "expected the directory of a plugin";
  }
  return options;
}

void ListCases() {
  for (const Case& item : Cases()) {
    std::printf("%-12.*s %.*s\n", static_cast<int>(item.name.size()), item.name.data(),
                static_cast<int>(item.description.size()), item.description.data());
  }
}

int Validate(const Options& options) {
  const auto folder = tutti::validator::ReadFolder(options.directory);
  if (!folder.ok()) {
    std::fprintf(stderr, "tutti-validate: %s\n", std::string(folder.status().message()).c_str());
    return kUsageError;
  }
  std::vector<const Case*> chosen;
  for (const std::string& name : options.cases) {
    chosen.push_back(FindCase(name));
  }
  for (const Case& item : Cases()) {
    if (options.cases.empty()) {
      chosen.push_back(&item);
    }
  }
  bool is_bad = false;
  for (const Case* item : chosen) {
    const auto outcome = RunCase(*item, *folder, options.limit);
    const std::string_view verdict = VerdictName(outcome.verdict);
    std::printf("%-5.*s %-12.*s %s\n", static_cast<int>(verdict.size()), verdict.data(),
                static_cast<int>(item->name.size()), item->name.data(), outcome.sentence.c_str());
    std::fflush(stdout);
    is_bad = is_bad || outcome.is_bad();
  }
  return is_bad ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = ReadOptions(std::vector<std::string>(argv + 1, argv + argc));
  if (!options.problem.empty()) {
    std::fprintf(stderr, "tutti-validate: %s\n%.*s", options.problem.c_str(), static_cast<int>(kUsage.size()),
                 kUsage.data());
    return kUsageError;
  }
  if (options.is_help) {
    std::printf("%.*s", static_cast<int>(kUsage.size()), kUsage.data());
    return 0;
  }
  if (options.is_list) {
    ListCases();
    return 0;
  }
  return Validate(options);
}
