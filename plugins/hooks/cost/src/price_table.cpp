#include "price_table.h"

#include <algorithm>
#include <cmath>

namespace tutti::cost {
namespace {

constexpr double kPicoDollarsPerTokenOfMillion = 1e6;
constexpr double kMaxPrice = 1000;  // USD per million tokens; keeps a sum of 10^9 tokens of each kind inside 64 bits
constexpr double kMaxSearchPrice = 1;
constexpr double kSearchPrice = 0.01;

PicoDollars PerToken(double dollars_per_million) {
  return std::llround(dollars_per_million * kPicoDollarsPerTokenOfMillion);
}

Prices ReadPrices(JsonView json, double search_price) {
  const double input = json["input"].AsDouble();
  return {PerToken(input),
          PerToken(json["output"].AsDouble()),
          PerToken(json["cache_write_5m"].AsDouble(1.25 * input)),
          PerToken(json["cache_write_1h"].AsDouble(2 * input)),
          PerToken(json["cache_read"].AsDouble(0.1 * input)),
          std::llround(search_price * static_cast<double>(kPicoDollarsPerDollar))};
}

Status CheckPrice(JsonView price, std::string_view name, double highest, const std::string& id) {
  if (price.is_number() && price.AsDouble() >= 0 && price.AsDouble() <= highest) {
    return {};
  }
  return Status::InvalidArgument("expected `" + std::string(name) + "` of the prices for " + id +
                                 " to be a number of USD from 0 to " + std::to_string(static_cast<int>(highest)) +
                                 ", found " + price.Dump());
}

Status CheckPrices(JsonView json, const std::string& id) {
  for (const char* name : {"input", "output", "cache_write_5m", "cache_write_1h", "cache_read"}) {
    const bool is_required = name == std::string_view("input") || name == std::string_view("output");
    if (!json[name] && !is_required) {
      continue;
    }
    if (Status status = CheckPrice(json[name], name, kMaxPrice, id); !status.ok()) {
      return status;
    }
  }
  return json["web_search"] ? CheckPrice(json["web_search"], "web_search", kMaxSearchPrice, id) : Status();
}

void WritePrices(JsonObject& object, const Prices& prices) {
  const auto per_million = [](PicoDollars price) { return static_cast<double>(price) / kPicoDollarsPerTokenOfMillion; };
  object("input", per_million(prices.input))("output", per_million(prices.output));
  object("cache_write_5m", per_million(prices.cache_write_5m))("cache_write_1h", per_million(prices.cache_write_1h));
  object("cache_read", per_million(prices.cache_read));
}

}  // namespace

PicoDollars Prices::Of(const Usage& usage) const {
  return usage.input * input + usage.output * output + usage.cache_write_5m * cache_write_5m +
         usage.cache_write_1h * cache_write_1h + usage.cache_read * cache_read + usage.web_searches * web_search;
}

Status PriceTable::Add(JsonView entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const JsonView json = entries[i];
    ModelPrices model{std::string(json["id"].AsString()), {}, 0, std::nullopt};
    if (model.id.empty()) {
      return Status::InvalidArgument("expected each entry of the prices to have an `id`, found " + json.Dump());
    }
    if (Status status = CheckPrices(json, model.id); !status.ok()) {
      return status;
    }
    const double search_price = json["web_search"].AsDouble(kSearchPrice);
    model.prices = ReadPrices(json, search_price);
    if (const JsonView tier = json["long_prompt"]) {
      if (Status status = CheckPrices(tier, model.id); !status.ok()) {
        return status;
      }
      model.long_prompt_tokens = tier["above_tokens"].AsInt();
      model.long_prompt_prices = ReadPrices(tier, search_price);
    }
    std::erase_if(models_, [&](const ModelPrices& known) { return known.id == model.id; });
    const auto after =
        std::find_if(models_.begin(), models_.end(), [&](const ModelPrices& known) { return known.id > model.id; });
    models_.insert(after, std::move(model));
  }
  return {};
}

const ModelPrices* PriceTable::Find(std::string_view model) const {
  const ModelPrices* best = nullptr;
  for (const ModelPrices& known : models_) {
    const bool fits = model == known.id || (model.starts_with(known.id) && model[known.id.size()] == '-');
    if (fits && (best == nullptr || known.id.size() > best->id.size())) {
      best = &known;
    }
  }
  return best;
}

std::optional<PicoDollars> PriceTable::Cost(std::string_view model, const Usage& usage) const {
  const ModelPrices* found = Find(model);
  if (found == nullptr) {
    return std::nullopt;
  }
  const bool is_long = found->long_prompt_prices && usage.prompt() > found->long_prompt_tokens;
  return (is_long ? *found->long_prompt_prices : found->prices).Of(usage);
}

std::optional<std::string> PriceTable::PricesOf(std::string_view model, std::int64_t prompt_tokens) const {
  const ModelPrices* found = Find(model);
  if (found == nullptr) {
    return std::nullopt;
  }
  const bool is_long = found->long_prompt_prices && prompt_tokens > found->long_prompt_tokens;
  const Prices& prices = is_long ? *found->long_prompt_prices : found->prices;
  const auto per_million = [](PicoDollars price) { return static_cast<double>(price) / kPicoDollarsPerTokenOfMillion; };
  return JsonObject()("input", per_million(prices.input))("output", per_million(prices.output))(
             "cache_write", per_million(prices.cache_write_5m))("cache_read", per_million(prices.cache_read))
      .Take();
}

std::string PriceTable::ToJson() const {
  JsonWriter models;
  models.BeginArray();
  for (const ModelPrices& model : models_) {
    JsonObject object;
    object("id", model.id);
    WritePrices(object, model.prices);
    object("web_search", static_cast<double>(model.prices.web_search) / static_cast<double>(kPicoDollarsPerDollar));
    if (model.long_prompt_prices) {
      JsonObject tier;
      tier("above_tokens", model.long_prompt_tokens);
      WritePrices(tier, *model.long_prompt_prices);
      object.Raw("long_prompt", tier.Take());
    }
    models.Raw(object.Take());
  }
  return models.EndArray().Take();
}

}  // namespace tutti::cost
