#include "conversation.h"

#include "run_rows.h"
#include "tutti/sdk/text.hpp"

namespace tutti::runs {
namespace {

constexpr std::string_view kUnknownOutcome =
    "interrupted before an answer was stored; whether it took effect is unknown, so look before you repeat it";

bool CanBegin(JsonView message) {
  bool answers_tool = false;
  message["content"].ForEach([&](JsonView block) { answers_tool |= block["type"].AsString() == "tool_result"; });
  return message["role"].AsString() == "user" && !answers_tool;
}

}  // namespace

void AddConversationQueries(Batch& batch, std::string_view conversation, std::size_t max_messages) {
  batch.Add(SummaryNumber(conversation));
  batch.Add(LoadMessages(conversation, max_messages));
  batch.Add(LastMessage(conversation));
  batch.Add(ContextTokens(conversation));
}

LoadedConversation ReadConversation(const StoreReply& reply, std::size_t first, std::size_t max_messages) {
  LoadedConversation loaded;
  const Result<Json> last = Json::Parse(reply.Rows(first + 2));
  if (!last.ok() || last->view().size() == 0) {
    return loaded;
  }
  loaded.messages = reply.Rows(first + 1);
  if (reply.Member(first + 1, "count") == std::to_string(max_messages)) {
    loaded.messages = TrimToBeginning(loaded.messages);
  }
  loaded.last = last->view()[0].Dump();
  loaded.next_number = last->view()[0]["number"].AsInt() + 1;
  const Result<Json> context = Json::Parse(reply.Rows(first + 3));
  loaded.context_tokens = context.ok() ? context->view()[0]["context_tokens"].AsInt() : 0;
  return loaded;
}

std::string CloseOpenCalls(std::string_view id, LoadedConversation& conversation) {
  const Result<Json> last = Json::Parse(conversation.last.empty() ? std::string_view("{}") : conversation.last);
  const std::string content = last.ok() ? ClosingContent(last->view()) : std::string();
  if (content.empty()) {
    return {};
  }
  // Of the run that left it so: the next one has not begun.
  Op op = InsertMessage({.run = (*last)["run"].AsString(),
                         .conversation = id,
                         .number = conversation.next_number,
                         .role = "user",
                         .content = content,
                         .time_us = NowMicros()});
  ++conversation.next_number;
  conversation.messages.pop_back();
  conversation.messages += conversation.messages.size() > 1 ? "," : "";
  conversation.messages += JsonObject()("role", "user").Raw("content", content).Take() + "]";
  return op.Take();
}

std::string TrimToBeginning(std::string_view rows) {
  const Result<Json> json = Json::Parse(rows);
  JsonWriter kept;
  kept.BeginArray();
  bool has_begun = false;
  if (json.ok()) {
    json->view().ForEach([&](JsonView message) {
      has_begun = has_begun || CanBegin(message);
      if (has_begun) {
        kept.Value(*message.raw());
      }
    });
  }
  return kept.EndArray().Take();
}

std::string ClosingContent(JsonView message) {
  if (message["role"].AsString() != "assistant") {
    return {};
  }
  JsonWriter content;
  bool has_calls = false;
  content.BeginArray();
  message["content"].ForEach([&](JsonView block) {
    if (block["type"].AsString() != "tool_use") {
      return;
    }
    has_calls = true;
    JsonObject answer;
    answer("type", "tool_result")("tool_use_id", block["id"].AsString());
    answer.Raw("content", "[" + JsonObject()("type", "text")("text", kUnknownOutcome).Take() + "]");
    content.Raw(answer("is_error", true).Take());
  });
  return has_calls ? content.EndArray().Take() : std::string();
}

}  // namespace tutti::runs
