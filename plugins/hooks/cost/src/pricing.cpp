#include "pricing.h"

namespace tutti::cost {
namespace {

// By the model that answered, or else by the one that was asked: a service may call its models by names of its own.
std::optional<PicoDollars> Look(const PriceTable& table, JsonView call, const Usage& usage) {
  const std::optional<PicoDollars> cost = table.Cost(call["model"].AsString(), usage);
  return cost ? cost : table.Cost(call["requested_model"].AsString(), usage);
}

}  // namespace

Status Pricing::Configure(JsonView table, JsonView prices) {
  const Status status = table_.Add(table);
  return status.ok() ? prices_.Add(prices) : status;
}

std::optional<std::string> Pricing::Cost(JsonView call) const {
  const Usage usage = Usage::Read(call["usage"]);
  if (const auto cost = Look(prices_, call, usage)) {
    return FormatDollars(*cost);
  }
  if (call["cost_usd"].is_number()) {
    return call["cost_usd"].Dump();
  }
  if (const auto cost = Look(table_, call, usage)) {
    return FormatDollars(*cost);
  }
  return std::nullopt;
}

std::optional<std::string> Pricing::Expected(JsonView call) const {
  const std::string_view model = call["model"].AsString();
  const std::int64_t tokens = call["input_tokens_estimate"].AsInt();
  if (auto prices = prices_.PricesOf(model, tokens)) {
    return prices;
  }
  if (call["prices"].is_object()) {
    return call["prices"].Dump();
  }
  return table_.PricesOf(model, tokens);
}

std::string Pricing::ToJson() const {
  return JsonObject().Raw("prices", prices_.ToJson()).Raw("table", table_.ToJson()).Take();
}

}  // namespace tutti::cost
