// The tool_result blocks that answer a model's tool calls.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace tutti::loop {

// The block for what a tool call came to. A result with an array "content" is passed on, any other JSON goes as text; a
// failure goes as its sentence with is_error. More than `max_bytes` of result is cut, with a note.
std::string ToolResultBlock(std::string_view tool_use_id, const Result<std::string>& result, std::size_t max_bytes);

// The block for a call that was not, or not fully, carried out.
std::string ToolErrorBlock(std::string_view tool_use_id, std::string_view sentence);

}  // namespace tutti::loop
