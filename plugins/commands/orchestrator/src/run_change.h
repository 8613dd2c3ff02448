// RunChange: a change of a run's state, as the hook point RunState tells it.
#pragma once

#include <string>
#include <string_view>

#include "agent_rows.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::orchestrator {

struct RunChange {
  // `payload` as in tutti/abi/hook.h.
  static RunChange Read(JsonView payload);

  [[nodiscard]] bool is_of_chat() const { return role == "orchestrator"; }

  [[nodiscard]] bool is_of_agent() const { return role == "agent"; }

  [[nodiscard]] bool is_compaction() const { return kind == "compact"; }

  [[nodiscard]] bool has_ended() const { return to == "done" || to == "failed" || to == "interrupted"; }

  // Whether it ends without ever having been at work, for another one took its place or somebody stopped it.
  [[nodiscard]] bool was_dropped() const { return from == "queued" && to == "interrupted"; }

  std::string run, conversation, agent, stream, tree;
  std::string role, kind;  // by its labels
  std::string from, to;    // as the column status of runs.runs
  std::string reason;      // what it waits for, or why it stopped
  std::string error;
  std::string code;          // of the failure, such as FAILED_PRECONDITION
  bool is_followed = false;  // another run of the agent waits for its turn
  std::string text;          // what it said at last
  TurnTotals totals;
};

// What the change means to the tables of the orchestrator and to who looks on, from the change alone: so it is the same
// for a run that another process began.
void AddBookkeeping(Batch& batch, const RunChange& change);

}  // namespace tutti::orchestrator
