// What a run is given of its conversation, made from the rows of runs.messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"

namespace tutti::runs {

// A JSON array of message rows that begins where a conversation may begin: with a user message that answers no tool
// call. For when older messages were left out.
std::string TrimToBeginning(std::string_view rows);

// The content of the user message that answers the tool calls of `message`, each as an error that says its outcome is
// unknown; empty when the message is no assistant's or calls nothing.
std::string ClosingContent(JsonView message);

}  // namespace tutti::runs
