// Compaction: a conversation that has grown too long goes on from a summary of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::loop {

// When a run compacts by itself.
struct CompactionLimits {
  // What the model can take, in tokens; 0: unknown, then it never compacts by itself.
  std::int64_t context_tokens = 0;
  // How full that may be; 0: never compacts by itself.
  std::int64_t at_percent = 80;

  [[nodiscard]] bool IsReachedBy(std::int64_t tokens) const {
    return context_tokens > 0 && at_percent > 0 && tokens >= context_tokens / 100.0 * static_cast<double>(at_percent);
  }
};

// The context of `model` (an id or alias) in `models`, which is what the host lists. One that is not listed, or empty,
// has that of the default. 0: unknown.
std::int64_t ContextOf(std::string_view models, std::string_view model);

// A guess where no usage is known: a token is about four bytes.
std::int64_t EstimateTokens(std::size_t bytes);

// The content of the last message of the request for a summary. `instructions` are what the user wants kept, may be
// empty.
std::string SummaryRequestContent(std::string_view instructions);

// The content of the message that the conversation goes on from.
std::string SummaryContent(std::string_view summary);

}  // namespace tutti::loop
