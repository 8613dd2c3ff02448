#include "amounts.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace tutti::budget {
namespace {

struct Words {
  Resource resource;
  std::string_view name;
  std::string_view column;
  std::string_view unit;
};

constexpr std::array<Words, kResources> kWords = {{
    {Resource::kCost, "cost_usd", "cost_picodollars", "USD"},
    {Resource::kInputTokens, "input_tokens", "input_tokens", "input tokens"},
    {Resource::kOutputTokens, "output_tokens", "output_tokens", "output tokens"},
    {Resource::kCacheReadTokens, "cache_read_tokens", "cache_read_tokens", "tokens read from the cache"},
    {Resource::kCacheWriteTokens, "cache_write_tokens", "cache_write_tokens", "tokens written to the cache"},
    {Resource::kModelCalls, "model_calls", "model_calls", "model calls"},
    {Resource::kToolCalls, "tool_calls", "tool_calls", "tool calls"},
    {Resource::kWallTime, "wall_time_ms", "wall_time_ms", "of work"},
    {Resource::kAgents, "agents", "agents", "created agents"},
    {Resource::kUnpricedCalls, "unpriced_calls", "unpriced_calls", "calls of unknown cost"},
    {Resource::kConcurrentAgents, "concurrent_agents", "", "agents at work at once"},
    {Resource::kDepth, "depth", "", "levels of agents"},
}};

std::string Duration(std::int64_t ms) {
  char text[48];
  if (ms >= 7'200'000) {
    std::snprintf(text, sizeof text, "%.1f h", static_cast<double>(ms) / 3'600'000);
  } else if (ms >= 120'000) {
    std::snprintf(text, sizeof text, "%.1f min", static_cast<double>(ms) / 60'000);
  } else {
    std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(ms) / 1000);
  }
  return text;
}

}  // namespace

std::string_view NameOf(Resource resource) {
  return kWords[At(resource)].name;
}

std::optional<Resource> FindResource(std::string_view name) {
  for (const Words& words : kWords) {
    if (words.name == name) {
      return words.resource;
    }
  }
  return std::nullopt;
}

std::string_view ColumnOf(Resource resource) {
  return kWords[At(resource)].column;
}

std::string InWords(Resource resource, std::int64_t amount) {
  if (resource == Resource::kCost) {
    char text[48];
    const double usd = static_cast<double>(amount) / static_cast<double>(kPicoDollarsPerDollar);
    std::snprintf(text, sizeof text, usd != 0 && usd < 0.01 ? "%.6f USD" : "%.2f USD", usd);
    return text;
  }
  if (resource == Resource::kWallTime) {
    return Duration(amount) + " of work";
  }
  return std::to_string(amount) + " " + std::string(kWords[At(resource)].unit);
}

std::string ToNumber(Resource resource, std::int64_t amount) {
  if (resource != Resource::kCost) {
    return std::to_string(amount);
  }
  const bool is_negative = amount < 0;
  const std::int64_t size = is_negative ? -amount : amount;
  char text[64];
  std::snprintf(text, sizeof text, "%s%lld.%012lld", is_negative ? "-" : "",
                static_cast<long long>(size / kPicoDollarsPerDollar),
                static_cast<long long>(size % kPicoDollarsPerDollar));
  std::string number = text;
  number.erase(number.find_last_not_of('0') + 1);
  return number.ends_with('.') ? number + '0' : number;
}

std::optional<std::int64_t> FromNumber(Resource resource, JsonView number) {
  constexpr double kMost = 1e18;
  if (!number.is_number()) {
    return std::nullopt;
  }
  const double scaled =
      number.AsDouble() * (resource == Resource::kCost ? static_cast<double>(kPicoDollarsPerDollar) : 1.0);
  if (!(scaled >= 0) || scaled > kMost) {
    return std::nullopt;
  }
  return std::llround(scaled);
}

Amounts& Amounts::operator+=(const Amounts& other) {
  for (std::size_t i = 0; i < kResources; ++i) {
    // Saturates: a limit that is passed stays passed.
    if (__builtin_add_overflow(values[i], other.values[i], &values[i])) {
      values[i] = std::numeric_limits<std::int64_t>::max();
    }
  }
  return *this;
}

bool Amounts::empty() const {
  return std::all_of(values.begin(), values.end(), [](std::int64_t value) { return value == 0; });
}

std::string Amounts::ToJson(bool with_zeros) const {
  JsonObject object;
  for (std::size_t i = 0; i < kStoredResources; ++i) {
    if (with_zeros || values[i] != 0) {
      const auto resource = static_cast<Resource>(i);
      object.Raw(NameOf(resource), ToNumber(resource, values[i]));
    }
  }
  return object.Take();
}

}  // namespace tutti::budget
