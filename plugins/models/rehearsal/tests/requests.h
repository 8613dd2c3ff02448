// Builds completion requests for tests, step by step as an agent loop would.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::rehearsal {

class Conversation {
 public:
  explicit Conversation(std::vector<std::string> tools, std::string system = {})
      : tools_(std::move(tools)), system_(std::move(system)) {}

  Conversation& Ask(std::string_view text) { return Add("user", JsonObject()("type", "text")("text", text).Take()); }

  Conversation& Say(std::string_view text) {
    return Add("assistant", JsonObject()("type", "text")("text", text).Take());
  }

  Conversation& Call(std::string_view id, std::string_view tool) {
    return Add("assistant", JsonObject()("type", "tool_use")("id", id)("name", tool).Raw("input", "{}").Take());
  }

  Conversation& Answer(std::string_view id, std::string_view text, bool is_error = false) {
    const std::string block = JsonObject()("type", "text")("text", text).Take();
    return Add("user", JsonObject()("type", "tool_result")("tool_use_id", id)
                           .Raw("content", "[" + block + "]")("is_error", is_error)
                           .Take());
  }

  [[nodiscard]] std::string Request() const {
    JsonWriter tools;
    tools.BeginArray();
    for (const auto& name : tools_) {
      tools.Raw(JsonObject()("name", name)("description", "").Raw("input_schema", "{}").Take());
    }
    tools.EndArray();
    return JsonObject()("model", "")("system", system_)
        .Raw("messages", "[" + messages_ + "]")
        .Raw("tools", tools.view())
        .Take();
  }

 private:
  Conversation& Add(std::string_view role, const std::string& block) {
    messages_ += (messages_.empty() ? "" : ",") + JsonObject()("role", role).Raw("content", "[" + block + "]").Take();
    return *this;
  }

  std::vector<std::string> tools_;
  std::string system_;
  std::string messages_;
};

}  // namespace tutti::rehearsal
