// RunRequest: what a run was started with (tutti/abi/runtime.h), read once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model_answer.h"
#include "tutti/sdk/status.hpp"

namespace tutti::loop {

// A run that only compacts its conversation.
struct CompactRequest {
  std::string trigger;       // manual or auto
  std::string instructions;  // what the user wants kept
};

// What is stored of a tool call that had begun before the run was cut off.
struct StoredCall {
  bool is_known = false;  // how it ended
  std::string result;     // known: JSON
};

using StoredCalls = std::map<std::string, StoredCall, std::less<>>;  // by tool_use id

// A run that was cut off and goes on: its messages are there already.
struct ResumePoint {
  std::int64_t num_turns = 0;
  Usage usage;
  std::optional<double> cost_usd;
  std::int64_t unpriced_calls = 0;
  std::string stop_reason;  // of the last message of the model
  StoredCalls calls;
};

struct RunRequest {
  // INVALID_ARGUMENT names the member that is missing or wrong.
  static Result<RunRequest> Parse(std::string_view text);

  std::string model;
  std::string system;
  std::string thinking;  // JSON object, empty when not given
  std::string prompt;
  std::vector<std::string> tools;
  std::vector<std::string> messages;  // each a JSON object {"role","content"}
  std::int64_t max_turns = 1;
  std::int64_t max_tokens = 0;  // 0: the model's default
  std::int64_t next_number = 0;
  std::int64_t context_tokens = 0;  // of the conversation so far; 0: not known
  std::optional<CompactRequest> compact;
  std::optional<ResumePoint> resume;
};

}  // namespace tutti::loop
