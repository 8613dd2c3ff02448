// RunQueue: which runs this host holds right now, and whose turn it is. One run per key at a time, the others wait in
// order.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "live_run.h"
#include "run_selection.h"
#include "tutti/abi/core.h"
#include "tutti/sdk/status.hpp"

namespace tutti::runs {

// What a start does when its key is busy.
enum class Busy { kQueue, kReplace, kRefuse };

// Why a run that is here is to stop.
enum class StopKind {
  kNone,
  kSuspend,    // this host lets it go; its row stays as it is
  kInterrupt,  // somebody wants it to end
};

// Threads: all functions from any thread. Functions given to it are called without its lock, on the caller's stack.
class RunQueue {
 public:
  // `cancel` stops what a handle stands for.
  RunQueue(std::size_t max_waiting, std::function<void(tutti_call)> cancel)
      : max_waiting_(max_waiting), cancel_(std::move(cancel)) {}

  // true: it is this run's turn; false: it has to wait. ALREADY_EXISTS: a run of that id is there. FAILED_PRECONDITION:
  // busy and to be refused. RESOURCE_EXHAUSTED: too many wait already, and the run was not accepted yet. With kReplace
  // what is there and may be replaced is interrupted.
  Result<bool> Enter(LiveRunPtr run, Busy busy);

  // The same for a run that was accepted long ago: there is room for it.
  Result<bool> EnterAgain(LiveRunPtr run);

  // Calls `go` when it is the run's turn, or when it was stopped while it waited; one whose prompt is to be kept has
  // its turn all the same when it is interrupted. At once when that is so already.
  void OnTurn(const std::string& run, std::function<void()> go);

  // Remembers how the run is stopped. true: it was stopped already, do it.
  [[nodiscard]] bool Attach(const std::string& run, tutti_call handle);

  [[nodiscard]] StopKind Stopped(const std::string& run) const;

  // nullptr: it is not here.
  [[nodiscard]] LiveRunPtr Find(std::string_view run) const;

  [[nodiscard]] std::vector<LiveRunPtr> All() const;

  // Ends a run and gives the turn to the next. Harmless for a run that is not there.
  void Leave(const std::string& run);

  // Interrupts what is selected and calls `ended` with the ids when the last of them has left; at once when there is
  // none.
  void Interrupt(const RunSelection& selection, std::function<void(std::vector<std::string>)> ended);

  // Lets the run go: what it does is cancelled, its row is left alone. One that was interrupted stays so.
  void Suspend(std::string_view run);

  // Calls `empty` when nothing is here any more.
  void OnEmpty(std::function<void()> empty);

 private:
  struct Entry {
    LiveRunPtr live;
    bool has_turn = false;
    bool keeps_turn = false;  // its turn comes also when it was interrupted before
    bool is_replaceable = true;
    StopKind stop = StopKind::kNone;
    tutti_call handle = 0;
    std::function<void()> go;
    std::vector<std::shared_ptr<void>> on_leave;  // released when the run leaves
  };

  using EntryPtr = std::shared_ptr<Entry>;

  // What is to be called once the lock is released.
  struct Actions {
    std::vector<tutti_call> cancel;
    std::vector<std::function<void()>> go;
  };

  Result<bool> Add(LiveRunPtr run, Busy busy, bool is_bounded);
  [[nodiscard]] EntryPtr FindEntry(std::string_view run) const;
  static bool MayGo(const Entry& entry);
  static void Stop(Entry& entry, StopKind kind, Actions& actions);
  void Run(const Actions& actions) const;

  const std::size_t max_waiting_;
  const std::function<void(tutti_call)> cancel_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<EntryPtr>, std::less<>> by_key_;  // guarded by mutex_; first has the turn
  std::map<std::string, EntryPtr, std::less<>> by_run_;               // guarded by mutex_
  std::vector<std::function<void()>> on_empty_;                       // guarded by mutex_
};

}  // namespace tutti::runs
