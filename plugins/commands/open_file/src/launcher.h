// Launcher: runs a program for a short time and tells how it ended, each on a thread of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::open_file {

struct LaunchOutcome {
  enum class End { kExited, kSignalled, kTimedOut, kNotFound, kNotStarted };

  End end = End::kNotStarted;
  int code = 0;        // exit code, the signal's number, or errno of a start that failed
  std::string output;  // the beginning of what it wrote to standard error
};

// Threads: any. Stop waits until all have ended, and must have been called before the object goes.
class Launcher {
 public:
  struct Options {
    std::vector<std::string> environment;  // NAME=value, all the program gets
    std::chrono::milliseconds timeout{10000};
    std::size_t max_running = 4;
  };

  using Done = std::function<void(LaunchOutcome)>;

  explicit Launcher(Options options) : options_(std::move(options)) {}

  // arguments[0] is the program, looked for in PATH. `done` runs once, on the program's thread. What the program leaves
  // running when it ends is left alone: an editor's window is not ended with the command that opened it.
  // RESOURCE_EXHAUSTED: max_running programs run. UNAVAILABLE: Stop was called, or there is no thread.
  Status Start(std::vector<std::string> arguments, Done done);

  // Ends what runs and takes no more.
  void Stop();

 private:
  [[nodiscard]] LaunchOutcome Launch(const std::vector<std::string>& arguments);
  [[nodiscard]] LaunchOutcome Wait(int process, int output);

  const Options options_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::thread> running_;  // guarded by mutex_
  std::vector<std::thread> over_;                 // guarded by mutex_; to be joined, which does not take long
  std::uint64_t next_ = 0;                        // guarded by mutex_
  bool is_stopping_ = false;                      // guarded by mutex_
};

}  // namespace tutti::open_file
