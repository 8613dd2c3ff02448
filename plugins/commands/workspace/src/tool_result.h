// What a tool hands back to a model: a text, whether it reports a failure, and members beside it for programs.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::workspace {

struct ToolResult {
  std::string text;
  bool is_error = false;

  static ToolResult Text(std::string text) { return {.text = std::move(text)}; }

  static ToolResult Error(std::string text) { return {.text = std::move(text), .is_error = true}; }

  static ToolResult Error(const Status& status) { return Error(std::string(status.message())); }

  // Adds a member beside the text.
  template <typename T>
  ToolResult& Set(std::string_view name, const T& value) {
    members.append(",").append(JsonQuote(name)).append(":").append(JsonWriter().Value(value).view());
    return *this;
  }

  // {"content":[{"type":"text","text":...}],"is_error":bool, members...}; the text always leaves as valid UTF-8.
  [[nodiscard]] std::string ToJson() const {
    return R"({"content":[{"type":"text","text":)" + JsonQuote(CleanUtf8(text)) + R"(}],"is_error":)" +
           (is_error ? "true" : "false") + members + "}";
  }

  std::string members = {};  // ,"name":value for each Set
};

}  // namespace tutti::workspace
