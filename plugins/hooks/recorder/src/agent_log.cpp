#include "agent_log.h"

#include "tutti/sdk/store.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::recorder {
namespace {

constexpr std::size_t kTitleCharacters = 50;
constexpr std::size_t kResultCharacters = 500;
constexpr std::size_t kPromptCharacters = 1000;

std::string Title(std::string_view text) {
  const std::string_view begin = Utf8Prefix(text, kTitleCharacters);
  return std::string(begin) + (begin.size() < text.size() ? "..." : "");
}

std::size_t CountCharacters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  }
  return count;
}

// What a tool answered, as text; empty when it answered nothing. What is no text, such as an image, is named.
std::string ResponseText(JsonView response) {
  if (response.is_null()) {
    return {};
  }
  if (response.is_string()) {
    return std::string(response.AsString());
  }
  if (!response["content"].is_array()) {
    return response.Dump();
  }
  std::string text;
  response["content"].ForEach([&](JsonView item) {
    text += text.empty() ? "" : "\n";
    text += item["text"].is_string() ? std::string(item["text"].AsString())
                                     : "[" + std::string(item["type"].AsString("content")) + "]";
  });
  return text;
}

void FillText(AgentLog& log, JsonView payload) {
  const std::string_view text = payload["text"].AsString();
  log.stored_type = "text";
  log.live_content = log.summary = text;
  log.stored_content = log.live_content;
  log.payload = JsonObject()("text", text).Take();
}

void FillThinking(AgentLog& log, JsonView payload) {
  const std::string_view thinking = payload["thinking"].AsString();
  log.stored_type = "thinking";
  log.live_content = thinking;
  log.stored_content = log.live_content;
  log.summary = "[Agent is thinking]";
  log.payload = JsonObject()("thinking", thinking).Take();
}

void FillToolUse(AgentLog& log, JsonView payload, const std::string& tool) {
  log.stored_type = "tool_use";
  log.live_content = "[Tool] " + tool;
  log.summary = "Using tool: " + tool;
  JsonObject object;
  object("tool_name", tool).Raw("tool_input", payload["tool_input"].Dump());
  log.payload = object("tool_use_id", payload["tool_use_id"].AsString()).Take();
}

void FillPreToolUse(AgentLog& log, JsonView payload, const std::string& tool) {
  log.live_content = log.summary = "Using tool: " + tool;
  log.stored_content = log.live_content;
  JsonObject object;
  object("tool_name", tool).Raw("tool_input", payload["tool_input"].Dump());
  object("tool_use_id", payload["tool_use_id"].AsString());
  log.payload = object("timestamp", log.timestamp).Take();
}

void FillPostToolUse(AgentLog& log, JsonView payload, const std::string& tool) {
  log.live_content = "Tool result: " + tool;
  log.summary = "Completed tool: " + tool;
  log.stored_content = log.summary;
  const std::string response = ResponseText(payload["tool_response"]);
  JsonObject object;
  object("tool_name", tool).OrNull("result", Utf8Prefix(response, kResultCharacters));
  object("is_error", payload["is_error"].AsBool(payload["tool_response"]["is_error"].AsBool()));
  object("tool_use_id", payload["tool_use_id"].AsString())("duration_ms", payload["duration_ms"].AsInt());
  log.payload = object("timestamp", log.timestamp).Take();
}

void FillPrompt(AgentLog& log, JsonView payload) {
  const std::string_view prompt = payload["prompt"].AsString();
  const std::string title = Title(prompt);
  log.live_content = "User prompt: " + title;
  log.stored_content = log.live_content;
  log.summary = "User: " + title;
  log.payload = JsonObject()("prompt", Utf8Prefix(prompt, kPromptCharacters))("prompt_length", CountCharacters(prompt))(
                    "timestamp", log.timestamp)
                    .Take();
}

void FillStop(AgentLog& log, JsonView payload) {
  const std::string reason(payload["reason"].AsString("unknown"));
  const std::int64_t turns = payload["num_turns"].AsInt();
  log.live_content = "Agent stopped: " + reason;
  log.stored_content = log.live_content;
  log.summary = "Stopped after " + std::to_string(turns) + " turns";
  log.payload = JsonObject()("reason", reason)("num_turns", turns)("duration_ms", payload["duration_ms"].AsInt())(
                    "timestamp", log.timestamp)
                    .Take();
}

void FillSubagentStop(AgentLog& log, JsonView payload) {
  const std::string subagent(payload["subagent_id"].AsString("unknown"));
  log.live_content = "Subagent " + subagent + " completed";
  log.stored_content = log.live_content;
  log.summary = "Subagent completed";
  log.payload = JsonObject()("subagent_id", subagent)("timestamp", log.timestamp).Take();
}

void FillPreCompact(AgentLog& log, JsonView payload) {
  const std::int64_t tokens = payload["tokens_before"].AsInt();
  log.live_content = "Context compaction: " + std::to_string(tokens) + " tokens";
  log.stored_content = log.live_content;
  log.summary = "Context compaction triggered";
  JsonObject object;
  object("tokens_before", tokens).OrNull("trigger", payload["trigger"].AsString());
  object.OrNull("custom_instructions", payload["custom_instructions"].AsString());
  log.payload = object("timestamp", log.timestamp).Take();
}

}  // namespace

std::optional<AgentLog> AgentLog::FromPoint(std::string_view point, JsonView payload, std::uint32_t index,
                                            std::int64_t time_us) {
  AgentLog log;
  log.index = index;
  log.timestamp = FormatMicros(time_us);
  log.live_type = log.stored_type = point;
  log.category = point.ends_with("Block") ? "response" : "hook";
  log.id = payload["id"].is_string() ? std::string(payload["id"].AsString()) : NewUuid();
  const std::string tool(payload["tool_name"].AsString());
  if (point == "TextBlock") {
    FillText(log, payload);
  } else if (point == "ThinkingBlock") {
    FillThinking(log, payload);
  } else if (point == "ToolUseBlock") {
    FillToolUse(log, payload, tool);
  } else if (point == "PreToolUse") {
    FillPreToolUse(log, payload, tool);
  } else if (point == "PostToolUse") {
    FillPostToolUse(log, payload, tool);
  } else if (point == "UserPromptSubmit") {
    FillPrompt(log, payload);
  } else if (point == "Stop") {
    FillStop(log, payload);
  } else if (point == "SubagentStop") {
    FillSubagentStop(log, payload);
  } else if (point == "PreCompact") {
    FillPreCompact(log, payload);
  } else {
    return std::nullopt;
  }
  return log;
}

std::string AgentLog::Operations(const Subject& subject) const {
  JsonObject row;
  row("id", id)("agent_id", subject.agent).OrNull("task_slug", subject.task_slug)("entry_index", index);
  row("event_category", category)("event_type", stored_type);
  stored_content ? row("content", *stored_content) : row("content", nullptr);
  row.Raw("payload", payload)("timestamp", timestamp);

  JsonObject live;
  live("id", id)("agent_id", subject.agent)("agent_name", subject.agent_name);
  live.OrNull("task_slug", subject.task_slug)("entry_index", index)("event_category", category);
  live("event_type", live_type)("content", live_content)("summary", summary).Raw("payload", payload);
  JsonObject message;
  message("type", "agent_log").Raw("log", live("timestamp", timestamp).Take())("timestamp", timestamp);

  Op append = Op::Append(subject.stream, "agent_log", message.Take());
  append("run", subject.run)("agent", subject.agent);
  Batch batch;
  batch.Add(Op::Insert("orchestrator.agent_logs", row.Take())).Add(append);
  return batch.Ops();
}

}  // namespace tutti::recorder
