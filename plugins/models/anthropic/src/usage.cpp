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
  JsonObject usage;
  usage("input_tokens", input_tokens)("output_tokens", output_tokens);
  usage("cache_read_input_tokens", cache_read_input_tokens);
  usage("cache_creation_input_tokens", cache_creation_input_tokens);
  if (cache_write_5m_tokens != 0 || cache_write_1h_tokens != 0) {
    const std::string split = JsonObject()("ephemeral_5m_input_tokens", cache_write_5m_tokens)(
                                  "ephemeral_1h_input_tokens", cache_write_1h_tokens)
                                  .Take();
    usage.Raw("cache_creation", split);
  }
  if (web_search_requests != 0) {
    usage.Raw("server_tool_use", JsonObject()("web_search_requests", web_search_requests).Take());
  }
  return usage.Take();
}

}  // namespace tutti::anthropic
