// The storage operations behind runs and messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "run_queue.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::runs {

// The arguments of runs.start.
struct StartArguments {
  static StartArguments Read(JsonView args);

  std::string run, conversation, agent, stream, key, model, prompt;
  std::string labels;  // JSON object
  Busy busy = Busy::kQueue;
};

struct NewMessage {
  std::string_view run;
  std::string_view conversation;
  std::int64_t number = 0;
  std::string_view role;
  std::string_view content;  // JSON array
  std::int64_t time_us = 0;
  bool is_summary = false;
};

// How a run ended. `totals` is the runtime's result, also as far as a failed run got (may be absent).
struct RunEnd {
  std::string_view status;  // done, failed, interrupted
  std::string_view error;
  JsonView totals;
};

Op InsertRun(const StartArguments& arguments, std::string_view status);
Op SetRunning(std::string_view run);
Op EndRun(std::string_view run, const RunEnd& end);
Op InsertMessage(const NewMessage& message);

// What there is to do before a new summary is inserted: a conversation has one at most, which LoadMessages relies on.
Op ForgetSummary(std::string_view conversation);

// One row {"number"}: of the conversation's summary, 0 without one. Labelled `summary` for LoadMessages.
Op SummaryNumber(std::string_view conversation);

// The newest `limit` messages from the summary on, oldest first: {"role","content"}. Behind SummaryNumber in the batch.
Op LoadMessages(std::string_view conversation, std::size_t limit);

// Tokens of the conversation as its newest run left it: one row {"context_tokens"}, or none. Not of `run` itself.
Op ContextTokens(std::string_view conversation, std::string_view run);

// The last message: {"number","role","content"}.
Op LastMessage(std::string_view conversation);

// Marks what an earlier process left unfinished.
Op InterruptUnfinished();

Op GetRun(std::string_view run);
Op ListRuns(JsonView args);

}  // namespace tutti::runs
