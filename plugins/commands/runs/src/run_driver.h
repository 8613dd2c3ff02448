// RunDriver: one run from its acceptance, or from where another process left it, to its end.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "conversation.h"
#include "run_queue.h"
#include "transitions.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::runs {

struct DriverLimits {
  std::size_t max_messages = 2000;
  std::int64_t max_resumes = 10;
  bool interrupts_on_stop = false;  // an orderly stop ends runs rather than let them go on at the next start
};

// Threads: any; one object serves all runs. Nothing it does hangs below the call that started the run, for the run may
// outlive that.
class RunDriver {
 public:
  using OnEvent = std::function<void(std::string_view)>;
  // Called with the id of a run that was let go unfinished.
  using OnLetGo = std::function<void(const std::string&)>;

  RunDriver(const Host& host, const Transitions& transitions, RunQueue& queue, Holder holder, DriverLimits limits,
            OnLetGo on_let_go)
      : host_(host),
        transitions_(transitions),
        queue_(queue),
        holder_(std::move(holder)),
        limits_(limits),
        on_let_go_(std::move(on_let_go)) {}

  // Drives a run that has entered the queue, and takes it out of it. `has_turn` is what the queue said. Ends when the
  // run has ended, with the runtime's result or its failure, or with CANCELLED when it was let go.
  Task<Result<std::string>> Drive(LiveRunPtr live, bool has_turn, OnEvent on_event) const;

  // The same with nobody who waits for it.
  void DriveAlone(const LiveRunPtr& live, bool has_turn) const;

 private:
  // What the runtime is asked for, or how the run ends without it.
  struct Plan {
    std::string request{};
    std::string totals{};  // with an end
    RunEvent end = RunEvent::kTakeTurn;
    std::string error{};

    [[nodiscard]] bool has_end() const { return end != RunEvent::kTakeTurn; }
  };

  Task<Result<std::string>> DriveToEnd(LiveRunPtr live, bool has_turn, OnEvent on_event) const;
  // Stores that a run was accepted, unless it is already.
  Task<Status> StoreAcceptance(LiveRunPtr live) const;
  Task<Result<Plan>> Prepare(LiveRunPtr live) const;
  Task<Result<Plan>> PrepareAgain(LiveRunPtr live) const;
  // The run ended before it began: its prompt may have to be kept.
  Task<Status> CloseUnbegun(LiveRunPtr live) const;
  Task<Result<std::string>> RunToEnd(LiveRunPtr live, std::string request, OnEvent on_event) const;
  Task<Result<std::string>> Close(LiveRunPtr live, Result<std::string> result) const;
  // Whether the run's prompt is to be kept and is not in the conversation yet.
  Task<bool> HasPromptToKeep(LiveRunPtr live) const;
  Task<Status> CloseWith(LiveRunPtr live, RunEvent end, Status why, std::string totals) const;
  [[nodiscard]] std::string RuntimeRequest(const LiveRun& live, const LoadedConversation& conversation,
                                           std::string_view resume) const;
  [[nodiscard]] bool IsLetGo(const LiveRun& live, const Status& status) const;
  void LogLoss(const LiveRun& live, const char* what, const Status& status) const;

  const Host& host_;
  const Transitions& transitions_;
  RunQueue& queue_;
  const Holder holder_;
  const DriverLimits limits_;
  const OnLetGo on_let_go_;
};

}  // namespace tutti::runs
