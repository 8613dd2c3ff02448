// What a completion request looks like to a script: the prompt, the last tool result, how far the turn is.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::rehearsal {

struct Situation {
  std::string model;  // as requested, may be empty
  std::string system;
  std::string prompt;       // text of the last user message that is not tool results
  bool after_tool = false;  // the last message holds tool results; the next three describe the last of them
  std::string tool;
  std::string result;
  bool is_error = false;
  std::int64_t turn = 1;  // model calls since the prompt, this one included
  std::set<std::string, std::less<>> tools;
  std::size_t input_bytes = 0;
};

// `request` is the JSON of tutti/abi/model.h; INVALID_ARGUMENT when it is not.
Result<Situation> ReadSituation(std::string_view request);

}  // namespace tutti::rehearsal
