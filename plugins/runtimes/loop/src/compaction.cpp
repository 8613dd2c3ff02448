#include "compaction.h"

#include "tutti/sdk/json.hpp"

namespace tutti::loop {
namespace {

constexpr std::size_t kBytesPerToken = 4;

constexpr std::string_view kRequest =
    "The conversation is about to be replaced by a summary, because it has grown too long. Write that summary now, and "
    "nothing else; call no tool. Whoever goes on has only your text, so keep: what the user asked for, in their words "
    "where they matter; decisions and their reasons; names of files, agents, commands and values that are still "
    "needed; "
    "what was done and what came of it, failures included; what is unfinished, and the next step.";

constexpr std::string_view kIntroduction =
    "The conversation so far was replaced by this summary of it. Go on from here; what was asked and is not done yet "
    "still stands.\n\n";

std::string TextContent(std::string_view text) {
  return "[" + JsonObject()("type", "text")("text", text).Take() + "]";
}

bool IsCalled(JsonView listed, std::string_view name) {
  bool is_called = listed["id"].AsString() == name;
  listed["aliases"].ForEach([&](JsonView alias) { is_called = is_called || alias.AsString() == name; });
  return is_called;
}

}  // namespace

std::int64_t ContextOf(std::string_view models, std::string_view model) {
  const Result<Json> json = Json::Parse(models);
  if (!json.ok()) {
    return 0;
  }
  const std::string_view default_model = (*json)["default"].AsString();
  std::int64_t tokens = 0;
  std::int64_t of_default = 0;
  (*json)["models"].ForEach([&](JsonView listed) {
    if (tokens == 0 && !model.empty() && IsCalled(listed, model)) {
      tokens = listed["context_tokens"].AsInt();
    }
    if (listed["id"].AsString() == default_model) {
      of_default = listed["context_tokens"].AsInt();
    }
  });
  return tokens > 0 ? tokens : of_default;
}

std::int64_t EstimateTokens(std::size_t bytes) {
  return static_cast<std::int64_t>(bytes / kBytesPerToken);
}

std::string SummaryRequestContent(std::string_view instructions) {
  std::string text(kRequest);
  if (!instructions.empty()) {
    text += "\n\nThe user adds: ";
    text += instructions;
  }
  return TextContent(text);
}

std::string SummaryContent(std::string_view summary) {
  return TextContent(std::string(kIntroduction) + std::string(summary));
}

}  // namespace tutti::loop
