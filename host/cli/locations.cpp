#include "host/cli/locations.h"

#include <Poco/Path.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>

#include "host/cli/env_file.h"

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

std::string Lookup(const Variables& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

std::string Absolute(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

std::string FirstSet(std::initializer_list<std::string> values) {
  for (const std::string& value : values) {
    if (!value.empty()) {
      return value;
    }
  }
  return {};
}

fs::path Prefix(const std::string& executable) {
  return fs::path(executable).parent_path().parent_path();
}

std::string ThisExecutable() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).string();
}

// Names of log levels as others write them.
std::string LogLevelOf(std::string level) {
  std::transform(level.begin(), level.end(), level.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (level == "info") {
    return "information";
  }
  return level == "warn" ? "warning" : level == "critical" ? "error" : level;
}

std::string LogFileIn(const std::string& directory) {
  return directory.empty() ? std::string() : (fs::path(Absolute(directory)) / "tutti.log").string();
}

}  // namespace

std::string DefaultDataDirectory(const Variables& environment) {
  if (const std::string data = Lookup(environment, "TUTTI_DATA"); !data.empty()) {
    return data;
  }
  if (const std::string state = Lookup(environment, "XDG_STATE_HOME"); !state.empty()) {
    return (fs::path(state) / "tutti").string();
  }
  const std::string home = FirstSet({Lookup(environment, "HOME"), Poco::Path::home()});
  return (fs::path(home) / ".local/state/tutti").string();
}

Result<std::string> FindConfig(const std::string& given, const std::string& executable) {
  if (!given.empty()) {
    return given;
  }
  const std::string here = "etc/tutti.yaml";
  const std::string installed = (Prefix(executable) / "etc/tutti/tutti.yaml").string();
  std::error_code ignored;
  for (const std::string& file : {here, installed}) {
    if (fs::exists(file, ignored)) {
      return file;
    }
  }
  return Status::NotFound("no manifest was found at ./" + here + " or " + installed + "; name one with --config FILE");
}

std::vector<std::string> BuiltInPluginDirectories(const std::string& executable) {
  std::vector<std::string> directories;
  std::error_code ignored;
  for (const char* below : {"plugins", "lib/tutti/plugins"}) {
    const fs::path directory = Prefix(executable) / below;
    if (fs::is_directory(directory, ignored)) {
      directories.push_back(directory.string());
    }
  }
  return directories;
}

Variables ManifestVariables(const CommandLine& line, Variables environment) {
  const std::string data = FirstSet({line.data, DefaultDataDirectory(environment)});
  const std::string cwd =
      FirstSet({line.cwd, Lookup(environment, "TUTTI_CWD"), Lookup(environment, "ORCHESTRATOR_WORKING_DIR"), "."});
  const std::string session =
      FirstSet({line.session, Lookup(environment, "TUTTI_SESSION"), Lookup(environment, "ORCHESTRATOR_SESSION_ID")});
  environment["TUTTI_DATA"] = Absolute(data);
  environment["TUTTI_CWD"] = fs::path(Absolute(cwd) + "/").lexically_normal().parent_path().string();
  environment["TUTTI_SESSION"] = session;
  const std::string level = FirstSet({Lookup(environment, "TUTTI_LOG_LEVEL"), Lookup(environment, "LOG_LEVEL")});
  const std::string file = FirstSet({Lookup(environment, "TUTTI_LOG_FILE"), LogFileIn(Lookup(environment, "LOG_DIR"))});
  environment["TUTTI_LOG_LEVEL"] = LogLevelOf(level);
  environment["TUTTI_LOG_FILE"] = file;
  return environment;
}

Result<LoadOptions> MakeLoadOptions(const CommandLine& line) {
  const std::string executable = ThisExecutable();
  Result<std::string> config = FindConfig(line.config, executable);
  if (!config.ok()) {
    return config.status();
  }
  const Result<Variables> file = ReadEnvFile((fs::path(*config).parent_path() / ".env").string());
  if (!file.ok()) {
    return file.status();
  }
  for (const auto& [name, value] : *file) {
    // In the environment itself, because plugins look for their keys there. What is set already stays.
    (void)::setenv(name.c_str(), value.c_str(), 0);  // NOLINT(concurrency-mt-unsafe): before any thread
  }
  Variables environment = EnvironmentVariables();
  if (Status status = RefuseUnusedSettings(environment); !status.ok()) {
    return status;
  }
  return LoadOptions{*config, ManifestVariables(line, std::move(environment)), BuiltInPluginDirectories(executable)};
}

}  // namespace tutti::host
