#include "wording.h"

#include "tutti/sdk/text.hpp"

namespace tutti::summarizer {
namespace {

constexpr std::size_t kTitleCharacters = 50;

std::string Bounded(std::string_view text, std::size_t characters) {
  const std::string_view begin = Utf8Prefix(text, characters);
  return std::string(begin) + (begin.size() < text.size() ? "..." : "");
}

std::string Titled(std::string_view type, std::string_view text) {
  const std::string line = AsSentence(Utf8Prefix(text, kTitleCharacters), kTitleCharacters);
  const bool is_cut = Utf8Prefix(text, kTitleCharacters).size() < text.size();
  return std::string(type) + ": " + line + (is_cut ? "..." : "");
}

}  // namespace

std::string Details(std::string_view point, JsonView payload, const Bounds& bounds) {
  if (point == "TextBlock") {
    return Bounded(payload["text"].AsString(), bounds.text);
  }
  if (point == "ThinkingBlock") {
    return Bounded(payload["thinking"].AsString(), bounds.text);
  }
  if (point == "PreToolUse" || point == "PostToolUse") {
    std::string text = std::string(payload["tool_name"].AsString()) + " " + payload["tool_input"].Dump();
    text = Bounded(text, bounds.input);
    if (payload["tool_response"]) {
      text += payload["is_error"].AsBool() ? "\nfailed: " : "\nanswered: ";
      text += Bounded(payload["tool_response"].Dump(), bounds.text);
    }
    return text;
  }
  if (point == "ToolUseBlock" || point == "UserPromptSubmit") {
    return Bounded(payload.Dump(), bounds.text);
  }
  return Bounded(payload.Dump(), bounds.input);
}

std::string Fallback(std::string_view point, JsonView payload) {
  const std::string_view tool = payload["tool_name"].AsString();
  if (point == "TextBlock") {
    return Titled("Text", payload["text"].AsString());
  }
  if (point == "ThinkingBlock") {
    return Titled("Thinking", payload["thinking"].AsString());
  }
  if (point == "ToolUseBlock") {
    return "Tool use: " + AsSentence(tool, kTitleCharacters);
  }
  if (!tool.empty()) {
    return std::string(point) + ": " + AsSentence(tool, kTitleCharacters);
  }
  return std::string(point);
}

std::string ChatFallback(std::string_view sender, std::string_view text) {
  return Titled(sender == "user" ? "User" : "Orchestrator", text);
}

std::string PromptFallback() {
  return "A command of the orchestrator";
}

std::string AsSentence(std::string_view text, std::size_t characters) {
  const std::string clean = CleanUtf8(text);
  std::string line;
  for (const char c : clean) {
    const bool is_space = static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    if (!is_space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && line.back() == ' ') {
    line.pop_back();
  }
  return std::string(Utf8Prefix(line, characters));
}

}  // namespace tutti::summarizer
