// RunQueue: which runs exist right now, and whose turn it is. One run per key at a time, the others wait in order.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/abi/core.h"
#include "tutti/sdk/status.hpp"

namespace tutti::runs {

// What a start does when its key is busy.
enum class Busy { kQueue, kReplace, kRefuse };

struct RunKey {
  std::string run;
  std::string key;  // usually the agent
  std::string agent;
  std::string conversation;
};

// Threads: all functions from any thread. Functions given to it are called without its lock, on the caller's stack.
class RunQueue {
 public:
  // `cancel` stops what a handle stands for.
  RunQueue(std::size_t max_waiting, std::function<void(tutti_call)> cancel)
      : max_waiting_(max_waiting), cancel_(std::move(cancel)) {}

  // true: it is this run's turn; false: it has to wait. ALREADY_EXISTS: a run of that id is there. FAILED_PRECONDITION:
  // busy and to be refused. RESOURCE_EXHAUSTED: too many wait already. With kReplace what is there is interrupted.
  Result<bool> Enter(RunKey run, Busy busy);

  // Calls `go` when it is the run's turn, or when it was interrupted while it waited. At once when that is so already.
  void OnTurn(const std::string& run, std::function<void()> go);

  // Remembers how the run is stopped. true: it was interrupted already, stop it.
  [[nodiscard]] bool Attach(const std::string& run, tutti_call handle);

  [[nodiscard]] bool IsInterrupted(const std::string& run) const;

  // The conversation of a run that is there.
  [[nodiscard]] std::optional<std::string> Conversation(std::string_view run) const;

  // Ends a run and gives the turn to the next. Harmless for a run that is not there.
  void Leave(const std::string& run);

  // Interrupts the run of that id, or every run of that agent (whichever is not empty), and calls `ended` with their
  // number when the last of them has left; at once with 0 when there is none.
  void Interrupt(std::string_view run, std::string_view agent, std::function<void(std::size_t)> ended);

 private:
  struct Entry {
    RunKey key;
    bool has_turn = false;
    bool is_interrupted = false;
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

  [[nodiscard]] EntryPtr Find(std::string_view run) const;
  static void MarkInterrupted(Entry& entry, Actions& actions);
  void Run(const Actions& actions) const;

  const std::size_t max_waiting_;
  const std::function<void(tutti_call)> cancel_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<EntryPtr>, std::less<>> by_key_;  // guarded by mutex_; first has the turn
  std::map<std::string, EntryPtr, std::less<>> by_run_;               // guarded by mutex_
};

}  // namespace tutti::runs
