// What is counted, and how much of it. All whole numbers, so that sums are exact.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"

namespace tutti::budget {

enum class Resource : std::uint8_t {
  kCost,  // millionths of a millionth of a US dollar
  kInputTokens,
  kOutputTokens,
  kCacheReadTokens,
  kCacheWriteTokens,
  kModelCalls,
  kToolCalls,
  kWallTime,  // milliseconds
  kAgents,
  kUnpricedCalls,     // counted, never limited
  kConcurrentAgents,  // this and the next are looked at, never added up
  kDepth,
};

inline constexpr std::size_t kResources = 12;
inline constexpr std::size_t kStoredResources = 10;
inline constexpr std::int64_t kPicoDollarsPerDollar = 1'000'000'000'000;

// Index into Amounts.
constexpr std::size_t At(Resource resource) {
  return static_cast<std::size_t>(resource);
}

// As a member of a limit and of answers: cost_usd, input_tokens ...
std::string_view NameOf(Resource resource);
std::optional<Resource> FindResource(std::string_view name);

// As a column of budget.spent; only of stored ones.
std::string_view ColumnOf(Resource resource);

// "0.45 USD", "5000 tool calls", "24 h".
std::string InWords(Resource resource, std::int64_t amount);

// A JSON number in the unit of the name: dollars for cost_usd.
std::string ToNumber(Resource resource, std::int64_t amount);

// The other way; absent when the number is negative or too large to be counted.
std::optional<std::int64_t> FromNumber(Resource resource, JsonView number);

struct Amounts {
  std::array<std::int64_t, kResources> values{};

  std::int64_t& operator[](Resource resource) { return values[At(resource)]; }

  std::int64_t operator[](Resource resource) const { return values[At(resource)]; }

  Amounts& operator+=(const Amounts& other);

  [[nodiscard]] bool empty() const;

  // Members for what is not 0, or for all that is stored.
  [[nodiscard]] std::string ToJson(bool with_zeros) const;

  bool operator==(const Amounts&) const = default;
};

}  // namespace tutti::budget
