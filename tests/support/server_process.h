// ServerProcess: a real `tutti run` in a process of its own, for tests over the wire.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace tutti::test {

inline constexpr std::chrono::seconds kPatience{40};

// A directory of its own below /tmp, removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

  // Makes the file, or the directory, and returns its path.
  std::string WriteFile(const std::string& name, const std::string& content) const;
  std::string MakeDirectory(const std::string& name) const;

 private:
  std::string path_;
};

// Ends the process (SIGKILL) when it goes. Threads: the test's own only.
class ServerProcess {
 public:
  struct Options {
    std::string config;                              // manifest file
    std::string data;                                // data directory
    std::string working_directory;                   // of agents
    std::string session;                             // empty: none given
    std::map<std::string, std::string> environment;  // besides what the test has, without its keys and database
    std::string listen = "127.0.0.1:0";              // a free port
  };

  explicit ServerProcess(const Options& options);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Waits until it is ready. false: it ended, or took too long; see output().
  [[nodiscard]] bool WaitUntilReady(std::chrono::milliseconds patience = kPatience);

  // SIGTERM, then waits. The exit status; nullopt when it did not end in time.
  std::optional<int> Stop(std::chrono::milliseconds patience = kPatience);

  // SIGKILL: as after a crash.
  void Kill();

  // The exit status once it ends by itself; output() has what it printed to the end.
  std::optional<int> WaitForExit(std::chrono::milliseconds patience = kPatience);

  // Where it listens; valid once ready.
  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] pid_t pid() const { return pid_; }

  // All it printed so far.
  [[nodiscard]] std::string output() const;

 private:
  void ReadOutput(int descriptor);

  pid_t pid_ = -1;
  std::optional<int> exit_status_;
  std::uint16_t port_ = 0;
  std::thread reader_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;      // guarded by mutex_
  bool has_ended_ = false;  // guarded by mutex_; nothing more will be printed
};

// The test's environment without what would reach outside of it, with these variables and the built plugins, as
// "NAME=value".
std::vector<std::string> ServerEnvironment(const std::map<std::string, std::string>& variables);

}  // namespace tutti::test
