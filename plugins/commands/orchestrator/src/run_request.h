// What runs.start is asked for.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {

struct RunRequest {
  [[nodiscard]] std::string ToJson() const {
    JsonWriter names;
    names.BeginArray();
    for (const std::string& tool : tools) {
      names.Value(tool);
    }
    JsonObject request;
    request("run", NewUuid())("conversation", conversation)("agent", agent)("stream", stream).Raw("labels", labels);
    request("model", model)("system", system)("max_turns", max_turns)("prompt", prompt)("busy", "queue");
    if (compact_instructions) {
      request.Raw("compact", JsonObject()("trigger", "manual")("instructions", *compact_instructions).Take());
    }
    return request.Raw("tools", names.EndArray().Take()).Take();
  }

  // Those that are not there yet.
  void AddTools(const std::vector<std::string>& more) {
    for (const std::string& tool : more) {
      if (std::find(tools.begin(), tools.end(), tool) == tools.end()) {
        tools.push_back(tool);
      }
    }
  }

  std::string conversation, agent, stream;
  std::string labels;  // JSON object
  std::string model;
  std::string system;
  std::vector<std::string> tools;
  std::int64_t max_turns = 1;
  std::string prompt;
  std::optional<std::string> compact_instructions;  // the run only compacts
};

}  // namespace tutti::orchestrator
