// The control thread's loop: signals and posted tasks, one after another. Every life-cycle function of a plugin runs
// here.
//
// Threads: Post and Close from any thread; the rest on the control thread. The signals must be blocked in every thread.
// Bound: kMaxWaiting tasks wait; Post refuses more.
#pragma once

#include <csignal>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

class ControlLoop {
 public:
  static constexpr std::size_t kMaxWaiting = 1000;

  // `is_stopping`: the loop has ended and the task will not be done any more; it should tell whoever waits for it.
  using Task = std::function<void(bool is_stopping)>;

  struct Handlers {
    std::function<void()> on_hangup;  // SIGHUP
    std::function<bool()> on_tick;    // after everything that happened; true: again soon
  };

  // SIGTERM, SIGINT and SIGHUP.
  static sigset_t Signals();

  ControlLoop();
  ~ControlLoop();
  ControlLoop(const ControlLoop&) = delete;
  ControlLoop& operator=(const ControlLoop&) = delete;

  // RESOURCE_EXHAUSTED: too many wait. UNAVAILABLE: the loop has ended.
  Status Post(Task task);

  // Returns after SIGTERM or SIGINT, or once RequestStop was called.
  void Run(const Handlers& handlers);

  // For something that takes long inside the loop: whether a signal asks for the stop.
  [[nodiscard]] bool IsStopRequested();

  void RequestStop();

  // No task is taken any more; those that wait are told.
  void Close();

 private:
  void ReadSignals();
  void RunTasks();

  int signals_ = -1;                // signalfd
  int wake_ = -1;                   // eventfd
  bool is_stop_requested_ = false;  // control thread
  bool is_hangup_ = false;          // control thread
  std::mutex mutex_;
  std::deque<Task> tasks_;  // guarded by mutex_
  bool is_closed_ = false;  // guarded by mutex_
};

}  // namespace tutti::host
