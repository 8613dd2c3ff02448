#include "tool_texts.h"

#include <cstdio>

#include "tutti/sdk/nearest.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr std::size_t kNameCharacters = 64;
constexpr std::size_t kCommandCharacters = 100;
constexpr std::size_t kLineCharacters = 200;
constexpr std::size_t kMostNames = 100;
constexpr std::int64_t kContextTokens = 200000;

std::string Text(std::string_view text, bool is_error) {
  const std::string content = "[" + JsonObject()("type", "text")("text", text).Take() + "]";
  return JsonObject().Raw("content", content)("is_error", is_error).Take();
}

std::string Dollars(double amount) {
  char text[64];
  std::snprintf(text, sizeof text, "$%.4f", amount);
  return text;
}

std::string Thousands(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) {
    text.insert(at - 3, ",");
  }
  return text;
}

std::string Shortened(std::string_view text, std::size_t characters) {
  const std::string_view begin = Utf8Prefix(text, characters);
  return std::string(begin) + (begin.size() < text.size() ? "..." : "");
}

std::string Figures(const Agent& agent) {
  return "Status: " + agent.status + "\nModel: " + agent.model +
         "\nTokens: " + std::to_string(agent.input_tokens + agent.output_tokens) +
         "\nCost: " + Dollars(agent.total_cost);
}

std::string LogLine(JsonView log, bool is_verbose) {
  std::string line = "[" + std::string(log["event_type"].AsString()) + "] ";
  if (is_verbose) {
    line += log["content"].AsString();
    return line + "\n    " + log["payload"].Dump();
  }
  const std::string_view content = log["content"].AsString(log["payload"]["tool_name"].AsString());
  return line + std::string(log["summary"].AsString(Shortened(content, kLineCharacters)));
}

}  // namespace

std::string ToolText(std::string_view text) {
  return Text(text, false);
}

std::string ToolError(std::string_view text) {
  return Text(text, true);
}

namespace texts {

std::optional<std::string> NameProblem(std::string_view name) {
  if (name.empty()) {
    return "Error: 'name' is required; give the new agent a name such as test-runner.";
  }
  if (Utf8Prefix(name, kNameCharacters).size() < name.size()) {
    return "Error: 'name' may have " + std::to_string(kNameCharacters) + " characters.";
  }
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return "Error: 'name' must be one line of printable characters.";
    }
  }
  if (name.front() == ' ' || name.back() == ' ') {
    return "Error: 'name' must not begin or end with a space.";
  }
  return std::nullopt;
}

std::string Created(const Agent& agent) {
  return "Created agent '" + agent.name + "'\nID: " + agent.id + "\nSession: " + agent.conversation() +
         "\nModel: " + agent.model;
}

std::string UnknownTemplate(std::string_view name, const std::vector<std::string>& names) {
  const std::string text = "Error: template '" + std::string(name) + "' was not found; ";
  return names.empty() ? text + "no templates are available."
                       : text + "available templates: " + JoinNames(names, kMostNames) + ".";
}

std::string NameTaken(std::string_view name) {
  return "Error: the name '" + std::string(name) +
         "' is already used by a live agent; choose another, or delete it first.";
}

std::string AgentNotFound(std::string_view name) {
  return "Error: agent '" + std::string(name) + "' was not found; list_agents shows the names.";
}

std::string AgentList(const std::vector<Agent>& agents) {
  if (agents.empty()) {
    return "There are no agents.";
  }
  std::string text = "Agents (" + std::to_string(agents.size()) + "):";
  for (const Agent& agent : agents) {
    text += "\n\n" + agent.name + " (" + agent.id + ")\n" + Figures(agent);
  }
  return text;
}

std::string Dispatched(std::string_view name, std::string_view command) {
  return "Command dispatched to '" + std::string(name) + "': " + Shortened(command, kCommandCharacters) +
         "\nThe agent works on it in the background; check_agent_status shows how far it is.";
}

std::string Interrupted(std::string_view name, std::size_t turns) {
  std::string text = "Interrupted agent '" + std::string(name) + "'.";
  if (turns > 1) {
    text += " " + std::to_string(turns - 1) + " waiting command(s) were dropped.";
  }
  return text;
}

std::string NotRunning(std::string_view name) {
  return "Agent '" + std::string(name) + "' is not currently running.";
}

std::string Deleted(std::string_view name) {
  return "Deleted agent '" + std::string(name) + "'. Its logs are kept.";
}

std::string AgentStatus(const Agent& agent, std::string_view slug, JsonView logs, bool is_verbose) {
  std::string text = "Agent: " + agent.name + "\n" + Figures(agent);
  if (logs.size() == 0) {
    return text + "\n\nNo recent activity.";
  }
  text += "\n\nTask: " + std::string(slug) + " (" + std::to_string(logs.size()) + " entries, oldest first)";
  logs.ForEach([&](JsonView log) { text += "\n" + LogLine(log, is_verbose); });
  return text;
}

std::string SystemLogs(JsonView rows, std::int64_t limit) {
  if (rows.size() == 0) {
    return "No system logs found.";
  }
  std::string text = "System logs (" + std::to_string(rows.size()) + ", limit " + std::to_string(limit) + "):";
  rows.ForEach([&](JsonView row) {
    text += "\n[" + std::string(row["timestamp"].AsString()) + "] " + std::string(row["level"].AsString()) + ": " +
            std::string(row["summary"].AsString(row["message"].AsString()));
  });
  return text;
}

std::string Cost(JsonView row) {
  const std::int64_t input = row["input_tokens"].AsInt();
  const std::int64_t output = row["output_tokens"].AsInt();
  const double used = 100.0 * static_cast<double>(input + output) / static_cast<double>(kContextTokens);
  char context[64];
  std::snprintf(context, sizeof context, "%.1f%%", used);
  std::string text = "Session: " + std::string(row["session_id"].AsString("not set")) +
                     "\nStatus: " + std::string(row["status"].AsString("idle")) +
                     "\nTotal cost: " + Dollars(row["total_cost"].AsDouble()) + "\nInput tokens: " + Thousands(input) +
                     "\nOutput tokens: " + Thousands(output) + "\nTotal tokens: " + Thousands(input + output) +
                     "\nContext: " + context + " of " + Thousands(kContextTokens);
  if (const std::int64_t now = row["metadata"]["context_tokens"].AsInt(); now > 0) {
    text += "\nIn the conversation now: " + Thousands(now) + " tokens";
  }
  if (used >= 80.0) {
    text += "\nWarning: the context is over 80 % full; consider compaction.";
  }
  return text;
}

std::string Compacted(const RunChange& change) {
  if (change.to == "interrupted") {
    return "The compaction was interrupted; the conversation is as it was.";
  }
  if (change.to == "failed") {
    return change.code == "FAILED_PRECONDITION"
               ? "There is nothing to compact yet."
               : "The conversation could not be compacted and is as it was: " + CleanUtf8(change.error);
  }
  return "The conversation was compacted and goes on from this summary, about " +
         Thousands(change.totals.context_tokens) + " tokens with the instructions:\n\n" + change.text;
}

std::string Cleared(std::string_view session) {
  return "A new session begins. What was said stays in view, but is not remembered. It is resumed with `tutti run "
         "--session " +
         std::string(session) + "`.";
}

std::string CutOff(std::string_view command) {
  return "The server stopped while it was at `" + std::string(Utf8Prefix(command, 200)) +
         "`; whether that took effect is unknown, so look before you repeat it.";
}

std::string CostDetails(std::string_view report, std::string_view orchestrator) {
  const Result<Json> json = Json::Parse(report);
  if (!json.ok() || !(*json)["total"].is_object()) {
    return "";
  }
  std::int64_t read = 0;
  std::int64_t written = 0;
  (*json)["runs"].ForEach([&](JsonView row) {
    if (row["agent"].AsString() == orchestrator) {
      read += row["cache_read_tokens"].AsInt();
      written += row["cache_write_tokens"].AsInt();
    }
  });
  std::string text =
      "\nCached tokens: " + Thousands(read) + " read, " + Thousands(written) + " written (not among the input tokens)";
  const JsonView total = (*json)["total"];
  text += "\nAll runs of the session: " + Dollars(total["cost_usd"].AsDouble());
  if (const std::int64_t unpriced = total["unpriced_calls"].AsInt(); unpriced > 0) {
    text += "\nUnknown: the price of " + Thousands(unpriced) +
            " model call(s), which are in no cost above; add their models to `prices` of tutti.hooks.cost.";
  }
  return text;
}

std::string SummaryCost(std::string_view spending) {
  const Result<Json> json = Json::Parse(spending);
  std::int64_t calls = 0;
  std::int64_t unpriced = 0;
  double usd = 0;
  if (json.ok()) {
    (*json)["spending"].ForEach([&](JsonView row) {
      calls += row["calls"].AsInt();
      unpriced += row["unpriced_calls"].AsInt();
      usd += row["cost_usd"].AsDouble();
    });
  }
  if (calls == 0) {
    return "";
  }
  const std::string unknown = unpriced > 0 ? ", " + Thousands(unpriced) + " of unknown price" : "";
  return "\nSummaries, apart from the above: " + Dollars(usd) + " in " + Thousands(calls) + " model call(s)" + unknown;
}

}  // namespace texts

}  // namespace tutti::orchestrator
