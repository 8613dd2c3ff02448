#include "model_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

constexpr double kPicoDollarsPerTokenOfMillion = 1e6;
constexpr PicoDollars kPicoDollarsPerDollar = 1'000'000'000'000;
constexpr PicoDollars kWebSearch = kPicoDollarsPerDollar / 100;
constexpr double kMaxPrice = 1000;  // USD per million; keeps a sum of 10^9 tokens inside 64 bits

PicoDollars PerToken(double dollars_per_million) {
  return std::llround(dollars_per_million * kPicoDollarsPerTokenOfMillion);
}

Prices Derived(double input, double output, double cache_read) {
  return {PerToken(input), PerToken(output), PerToken(1.25 * input), PerToken(2 * input), PerToken(cache_read)};
}

Prices ReadPrices(JsonView json) {
  const double input = json["input"].AsDouble();
  Prices prices = Derived(input, json["output"].AsDouble(), json["cache_read"].AsDouble(0.1 * input));
  prices.cache_write_5m = PerToken(json["cache_write_5m"].AsDouble(1.25 * input));
  prices.cache_write_1h = PerToken(json["cache_write_1h"].AsDouble(2 * input));
  return prices;
}

Status CheckPrices(JsonView json, const std::string& id) {
  for (const char* name : {"input", "output", "cache_write_5m", "cache_write_1h", "cache_read"}) {
    const JsonView price = json[name];
    const bool is_required = name == std::string_view("input") || name == std::string_view("output");
    if (!price && !is_required) {
      continue;
    }
    if (!price.is_number() || price.AsDouble() < 0 || price.AsDouble() > kMaxPrice) {
      return Status::InvalidArgument("expected `" + std::string(name) + "` of prices for " + id +
                                     " to be USD per million tokens from 0 to 1000, found " + price.Dump());
    }
  }
  return {};
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string PricesToJson(const Prices& prices) {
  const auto per_million = [](PicoDollars price) { return static_cast<double>(price) / kPicoDollarsPerTokenOfMillion; };
  return JsonObject()("input", per_million(prices.input))("output", per_million(prices.output))(
             "cache_write_5m", per_million(prices.cache_write_5m))(
             "cache_write_1h", per_million(prices.cache_write_1h))("cache_read", per_million(prices.cache_read))
      .Take();
}

}  // namespace

ModelTable::ModelTable()
    : families_{
          {"claude-opus-5-5", 1'000'000, 128'000, Derived(4, 20, 0.2), 0, {}},
          {"claude-fable-5-2", 1'000'000, 128'000, Derived(8, 40, 0.2), 0, {}},
          {"claude-sonnet-5-5", 1'000'000, 128'000, Derived(2, 10, 0.1), 0, {}},
          {"claude-haiku-5-5", 1'000'000, 128'000, Derived(0.1, 0.5, 0.01), 100'000, Derived(0.5, 2.5, 0.05)},
          {"claude-opus-4-8", 1'000'000, 64'000, Derived(5, 25, 0.5), 0, {}},
          {"claude-opus-4-5", 200'000, 32'000, Derived(5, 25, 0.5), 0, {}},
          {"claude-sonnet-4-5", 200'000, 32'000, Derived(3, 15, 0.3), 0, {}},
          {"claude-haiku-4-5", 200'000, 32'000, Derived(1, 5, 0.1), 0, {}},
      },
      aliases_{{"sonnet", "claude-sonnet-4-5-20250929"},
               {"haiku", "claude-haiku-4-5-20251001"},
               {"fast", "claude-haiku-4-5-20251001"},
               {"opus", "claude-opus-4-5"}} {}

Status ModelTable::Configure(const JsonView& families, const JsonView& aliases) {
  for (std::size_t i = 0; i < families.size(); ++i) {
    const JsonView json = families[i];
    ModelFamily family{std::string(json["id"].AsString()),
                       json["context_tokens"].AsInt(200'000),
                       json["max_output_tokens"].AsInt(8192),
                       {},
                       0,
                       {}};
    if (family.id.empty() || family.max_output_tokens <= 0) {
      return Status::InvalidArgument(
          "expected each entry of `prices` to have an `id` and, when given, a positive "
          "`max_output_tokens`, found " +
          json.Dump());
    }
    if (Status status = CheckPrices(json, family.id); !status.ok()) {
      return status;
    }
    family.prices = ReadPrices(json);
    if (const JsonView tier = json["long_prompt"]) {
      if (Status status = CheckPrices(tier, family.id); !status.ok()) {
        return status;
      }
      family.long_prompt_tokens = tier["above_tokens"].AsInt();
      family.long_prompt_prices = ReadPrices(tier);
    }
    std::erase_if(families_, [&](const ModelFamily& known) { return known.id == family.id; });
    families_.push_back(std::move(family));
  }
  aliases.ForEachMember(
      [&](std::string_view name, JsonView id) { aliases_[Lower(name)] = std::string(id.AsString()); });
  return {};
}

std::string ModelTable::Resolve(std::string_view name) const {
  const auto found = aliases_.find(Lower(name));
  return found == aliases_.end() ? std::string(name) : found->second;
}

const ModelFamily* ModelTable::Find(std::string_view id) const {
  const ModelFamily* best = nullptr;
  for (const auto& family : families_) {
    const bool fits = id == family.id || (id.starts_with(family.id) && id[family.id.size()] == '-');
    if (fits && (best == nullptr || family.id.size() > best->id.size())) {
      best = &family;
    }
  }
  return best;
}

std::optional<PicoDollars> ModelTable::Cost(std::string_view id, const Usage& usage) const {
  const ModelFamily* family = Find(id);
  if (family == nullptr) {
    return {};
  }
  const std::int64_t prompt = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
  const bool is_long = family->long_prompt_prices && prompt > family->long_prompt_tokens;
  const Prices& prices = is_long ? *family->long_prompt_prices : family->prices;
  std::int64_t write_5m = usage.cache_write_5m_tokens;
  const std::int64_t write_1h = usage.cache_write_1h_tokens;
  if (write_5m == 0 && write_1h == 0) {
    write_5m = usage.cache_creation_input_tokens;
  }
  return usage.input_tokens * prices.input + usage.output_tokens * prices.output + write_5m * prices.cache_write_5m +
         write_1h * prices.cache_write_1h + usage.cache_read_input_tokens * prices.cache_read +
         std::min<std::int64_t>(usage.web_search_requests, 1'000'000) * kWebSearch;
}

std::string ModelTable::ToJson(std::string_view default_model) const {
  JsonWriter models;
  models.BeginArray();
  for (const auto& family : families_) {
    std::string id = family.id;
    std::vector<std::string> names;
    for (const auto& [alias, target] : aliases_) {
      if (Find(target) == &family) {
        names.push_back(alias);
        id = target;
      }
    }
    if (id != family.id) {
      names.push_back(family.id);
    }
    JsonWriter aliases;
    aliases.BeginArray();
    for (const auto& name : names) {
      aliases.Value(name);
    }
    aliases.EndArray();
    models.Raw(JsonObject()("id", id)
                   .Raw("aliases", aliases.view())("context_tokens", family.context_tokens)("max_output_tokens",
                                                                                            family.max_output_tokens)
                   .Raw("prices", PricesToJson(family.prices))
                   .Take());
  }
  models.EndArray();
  return JsonObject()("default", default_model).Raw("models", models.view()).Take();
}

std::string FormatDollars(PicoDollars amount) {
  char text[48];
  std::snprintf(text, sizeof text, "%lld.%012lld", static_cast<long long>(amount / kPicoDollarsPerDollar),
                static_cast<long long>(amount % kPicoDollarsPerDollar));
  std::string number = text;
  number.erase(number.find_last_not_of('0') + 1);
  if (number.ends_with('.')) {
    number += '0';
  }
  return number;
}

}  // namespace tutti::anthropic
