// What models cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "money.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"
#include "usage.h"

namespace tutti::cost {

// Per token, and per search.
struct Prices {
  PicoDollars input = 0;
  PicoDollars output = 0;
  PicoDollars cache_write_5m = 0;
  PicoDollars cache_write_1h = 0;
  PicoDollars cache_read = 0;
  PicoDollars web_search = 0;

  [[nodiscard]] PicoDollars Of(const Usage& usage) const;
};

struct ModelPrices {
  std::string id;  // dated ids ("<id>-20250929") belong to it
  Prices prices;
  // Prices of a request whose whole prompt is longer than this.
  std::int64_t long_prompt_tokens = 0;
  std::optional<Prices> long_prompt_prices;
};

// Immutable after Add; then any thread.
class PriceTable {
 public:
  // An array of {"id","input","output","cache_write_5m","cache_write_1h","cache_read","web_search",
  // "long_prompt":{"above_tokens","input","output",...}}: USD per million tokens, and per search. Entries are added or
  // replace the one of their id. Absent prices of the cache follow from `input` (1.25, 2 and 0.1 times), a search is a
  // cent. INVALID_ARGUMENT names what is wrong.
  Status Add(JsonView entries);

  // Absent when the model is not in the table.
  [[nodiscard]] std::optional<PicoDollars> Cost(std::string_view model, const Usage& usage) const;

  // {"input","output","cache_write","cache_read"} in USD per million tokens, of a request with so many tokens; absent
  // when the model is not in the table. A write counts as one of five minutes.
  [[nodiscard]] std::optional<std::string> PricesOf(std::string_view model, std::int64_t prompt_tokens) const;

  // The entries as Add takes them, every price written out, by id.
  [[nodiscard]] std::string ToJson() const;

 private:
  // The entry of an id, the longest one that fits; nullptr when there is none.
  [[nodiscard]] const ModelPrices* Find(std::string_view model) const;

  std::vector<ModelPrices> models_;  // by id
};

}  // namespace tutti::cost
