// tutti-validate: checks a plugin folder against the contract.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "cases.h"
#include "child.h"

namespace {

using tutti::validator::Case;
using tutti::validator::Cases;

constexpr int kUsageError = 2;

constexpr std::string_view kUsage =
    "usage: tutti-validate DIR [--case NAME]... [--limit-ms N] [--quick | --tsan] [--seed N] [--bodies N]\n"
    "       tutti-validate --list\n"
    "\n"
    "Checks the plugin in DIR (plugin.yaml and the library it names) against the contract of this tutti.\n"
    "Each case runs in a process of its own, for at most --limit-ms (default 120000; --quick 30000, --tsan 600000).\n"
    "--quick tries a tenth as often, for every build. --tsan runs the cases in which things happen at once, harder;\n"
    "it needs a tutti-validate and a plugin that were built with -fsanitize=thread.\n"
    "--seed (default: a new one each time, printed) and --bodies (default 10000) are of the case `random`.\n"
    "Results: pass, skip (could not be tried here), warn, fail, crash. Exit code: 0 without fail and crash, 1 with,\n"
    "2 when the command or plugin.yaml is wrong.\n";

struct Options {
  std::string directory;
  std::vector<std::string> cases;
  std::chrono::milliseconds limit{0};  // 0: the default
  tutti::validator::Effort effort;
  bool has_seed = false;
  std::optional<std::size_t> bodies;
  bool is_quick = false;
  bool is_tsan = false;
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

// Anything but a whole number of at least `least` becomes the problem.
std::uint64_t ReadNumber(std::string_view name, std::string_view text, std::uint64_t least, Options& options) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > INT32_MAX) {
    options.problem =
        "expected a positive number after " + std::string(name) + " (at most 2147483647), found " + std::string(text);
  }
  return number;
}

Options ReadOptions(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size() && options.problem.empty(); ++i) {
    const std::string& argument = arguments[i];
    const bool takes_value =
        argument == "--case" || argument == "--limit-ms" || argument == "--seed" || argument == "--bodies";
    if (takes_value && i + 1 == arguments.size()) {
      options.problem = "expected a value after " + argument;
    } else if (argument == "--case") {
      options.cases.push_back(arguments[++i]);
      if (FindCase(options.cases.back()) == nullptr) {
        options.problem = "no case is named " + options.cases.back() + "; --list shows them";
      }
    } else if (argument == "--limit-ms") {
      options.limit = std::chrono::milliseconds(ReadNumber(argument, arguments[++i], 1, options));
    } else if (argument == "--seed") {
      options.effort.seed = ReadNumber(argument, arguments[++i], 0, options);
      options.has_seed = true;
    } else if (argument == "--bodies") {
      options.bodies = ReadNumber(argument, arguments[++i], 1, options);
    } else if (argument == "--quick") {
      options.is_quick = true;
    } else if (argument == "--tsan") {
      options.is_tsan = true;
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
  if (options.problem.empty() && options.is_quick && options.is_tsan) {
    options.problem = "--quick and --tsan exclude each other";
  }
  if (options.problem.empty() && options.is_tsan && !tutti::validator::kIsThreadSanitized) {
    options.problem = "--tsan needs a tutti-validate that was built with -fsanitize=thread; this one was not";
  }
  return options;
}

// What --tsan runs: cases in which several threads are in the plugin.
constexpr std::array<std::string_view, 5> kRaces{"cancel", "late_finish", "deactivate", "race", "random"};

tutti::validator::Effort EffortOf(const Options& options) {
  using tutti::validator::Effort;
  Effort effort = options.is_quick ? Effort::Quick() : options.is_tsan ? Effort::Races() : Effort();
  effort.seed = options.has_seed ? options.effort.seed : std::random_device{}() & INT32_MAX;
  effort.bodies = options.bodies.value_or(effort.bodies);
  return effort;
}

std::chrono::milliseconds LimitOf(const Options& options) {
  if (options.limit.count() > 0) {
    return options.limit;
  }
  return std::chrono::milliseconds(options.is_quick ? 30000 : options.is_tsan ? 600000 : 120000);
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
    const bool is_race = std::find(kRaces.begin(), kRaces.end(), item.name) != kRaces.end();
    if (options.cases.empty() && (is_race || !options.is_tsan)) {
      chosen.push_back(&item);
    }
  }
  const tutti::validator::Effort effort = EffortOf(options);
  const auto limit = LimitOf(options);
  bool is_bad = false;
  for (const Case* item : chosen) {
    const auto outcome = RunCase(*item, *folder, effort, limit);
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
