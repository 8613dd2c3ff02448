// RunRequest: what a run was started with (tutti/abi/runtime.h), read once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::loop {

// A run that only compacts its conversation.
struct CompactRequest {
  std::string trigger;       // manual or auto
  std::string instructions;  // what the user wants kept
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
};

}  // namespace tutti::loop
