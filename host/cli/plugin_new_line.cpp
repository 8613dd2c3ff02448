#include "host/cli/plugin_new_line.h"

namespace tutti::host {
namespace {

constexpr const char* kUsage = "; expected tutti plugin new KIND ID [--language cpp|c|rust] [--directory DIR]";

}  // namespace

Result<PluginNewOptions> ParsePluginNew(const std::vector<std::string>& arguments) {
  PluginNewOptions options;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with("--")) {
      words.push_back(argument);
      continue;
    }
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    if (name != "--language" && name != "--directory") {
      return Status::InvalidArgument("unknown flag '" + name + "'" + kUsage);
    }
    if (equals == std::string::npos && i + 1 == arguments.size()) {
      return Status::InvalidArgument("flag " + name + " needs a value" + kUsage);
    }
    const std::string value = equals == std::string::npos ? arguments[++i] : argument.substr(equals + 1);
    (name == "--language" ? options.language : options.directory) = value;
  }
  if (words.size() != 2) {
    return Status::InvalidArgument("expected a kind and an id, found " + std::to_string(words.size()) + " words" +
                                   kUsage);
  }
  options.kind = words[0];
  options.id = words[1];
  return options;
}

}  // namespace tutti::host
