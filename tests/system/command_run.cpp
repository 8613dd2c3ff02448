#include "tests/system/command_run.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace tutti::test {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

// false: the deadline passed before the end.
bool ReadAll(int descriptor, std::chrono::steady_clock::time_point deadline, std::string& output) {
  char buffer[4096];
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waited{descriptor, POLLIN, 0};
    if (left.count() <= 0 || poll(&waited, 1, static_cast<int>(left.count())) <= 0) {
      return false;
    }
    const ssize_t count = read(descriptor, buffer, sizeof buffer);
    if (count <= 0) {
      return true;
    }
    output.append(buffer, static_cast<std::size_t>(count));
  }
}

}  // namespace

CommandRun RunTutti(const std::vector<std::string>& given, const std::map<std::string, std::string>& variables,
                    std::chrono::milliseconds patience) {
  std::vector<std::string> arguments = {TUTTI_BINARY};
  arguments.insert(arguments.end(), given.begin(), given.end());
  std::vector<std::string> environment = ServerEnvironment(variables);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  pid_t process = 0;
  const int failed =
      posix_spawn(&process, TUTTI_BINARY, &actions, nullptr, Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed != 0) {
    close(ends[0]);
    throw std::runtime_error(std::string("cannot start ") + TUTTI_BINARY);
  }
  CommandRun run;
  if (!ReadAll(ends[0], std::chrono::steady_clock::now() + patience, run.output)) {
    kill(process, SIGKILL);
  }
  close(ends[0]);
  int status = 0;
  waitpid(process, &status, 0);
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return run;
}

}  // namespace tutti::test
