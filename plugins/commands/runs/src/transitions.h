// Transitions: a run changes its state in one batch: the row, its event, and what the recorders at RunState add.
#pragma once

#include <functional>
#include <string>

#include "live_run.h"
#include "run_state.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::runs {

struct Change {
  RunEvent event = RunEvent::kFail;
  std::string reason{};   // waiting: for what
  std::string error{};    // ended: why
  Code code = Code::kOk;  // ended: what kind of failure that was
  std::string totals{};   // ended: the runtime's result, a JSON object; empty: the row's are shown
  Batch before{};         // what else belongs to the batch; it comes first
  bool is_resumed = false;
  bool is_patient = true;  // a database that is away is waited for
};

// Threads: any; one change of a run after another.
class Transitions {
 public:
  explicit Transitions(const Host& host) : host_(host) {}

  // OK also when the event changes nothing in the state the run is in. ABORTED: the run is not this host's any more, or
  // its row is not in the state it is known in; nothing was stored. While the database is away it is tried again until
  // this host stops.
  Task<Status> Apply(LiveRunPtr live, Change change) const;

 private:
  // Whether a batch whose answer was lost was committed after all.
  Task<bool> HasHappened(LiveRunPtr live, RunState to) const;
  Task<std::string> StoredTotals(LiveRunPtr live) const;

  const Host& host_;
};

}  // namespace tutti::runs
