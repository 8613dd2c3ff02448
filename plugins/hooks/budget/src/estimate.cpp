#include "estimate.h"

#include <algorithm>
#include <cmath>

namespace tutti::budget {
namespace {

constexpr std::int64_t kMostTokens = 1'000'000'000;
constexpr double kPicoDollarsPerTokenOfMillion = 1e6;
constexpr double kHighestPrice = 1000;  // USD per million tokens

std::int64_t Tokens(JsonView value) {
  return std::clamp<std::int64_t>(value.AsInt(), 0, kMostTokens);
}

std::int64_t PicoDollars(std::int64_t tokens, JsonView price) {
  return tokens * std::llround(std::clamp(price.AsDouble(), 0.0, kHighestPrice) * kPicoDollarsPerTokenOfMillion);
}

}  // namespace

Amounts Estimate(JsonView call, const EstimateSettings& settings) {
  Amounts amounts;
  amounts[Resource::kModelCalls] = 1;
  amounts[Resource::kInputTokens] = Tokens(call["input_tokens_estimate"]);
  amounts[Resource::kOutputTokens] = call["max_tokens"].is_int() ? Tokens(call["max_tokens"]) : settings.output_tokens;
  const JsonView prices = call["prices"];
  amounts[Resource::kCost] = prices.is_object() ? PicoDollars(amounts[Resource::kInputTokens], prices["input"]) +
                                                      PicoDollars(amounts[Resource::kOutputTokens], prices["output"])
                                                : settings.unknown_cost;
  return amounts;
}

Amounts Taken(JsonView call, const EstimateSettings& settings) {
  const JsonView usage = call["usage"];
  Amounts amounts;
  amounts[Resource::kModelCalls] = 1;
  amounts[Resource::kInputTokens] = Tokens(usage["input_tokens"]);
  amounts[Resource::kOutputTokens] = Tokens(usage["output_tokens"]);
  amounts[Resource::kCacheReadTokens] = Tokens(usage["cache_read_input_tokens"]);
  amounts[Resource::kCacheWriteTokens] = Tokens(usage["cache_creation_input_tokens"]);
  const std::optional<std::int64_t> cost = FromNumber(Resource::kCost, call["cost_usd"]);
  amounts[Resource::kCost] = cost.value_or(settings.unknown_cost);
  amounts[Resource::kUnpricedCalls] = cost ? 0 : 1;
  return amounts;
}

}  // namespace tutti::budget
