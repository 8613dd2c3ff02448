// What runs.start is asked for.
#pragma once

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
    return request.Raw("tools", names.EndArray().Take()).Take();
  }

  std::string_view conversation, agent, stream;
  std::string labels;  // JSON object
  std::string_view model;
  std::string system;
  std::vector<std::string> tools;
  std::int64_t max_turns = 1;
  std::string_view prompt;
};

}  // namespace tutti::orchestrator
