#include "usage.h"

#include <algorithm>

namespace tutti::cost {
namespace {

constexpr std::int64_t kMaxCount = 1'000'000'000;
constexpr std::int64_t kMaxSearches = 1'000'000;

std::int64_t Count(JsonView value) {
  return std::clamp<std::int64_t>(value.AsInt(), 0, kMaxCount);
}

}  // namespace

Usage Usage::Read(JsonView usage) {
  Usage read;
  read.input = Count(usage["input_tokens"]);
  read.output = Count(usage["output_tokens"]);
  read.cache_read = Count(usage["cache_read_input_tokens"]);
  read.cache_write_5m = Count(usage["cache_creation"]["ephemeral_5m_input_tokens"]);
  read.cache_write_1h = Count(usage["cache_creation"]["ephemeral_1h_input_tokens"]);
  const std::int64_t written = Count(usage["cache_creation_input_tokens"]);
  read.cache_write_5m = std::max(read.cache_write_5m, written - read.cache_write_1h);
  read.web_searches = std::min(Count(usage["server_tool_use"]["web_search_requests"]), kMaxSearches);
  return read;
}

}  // namespace tutti::cost
