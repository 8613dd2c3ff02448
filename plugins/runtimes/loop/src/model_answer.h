// ModelAnswer: one message of the model, taken apart for the loop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::loop {

struct ToolCall {
  std::string id;
  std::string name;
  std::string input;  // JSON
};

struct Usage {
  // Absent members count as 0.
  static Usage Read(JsonView usage);

  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_input_tokens = 0;
  std::int64_t cache_creation_input_tokens = 0;

  Usage& operator+=(const Usage& other);
  [[nodiscard]] std::string ToJson() const;
};

struct ModelAnswer {
  // `body` is the result of a completion (tutti/abi/model.h). NUL in its texts becomes U+FFFD, empty texts go.
  static Result<ModelAnswer> Parse(std::string_view body);

  // One that was stored as a message: {"role","content"}. Without what it cost.
  static Result<ModelAnswer> OfMessage(std::string_view message, std::string_view stop_reason);

  std::string stop_reason;
  std::string content;              // JSON array of the blocks, each unchanged
  std::vector<std::string> blocks;  // hook entries {"point","payload"}, in the order of the blocks
  std::vector<ToolCall> calls;
  std::string text;  // the text blocks, joined
  Usage usage;
  std::optional<double> cost_usd;
};

}  // namespace tutti::loop
