// `tutti plugin validate`: runs tutti-validate and has its exit code.
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>

#include "host/cli/plugin_commands.h"

extern char** environ;

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "tutti-validate";

Result<fs::path> FindValidator() {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  const fs::path beside = executable.parent_path();
  const fs::path places[] = {beside / kName, beside.parent_path() / "libexec/tutti" / kName,
                             beside.parent_path() / "libexec" / kName};
  for (const fs::path& place : places) {
    if (fs::is_regular_file(place, error)) {
      return place;
    }
  }
  return Status::NotFound("expected " + std::string(kName) + " at " + places[0].string() + " or " + places[1].string() +
                          ", found none; install the SDK of Tutti");
}

}  // namespace

int ValidatePlugin(const CommandLine& line, const Console& console) {
  const Result<fs::path> validator = FindValidator();
  if (!validator.ok()) {
    return console.Fail(validator.status());
  }
  std::vector<std::string> texts = {validator->string()};
  texts.insert(texts.end(), line.operands.begin() + 1, line.operands.end());
  texts.push_back(line.operands.at(0));
  std::vector<char*> arguments;
  for (std::string& text : texts) {
    arguments.push_back(text.data());
  }
  arguments.push_back(nullptr);
  pid_t process = 0;
  const int failed = posix_spawn(&process, validator->c_str(), nullptr, nullptr, arguments.data(), environ);
  if (failed != 0) {
    return console.Fail(Status::Internal(validator->string() + " cannot be started: " + std::strerror(failed)));
  }
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) {
    return WEXITSTATUS(status);
  }
  return console.Fail(
      Status::Internal(std::string(kName) + " was ended by signal " + std::to_string(WTERMSIG(status))));
}

}  // namespace tutti::host
