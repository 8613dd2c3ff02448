// What a command answered, as a line of the chat.
#pragma once

#include <string>
#include <string_view>

namespace tutti::orchestrator {

// `result` is JSON. A member "text" or the texts of a tool's "content" are what is shown; anything else is written as
// Markdown: objects as lists of their members, arrays of objects as a table. Bounded, and says so when it is cut.
std::string ResultText(std::string_view result);

}  // namespace tutti::orchestrator
