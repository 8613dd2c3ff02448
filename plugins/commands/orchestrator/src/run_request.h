// What runs.start is asked for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "place.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {

// What a run is for; whoever records its states reads it from the labels.
enum class RunKind { kPrompt, kCompact, kGreeting };

constexpr std::string_view ToString(RunKind kind) {
  return kind == RunKind::kPrompt ? "prompt" : kind == RunKind::kCompact ? "compact" : "greeting";
}

// Who a run is of, handed to every hook.
struct RunLabels {
  [[nodiscard]] std::string ToJson() const {
    JsonObject labels;
    labels("role", role)("kind", ToString(kind))("agent_name", agent_name)("task_slug", task_slug);
    if (!template_name.empty()) {
      labels("template", template_name);
    }
    if (!principal.empty()) {
      labels("principal", principal);
    }
    labels("orchestrator", orchestrator)("tree", place.tree())("parent", place.parent())("depth", place.depth());
    return labels.Take();
  }

  std::string_view role;  // orchestrator | agent
  RunKind kind = RunKind::kPrompt;
  std::string_view agent_name;
  std::string_view template_name;  // empty: of no template
  std::string_view principal;      // who the run is for; empty: the local user
  std::string_view task_slug, orchestrator;
  const Place& place;
};

struct RunRequest {
  // The arguments of runs.start for a run whose row the caller has stored.
  [[nodiscard]] std::string ToJson() const {
    JsonWriter names;
    names.BeginArray();
    for (const std::string& tool : tools) {
      names.Value(tool);
    }
    JsonObject request;
    request("run", run)("conversation", conversation)("agent", agent)("stream", stream)("tree", tree);
    request.Raw("labels", labels)("model", model)("system", system)("max_turns", max_turns)("prompt", prompt);
    if (compact_instructions) {
      request.Raw("compact", JsonObject()("trigger", "manual")("instructions", *compact_instructions).Take());
    }
    request("busy", replaces ? "replace" : "queue")("replaceable", is_replaceable)("keep_prompt", keep_prompt);
    return request("accepted", true)("wait", waits).Raw("tools", names.EndArray().Take()).Take();
  }

  // Those that are not there yet.
  void AddTools(const std::vector<std::string>& more) {
    for (const std::string& tool : more) {
      if (std::find(tools.begin(), tools.end(), tool) == tools.end()) {
        tools.push_back(tool);
      }
    }
  }

  std::string run = NewUuid();
  std::string conversation, agent, stream, tree;
  std::string labels;  // JSON object
  std::string model;
  std::string system;
  std::vector<std::string> tools;
  std::int64_t max_turns = 1;
  std::string prompt;
  std::optional<std::string> compact_instructions;  // the run only compacts
  bool replaces = false;                            // what of its agent runs or waits and may be replaced is stopped
  bool is_replaceable = false;
  bool keep_prompt = false;  // a run that is stopped before it began leaves its prompt in the conversation
  bool waits = false;        // the answer comes when the run has ended
};

}  // namespace tutti::orchestrator
