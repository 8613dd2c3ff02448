#include "tests/support/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

extern char** environ;

namespace tutti::test {
namespace {

// What an ended process has printed is read within this; longer only a child of its holds the pipe.
constexpr std::chrono::milliseconds kLastWords{2000};

// What would make the server reach for something outside of the test.
bool IsForeign(const std::string& name) {
  return name.starts_with("ANTHROPIC_") || name.starts_with("TUTTI_") || name == "DATABASE_URL" ||
         name.starts_with("BACKEND_") || name.starts_with("ORCHESTRATOR_");
}

// The port of the first address in "listens on http://address:port ...".
std::uint16_t FindPort(const std::string& output) {
  constexpr std::string_view kPrefix = "listens on http://";
  const std::size_t at = output.find(kPrefix);
  const std::size_t end = at == std::string::npos ? at : output.find_first_of(" \n", at + kPrefix.size());
  return end == std::string::npos ? std::uint16_t{0}
                                  : static_cast<std::uint16_t>(std::atoi(output.c_str() + output.rfind(':', end) + 1));
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::vector<std::string> ServerEnvironment(const std::map<std::string, std::string>& given) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos && !IsForeign(text.substr(0, equals))) {
      variables[text.substr(0, equals)] = text.substr(equals + 1);
    }
  }
  variables["TUTTI_PLUGINS"] = TUTTI_PLUGIN_DIRECTORY;
  for (const auto& [name, value] : given) {
    variables[name] = value;
  }
  std::vector<std::string> list;
  for (const auto& [name, value] : variables) {
    list.push_back(name + "=" + value);
  }
  return list;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "tutti-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("cannot make a directory " + name);
  }
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::WriteFile(const std::string& name, const std::string& content) const {
  const std::string path = path_ + "/" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string TemporaryDirectory::MakeDirectory(const std::string& name) const {
  const std::string path = path_ + "/" + name;
  std::filesystem::create_directories(path);
  return path;
}

ServerProcess::ServerProcess(const Options& options) {
  std::vector<std::string> arguments = {
      TUTTI_BINARY,   "run",    "--config",   options.config, "--listen",
      options.listen, "--data", options.data, "--cwd",        options.working_directory};
  if (!options.session.empty()) {
    arguments.insert(arguments.end(), {"--session", options.session});
  }
  std::vector<std::string> environment = ServerEnvironment(options.environment);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  const int failed =
      posix_spawn(&pid_, TUTTI_BINARY, &actions, nullptr, Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed != 0) {
    close(ends[0]);
    throw std::runtime_error(std::string("cannot start ") + TUTTI_BINARY);
  }
  reader_ = std::thread([this, descriptor = ends[0]] { ReadOutput(descriptor); });
}

ServerProcess::~ServerProcess() {
  Kill();
  reader_.join();
}

void ServerProcess::ReadOutput(int descriptor) {
  char buffer[4096];
  ssize_t count = 0;
  while ((count = read(descriptor, buffer, sizeof buffer)) > 0) {
    const std::lock_guard lock(mutex_);
    output_.append(buffer, static_cast<std::size_t>(count));
    changed_.notify_all();
  }
  close(descriptor);
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  changed_.notify_all();
}

bool ServerProcess::WaitUntilReady(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const auto is_ready = [this] {
    return output_.starts_with("ready\n") || output_.find("\nready\n") != std::string::npos;
  };
  changed_.wait_for(lock, patience, [&] { return has_ended_ || is_ready(); });
  port_ = FindPort(output_);
  return is_ready() && port_ != 0;
}

std::optional<int> ServerProcess::Stop(std::chrono::milliseconds patience) {
  if (!exit_status_) {
    kill(pid_, SIGTERM);
  }
  return WaitForExit(patience);
}

void ServerProcess::Kill() {
  if (!exit_status_) {
    kill(pid_, SIGKILL);
    (void)WaitForExit(kPatience);
  }
}

std::optional<int> ServerProcess::WaitForExit(std::chrono::milliseconds patience) {
  if (exit_status_) {
    return exit_status_;
  }
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  pollfd waited{process, POLLIN, 0};
  const bool has_exited = poll(&waited, 1, static_cast<int>(patience.count())) == 1;
  close(process);
  int status = 0;
  if (!has_exited || waitpid(pid_, &status, 0) != pid_) {
    return std::nullopt;
  }
  exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kLastWords, [this] { return has_ended_; });
  return exit_status_;
}

std::string ServerProcess::output() const {
  const std::lock_guard lock(mutex_);
  return output_;
}

}  // namespace tutti::test
