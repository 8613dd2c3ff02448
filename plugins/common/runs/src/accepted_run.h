// A run that is accepted: the row that says so, and its event. Whoever acknowledges work puts both into the batch that
// makes the acknowledgement true, so that a run is there as soon as anybody was told of it.
//
// Plain functions without threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::runs {

// What runs.self answers: in whose name rows are held, and for how long.
struct Holder {
  static Holder Read(JsonView self);

  std::string owner;
  std::int64_t lease_ms = 0;
};

// A run as runs.start is asked for it.
struct AcceptedRun {
  // `args` are the arguments of runs.start.
  static AcceptedRun Read(JsonView args);

  std::string run, conversation, agent, stream, model, prompt;
  std::string key;            // runs of one key take turns; default: the agent
  std::string tree;           // "/<root>/.../<agent>/", may be empty
  std::string labels = "{}";  // JSON object
  std::string
      request;  // JSON object: system, tools, max_turns, max_tokens, thinking, compact, keep_prompt, replaceable
};

// Whether its prompt stays in the conversation when it is interrupted before it begins.
bool KeepsPrompt(const AcceptedRun& run);

// Whether a run that replaces what is there interrupts it.
bool IsReplaceable(const AcceptedRun& run);

// Adds the row, status `queued` and held by `holder`, and the event that says so.
void AddAcceptance(Batch& batch, const AcceptedRun& run, const Holder& holder);

// What changes in the state of a run. `from` is empty for the acceptance.
struct StateChange {
  std::string_view run, agent, stream, tree;
  std::string_view from, to;
  std::string_view reason;  // what it waits for, or why it ended
};

// The journal event `run.state`.
Op StateEvent(const StateChange& change);

// Until when a lease taken now lasts, as a time of the storage.
std::string LeaseEnd(std::int64_t lease_ms);

}  // namespace tutti::runs
