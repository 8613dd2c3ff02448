// The orchestrator's own blocks as rows and live messages: text goes to the chat, thinking and tool use to system_logs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"
#include "wire_messages.h"

namespace tutti::orchestrator {

// A line of the chat with its announcement: one batch, which the caller may add to.
Batch ChatLineBatch(const ChatLine& line);

// What a recorder adds for the block at `point`, a JSON array; nullopt for any other point. `payload` as in
// tutti/abi/hook.h, without NUL.
std::optional<std::string> BlockOperations(std::string_view orchestrator, std::string_view point, JsonView payload,
                                           std::int64_t time_us);

}  // namespace tutti::orchestrator
