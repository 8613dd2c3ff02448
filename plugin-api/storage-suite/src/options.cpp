#include "options.h"

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"

namespace tutti::storage_suite {
namespace {

const std::vector<std::string> kNames{"--level", "--config", "--reset", "--case", "--list", "--help"};

// Where the value of an option goes; nullptr for one that takes none.
std::string* ValueOf(const std::string& name, Options& options) {
  if (name == "--level") {
    return &options.level;
  }
  if (name == "--config") {
    return &options.config;
  }
  if (name == "--reset") {
    return &options.reset;
  }
  return name == "--case" ? &options.cases.emplace_back() : nullptr;
}

std::string Check(const Options& options) {
  if (options.directory.empty() && !options.is_list && !options.is_help) {
    return "expected the directory of a plugin";
  }
  if (options.level != "basic" && options.level != "full") {
    return "expected basic or full after --level, found '" + options.level + "'";
  }
  const Result<Json> config = Json::Parse(options.config);
  if (!config.ok() || !config->view().is_object()) {
    return "expected a JSON object after --config, found '" + options.config + "'";
  }
  return {};
}

}  // namespace

Options ReadOptions(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--list") {
      options.is_list = true;
    } else if (argument == "--help" || argument == "-h") {
      options.is_help = true;
    } else if (std::string* value = ValueOf(argument, options)) {
      if (i + 1 == arguments.size()) {
        options.problem = "expected a value after " + argument;
        return options;
      }
      *value = arguments[++i];
    } else if (argument.starts_with('-')) {
      options.problem = "no option is named " + argument + DidYouMean(argument, kNames);
      return options;
    } else if (!options.directory.empty()) {
      options.problem = "expected one directory, found " + options.directory + " and " + argument;
      return options;
    } else {
      options.directory = argument;
    }
  }
  options.problem = Check(options);
  return options;
}

std::string_view Usage() {
  return "usage: tutti-storage-suite [--level basic|full] [--config JSON] [--reset COMMAND] [--case NAME]... DIR\n"
         "       tutti-storage-suite [--level basic|full] --list\n"
         "\n"
         "Runs the storage plugin in DIR (plugin.yaml and the library it names) against the storage language.\n"
         "  --level basic   rows by key and by equality, order and limit, expectations, atomic batches, journal, "
         "values\n"
         "  --level full    everything (default)\n"
         "  --config JSON   laid over the defaults of the plugin's schema; {directory} in it is each case's directory\n"
         "  --reset COMMAND run by the shell before each case, to empty a database that is not in that directory\n"
         "  --case NAME     only these cases; * stands for any text\n"
         "Each case works in a fresh directory. Exit code: 0 when all passed, 1 otherwise, 2 when the command or\n"
         "plugin.yaml is wrong.\n";
}

std::string Filter(const Options& options) {
  const std::vector<std::string> cases = options.cases.empty() ? std::vector<std::string>{"*"} : options.cases;
  std::string filter;
  for (const std::string& name : cases) {
    filter += (filter.empty() ? "" : ":") + ("*BasicStorage." + name + "/*");
    if (options.level == "full") {
      filter += ":*FullStorage." + name + "/*";
    }
  }
  return filter;
}

}  // namespace tutti::storage_suite
