// How events are described to the model, and what stands for a summary when the model has none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"

namespace tutti::summarizer {

// Bounds, in characters, of what the model is shown of one event.
struct Bounds {
  std::size_t text = 500;    // texts, thinking, prompts
  std::size_t input = 2000;  // tool inputs and whole payloads
  std::size_t diff = 2000;
};

// What the model is shown of a point's payload.
std::string Details(std::string_view point, JsonView payload, const Bounds& bounds);

// "PreToolUse: Bash", "Text: the first fifty characters...", "Tool use: Bash", or the point's name.
std::string Fallback(std::string_view point, JsonView payload);

// The same for a line of the chat ("User: ...", "Orchestrator: ...").
std::string ChatFallback(std::string_view sender, std::string_view text);

// For a command of the orchestrator to an agent.
std::string PromptFallback();

// One line of printable text, at most `characters` long: what may be stored as a summary. Empty when nothing is left.
std::string AsSentence(std::string_view text, std::size_t characters);

}  // namespace tutti::summarizer
