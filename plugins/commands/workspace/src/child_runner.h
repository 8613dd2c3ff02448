// Runs child processes, each under a supervisor, all served by one thread.
//
// At most max_children run at once, max_waiting more wait in order; a further Start is refused. Output is always
// drained, and kept in bounded memory. Whatever a child leaves behind is ended with it.
//
// Threads: Start and Cancel from any thread. Stop, once, from a thread that is not the runner's own. `done` runs
// exactly once per accepted child, on the runner's thread (or inside Stop's), and must not block.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tutti/sdk/status.hpp"
#include "unique_fd.h"

namespace tutti::workspace {

struct ChildCommand {
  std::vector<std::string> arguments;    // [0] is the absolute path of the program
  std::vector<std::string> environment;  // NAME=value, all the child gets
  int directory = -1;                    // borrowed until done
  int ruleset = -1;                      // Landlock, borrowed until done; -1: none
  std::chrono::milliseconds timeout{120'000};
  std::size_t max_output_bytes = 30'000;
  std::uint64_t max_file_bytes = 0;      // RLIMIT_FSIZE, 0: as the server's
  std::uint64_t max_user_processes = 0;  // RLIMIT_NPROC, 0: as the server's
  std::uint32_t max_processes = 0;       // descendants alive at once, 0: any number
};

struct ChildOutcome {
  enum class End { kExited, kSignalled, kTimedOut, kCancelled, kTooManyProcesses, kNotStarted, kLost };

  End end = End::kLost;
  int code = 0;               // exit code, or the signal's number
  std::string output;         // standard output and error as they came, shortened in the middle
  std::uint64_t bytes = 0;    // how much there was
  std::uint64_t dropped = 0;  // how much of it was left out
  int ended_descendants = 0;  // processes still alive when the child ended
  std::string reason;         // kNotStarted, kLost: a sentence
  std::chrono::milliseconds duration{0};
};

class ChildRunner {
 public:
  struct Limits {
    std::size_t max_children = 16;
    std::size_t max_waiting = 256;
  };

  using Done = std::function<void(ChildOutcome)>;

  // Starts the thread.
  static Result<std::unique_ptr<ChildRunner>> Create(Limits limits);

  ~ChildRunner();

  // An id for Cancel. RESOURCE_EXHAUSTED: too many wait. UNAVAILABLE: Stop has begun. The timeout counts from now, so
  // it covers the wait for a place.
  Result<std::uint64_t> Start(ChildCommand command, Done done);

  // Ends the child at once; its `done` follows with kCancelled unless it ended before. Unknown ids are ignored.
  void Cancel(std::uint64_t id);

  // Cancels everything, waits for it, ends the thread.
  void Stop();

 private:
  struct Child;
  using Clock = std::chrono::steady_clock;

  explicit ChildRunner(Limits limits);

  void Loop();
  void Wake() const;
  bool TakeRequests();
  void StartWaiting();
  void Launch(std::unique_ptr<Child> child);
  void Drain(Child& child, std::size_t max_bytes);
  void OnEnded(std::uint64_t id);
  void End(Child& child, ChildOutcome::End end);
  void Expire(Clock::time_point now);
  [[nodiscard]] int WaitMs(Clock::time_point now) const;
  static void Finish(Child& child, ChildOutcome outcome);

  const Limits limits_;
  UniqueFd epoll_;
  UniqueFd wake_;
  UniqueFd null_;

  std::mutex mutex_;
  std::vector<std::unique_ptr<Child>> arrived_;  // guarded by mutex_
  std::vector<std::uint64_t> cancelled_;         // guarded by mutex_
  std::size_t accepted_ = 0;                     // guarded by mutex_: waiting or running
  bool is_stopping_ = false;                     // guarded by mutex_
  std::uint64_t next_id_ = 1;                    // guarded by mutex_

  // The runner's thread only.
  std::deque<std::unique_ptr<Child>> waiting_;
  std::map<std::uint64_t, std::unique_ptr<Child>> running_;

  std::thread thread_;
};

}  // namespace tutti::workspace
