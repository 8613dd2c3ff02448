#include "host/cli/chat_watch.h"

#include <cstdio>

#include "tutti/sdk/text.hpp"

namespace tutti::host {
namespace {

constexpr std::size_t kMaxNames = 10000;
constexpr std::size_t kShownInput = 200;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string ToolLine(JsonView data) {
  std::string_view name = data["tool_name"].AsString();
  constexpr std::string_view kPrefix = "mcp__mgmt__";
  if (name.starts_with(kPrefix)) {
    name.remove_prefix(kPrefix.size());
  }
  const std::string input = data["tool_input"].Dump();
  const std::string_view shown = Utf8Prefix(input, kShownInput);
  return "* " + TerminalText(name) + " " + TerminalText(shown) + (shown.size() < input.size() ? "..." : "");
}

std::string Money(double dollars) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", dollars);
  return text;
}

}  // namespace

std::string TerminalText(std::string_view text) {
  const std::string clean = CleanUtf8(text);
  std::string out;
  out.reserve(clean.size());
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const auto byte = static_cast<unsigned char>(clean[i]);
    const bool is_c1 = byte == 0xC2 && i + 1 < clean.size() && static_cast<unsigned char>(clean[i + 1]) < 0xA0;
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F || is_c1) {
      out += kReplacement;
      i += is_c1 ? 1 : 0;
    } else {
      out += clean[i];
    }
  }
  return out;
}

std::string ChatWatch::Dim(std::string_view text) const {
  return use_color_ ? "\x1b[2m" + std::string(text) + "\x1b[0m" : std::string(text);
}

void ChatWatch::Know(std::string_view agent, std::string_view name) {
  if (!name.empty() && names_.size() < kMaxNames) {
    names_[std::string(agent)] = TerminalText(name);
  }
}

std::string ChatWatch::NameOf(std::string_view agent) const {
  const auto found = names_.find(std::string(agent));
  return found == names_.end() ? TerminalText(agent.substr(0, 8)) : found->second;
}

std::string ChatWatch::Take(std::string_view json) {
  const Result<Json> parsed = Json::Parse(json);
  if (!parsed.ok()) {
    return {};
  }
  const JsonView event = parsed->view();
  const std::string_view type = event["type"].AsString();
  if (type == "connection_established") {
    is_connected_ = true;
  } else if (type == "orchestrator_chat") {
    return TakeChat(event["message"]);
  } else if (type == "chat_typing") {
    return TakeTyping(event["is_typing"].AsBool());
  } else if (type == "chat_stream") {
    return event["is_complete"].AsBool() ? EndTurn() : std::string();
  } else if (type == "error") {
    const std::string_view why = event["details"]["error"].AsString();
    if (phase_ != Phase::kRunning) {
      return {};
    }
    has_failed_ = true;
    return "error: " + TerminalText(event["message"].AsString()) + (why.empty() ? "" : ": " + TerminalText(why)) +
           "\n" + EndTurn();
  } else if (type == "thinking_block") {
    return Dim("(thinking) " + TerminalText(event["data"]["thinking"].AsString())) + "\n";
  } else if (type == "tool_use_block") {
    return ToolLine(event["data"]) + "\n";
  } else if (type == "orchestrator_updated") {
    return TakeUpdate(event["orchestrator"]);
  } else if (type == "agent_log") {
    return TakeLog(event["log"]);
  } else if (type == "agent_status_changed") {
    return TakeStatus(event);
  } else if (type == "agent_created") {
    const JsonView agent = event["agent"];
    Know(agent["id"].AsString(), agent["name"].AsString());
    return "+ agent " + TerminalText(agent["name"].AsString()) + " (" + TerminalText(agent["model"].AsString()) + ")\n";
  } else if (type == "agent_deleted") {
    busy_.erase(std::string(event["agent_id"].AsString()));
    return "- agent " + NameOf(event["agent_id"].AsString()) + "\n";
  } else if (type == "system_log") {
    return Dim(TerminalText(event["data"]["message"].AsString())) + "\n";
  }
  return {};
}

std::string ChatWatch::TakeChat(JsonView message) {
  const std::string_view text = message["message"].AsString();
  if (message["sender_type"].AsString() == "user") {
    if (phase_ == Phase::kSent && text == message_) {
      phase_ = Phase::kEchoed;
      return {};
    }
    return Dim("> " + TerminalText(text)) + "\n";
  }
  return TerminalText(text) + "\n";
}

std::string ChatWatch::TakeTyping(bool is_typing) {
  if (is_typing && phase_ == Phase::kEchoed) {
    phase_ = Phase::kRunning;
  }
  return {};
}

std::string ChatWatch::EndTurn() {
  if (phase_ == Phase::kRunning) {
    phase_ = Phase::kOver;
  }
  return {};
}

std::string ChatWatch::TakeUpdate(JsonView orchestrator) {
  usage_ = "total: $" + Money(orchestrator["total_cost"].AsDouble()) + ", " +
           std::to_string(orchestrator["input_tokens"].AsInt()) + " tokens in, " +
           std::to_string(orchestrator["output_tokens"].AsInt()) + " out";
  return {};
}

std::string ChatWatch::TakeLog(JsonView log) {
  const std::string name = TerminalText(log["agent_name"].AsString());
  Know(log["agent_id"].AsString(), name);
  const std::string start = "[" + (name.empty() ? NameOf(log["agent_id"].AsString()) : name) + "] ";
  const std::string_view type = log["event_type"].AsString();
  if (type == "TextBlock") {
    return start + TerminalText(log["payload"]["text"].AsString()) + "\n";
  }
  if (type == "ThinkingBlock") {
    return Dim(start + "(thinking) " + TerminalText(log["payload"]["thinking"].AsString())) + "\n";
  }
  if (type == "ToolUseBlock") {
    return start + ToolLine(log["payload"]) + "\n";
  }
  if (type == "PreToolUse") {
    return {};  // The tool-use block said it.
  }
  return Dim(start + TerminalText(log["content"].AsString())) + "\n";
}

std::string ChatWatch::TakeStatus(JsonView event) {
  const std::string agent(event["agent_id"].AsString());
  const std::string_view status = event["new_status"].AsString();
  if (status == "executing") {
    if (busy_.size() < kMaxNames) {
      busy_.insert(agent);
    }
  } else {
    busy_.erase(agent);
  }
  has_failed_ = has_failed_ || status == "blocked";
  return Dim("[" + NameOf(agent) + "] is " + TerminalText(status)) + "\n";
}

}  // namespace tutti::host
