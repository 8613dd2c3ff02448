// The storage operations behind runs and messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "accepted_run.h"
#include "live_run.h"
#include "run_selection.h"
#include "run_state.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::runs {

struct NewMessage {
  std::string_view run;
  std::string_view conversation;
  std::int64_t number = 0;
  std::string_view role;
  std::string_view content;  // JSON array
  std::int64_t time_us = 0;
  bool is_summary = false;
};

// A move of a run's row from the state it is stored in.
struct RowMove {
  RunState to = RunState::kNone;
  std::string_view reason;  // waiting: for what
  std::string_view error;   // ended
  JsonView totals;          // ended: the runtime's result; absent: what its steps have added stays
};

// Fails the batch with ABORTED unless the row is this holder's and in the state it is known in.
Op MoveRun(const LiveRun& live, const RowMove& move);

// Of a run that ends: what became of calls that had not ended is not known.
Op CloseCalls(std::string_view run);

// The row as of MoveRun: {"status","fence"}.
Op LookAtRun(std::string_view run);

Op InsertMessage(const NewMessage& message);

// What there is to do before a new summary is inserted: a conversation has one at most, which LoadMessages relies on.
Op ForgetSummary(std::string_view conversation);

// One row {"number"}: of the conversation's summary, 0 without one. Labelled `summary` for LoadMessages.
Op SummaryNumber(std::string_view conversation);

// The newest `limit` messages from the summary on, oldest first: {"role","content"}. Behind SummaryNumber in the batch.
Op LoadMessages(std::string_view conversation, std::size_t limit);

// Tokens of the conversation as its newest run left it: one row {"context_tokens"}, or none.
Op ContextTokens(std::string_view conversation);

// The last message: {"number","role","content","run"}.
Op LastMessage(std::string_view conversation);

// One row {"prompts","messages"}: how many messages of the run are no summaries, and how many there are.
Op CountMessages(std::string_view run);

Op GetRun(std::string_view run);
Op ListRuns(JsonView args);

// All tool calls of a run in the order of their begin.
Op ListCalls(std::string_view run);

// ---- holding

// Says once more that `owner` holds its runs. The result has a row {"new":{"id"}} for each.
Op RenewLeases(std::string_view owner, std::int64_t lease_ms);

// Runs of `owner` that somebody wants to end: rows {"id"}.
Op AskedToStop(std::string_view owner);

// Unfinished runs of `owner`, and of others whose lease is over: whole rows, in the order of their acceptance.
Op FindUnfinished(std::string_view owner, std::size_t limit);

// Takes a row of FindUnfinished over. ABORTED when somebody else did, or it has ended meanwhile.
Op ClaimRun(JsonView row, const Holder& holder);

// Marks what is selected, wherever it runs: it is not resumed, and who holds it ends it. Rows {"new":{"id"}}.
Op AskToStop(const RunSelection& selection);

// How many of those are left: one row {"count"}.
Op CountUnfinished(const std::vector<std::string>& runs);

}  // namespace tutti::runs
