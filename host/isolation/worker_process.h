// One child process with a plugin inside: started, watched through descriptors, ended with everything it started.
//
// The child ends when its parent thread does: start it on a thread that lives as long as it may run.
// Threads: Start, Reap and destruction on that thread; Kill from any, while the object lives.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

class WorkerProcess {
 public:
  // `program` is run as `program plugin-worker`, with an end of a socket as descriptor 3 and a clean environment.
  static Result<std::unique_ptr<WorkerProcess>> Start(const std::filesystem::path& program);

  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }

  [[nodiscard]] int socket() const { return socket_; }

  // Non-blocking ends of what it prints.
  [[nodiscard]] int standard_output() const { return output_; }

  [[nodiscard]] int standard_error() const { return error_; }

  // Readable when the process has ended.
  [[nodiscard]] int ended() const { return ended_; }

  // SIGKILL to it and to its process group.
  void Kill() const;

  // Waits up to `patience` for the end, kills it then, and takes it off the process table. How it ended: "exit code 3"
  // or "signal SIGSEGV".
  std::string Reap(std::chrono::milliseconds patience);

  // Bytes of memory in use, 0 when it cannot be told.
  [[nodiscard]] std::uint64_t resident_bytes() const;

  static constexpr int kSocket = 3;

 private:
  WorkerProcess() = default;

  pid_t pid_ = -1;
  int socket_ = -1;
  int output_ = -1;
  int error_ = -1;
  int ended_ = -1;
  mutable std::mutex mutex_;
  bool is_reaped_ = false;  // guarded by mutex_; its number may be another's from then on
};

}  // namespace tutti::host
