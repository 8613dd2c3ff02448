// TurnLane: turns of one orchestrator or agent, one at a time, the others wait in order.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "tutti/sdk/callback.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// Threads: all functions from any thread. Owned through shared_ptr; a running turn keeps it alive.
class TurnLane : public std::enable_shared_from_this<TurnLane> {
 public:
  // Number of a turn within its lane, from 1.
  using Number = std::uint64_t;
  // May be a coroutine lambda: the lane keeps it until its Task has ended.
  using Turn = std::function<Task<void>(Number)>;

  // `cancel` stops what a handle stands for; `fault` is told what a turn threw.
  TurnLane(std::size_t max_waiting, std::function<void(tutti_call)> cancel, std::function<void(const char*)> fault)
      : max_waiting_(max_waiting), cancel_(std::move(cancel)), fault_(std::move(fault)) {}

  // Starts the turn now or behind the others. RESOURCE_EXHAUSTED: too many wait. UNAVAILABLE: closed.
  Status Push(Turn turn);

  // Awaited inside turn `number`: what `begin` starts, stopped when the turn is interrupted. `begin` starts a call that
  // ends by its argument, and returns the handle.
  using Begin = std::function<tutti_call(std::function<void(Result<std::string>)>)>;
  Callback<Result<std::string>> Interruptible(Number number, Begin begin);

  // Interrupts turn `number` if it is still the running one.
  void Interrupt(Number number);

  // Interrupts the running turn and drops those that wait (they never start). Calls `done` with the number of turns
  // stopped when the lane is at rest; at once with 0 when it is.
  void InterruptAll(std::function<void(std::size_t)> done);

  // Takes no more turns.
  void Close();

  // false: a turn was still running at the deadline.
  [[nodiscard]] bool WaitUntilIdle(std::chrono::steady_clock::time_point deadline);

 private:
  Task<void> Drain(std::shared_ptr<TurnLane> self);
  bool Attach(Number number, tutti_call handle);

  const std::size_t max_waiting_;
  const std::function<void(tutti_call)> cancel_;
  const std::function<void(const char*)> fault_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<Turn> waiting_;                    // guarded by mutex_
  std::vector<std::function<void()>> on_idle_;  // guarded by mutex_
  Number number_ = 0;                           // guarded by mutex_; of the newest turn that was started
  tutti_call handle_ = 0;                       // guarded by mutex_; of turn number_
  bool is_active_ = false;                      // guarded by mutex_
  bool is_interrupted_ = false;                 // guarded by mutex_; turn number_
  bool is_closed_ = false;                      // guarded by mutex_
};

}  // namespace tutti::orchestrator
