// Pricing: what one model call cost, and by whose word.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "price_table.h"
#include "tutti/sdk/json.hpp"

namespace tutti::cost {

// Immutable after Configure; then any thread.
class Pricing {
 public:
  // `table` is what is shipped, `prices` what the operator says.
  Status Configure(JsonView table, JsonView prices);

  // `call` is the payload of model.after. USD as a JSON number; absent when nobody knows. The operator's price counts
  // first, then the cost that the model plugin states itself, then the shipped table.
  [[nodiscard]] std::optional<std::string> Cost(JsonView call) const;

  // `call` is the payload of model.before. What its tokens will cost, as PriceTable::PricesOf, by whose word as above;
  // absent when nobody knows.
  [[nodiscard]] std::optional<std::string> Expected(JsonView call) const;

  // {"prices": [...], "table": [...]}
  [[nodiscard]] std::string ToJson() const;

 private:
  PriceTable table_;
  PriceTable prices_;
};

}  // namespace tutti::cost
