#include "tool_result.h"

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::loop {
namespace {

std::string TextContent(std::string_view text) {
  return "[" + JsonObject()("type", "text")("text", text).Take() + "]";
}

std::string Block(std::string_view tool_use_id, std::string_view content, bool is_error) {
  return JsonObject()("type", "tool_result")("tool_use_id", tool_use_id)
      .Raw("content", content)("is_error", is_error)
      .Take();
}

// At most `max_bytes`, not cutting through a character.
std::string_view CutUtf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) {
    return text;
  }
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}

// A conversation must not hold an empty text; a result without content is allowed.
std::string WithoutEmptyTexts(JsonView content) {
  JsonWriter kept;
  kept.BeginArray();
  content.ForEach([&](JsonView item) {
    if (item["type"].AsString() != "text" || !item["text"].AsString().empty()) {
      kept.Value(*item.raw());
    }
  });
  return kept.EndArray().Take();
}

std::string JoinedText(JsonView content) {
  std::string text;
  content.ForEach([&](JsonView item) {
    text += text.empty() ? "" : "\n";
    text += item["text"].AsString();
  });
  return text;
}

}  // namespace

std::string ToolErrorBlock(std::string_view tool_use_id, std::string_view sentence) {
  return Block(tool_use_id, TextContent(sentence), true);
}

std::string ToolResultBlock(std::string_view tool_use_id, const Result<std::string>& result, std::size_t max_bytes) {
  if (!result.ok()) {
    const Status status = result.status();
    return ToolErrorBlock(tool_use_id, status.message().empty() ? status.ToString() : CleanUtf8(status.message()));
  }
  const std::string cleaned = CleanJson(result->empty() ? std::string_view("null") : std::string_view(*result));
  const Result<Json> json = Json::Parse(cleaned);
  if (!json.ok()) {
    return ToolErrorBlock(tool_use_id,
                          "the tool answered with something that is no JSON: " + std::string(json.status().message()));
  }
  const JsonView view = json->view();
  const bool is_error = view["is_error"].AsBool();
  const bool has_content = view["content"].is_array();
  if (cleaned.size() <= max_bytes) {
    return Block(tool_use_id, has_content ? WithoutEmptyTexts(view["content"]) : TextContent(cleaned), is_error);
  }
  const std::string whole = has_content ? JoinedText(view["content"]) : cleaned;
  std::string text(CutUtf8(whole, max_bytes));
  text += "\n[the result was cut: " + std::to_string(text.size()) + " of " + std::to_string(whole.size()) +
          " bytes are shown]";
  return Block(tool_use_id, TextContent(text), is_error);
}

}  // namespace tutti::loop
