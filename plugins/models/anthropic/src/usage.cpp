#include "usage.h"

#include <algorithm>

#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

constexpr std::int64_t kMaxCount = 1'000'000'000;

void Replace(std::int64_t& count, JsonView value) {
  if (value.is_int()) {
    count = std::clamp<std::int64_t>(value.AsInt(), 0, kMaxCount);
  }
}

}  // namespace

void Usage::Update(const JsonView& usage) {
  Replace(input_tokens, usage["input_tokens"]);
  Replace(output_tokens, usage["output_tokens"]);
  Replace(cache_read_input_tokens, usage["cache_read_input_tokens"]);
  Replace(cache_creation_input_tokens, usage["cache_creation_input_tokens"]);
  Replace(cache_write_5m_tokens, usage["cache_creation"]["ephemeral_5m_input_tokens"]);
  Replace(cache_write_1h_tokens, usage["cache_creation"]["ephemeral_1h_input_tokens"]);
  Replace(web_search_requests, usage["server_tool_use"]["web_search_requests"]);
}

std::string Usage::ToJson() const {
  return JsonObject()("input_tokens", input_tokens)("output_tokens", output_tokens)(
             "cache_read_input_tokens", cache_read_input_tokens)("cache_creation_input_tokens",
                                                                 cache_creation_input_tokens)
      .Take();
}

}  // namespace tutti::anthropic
