// Which models there are, what they are called, how much they take and what they cost.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/status.hpp"
#include "usage.h"

namespace tutti {
class JsonView;
}

namespace tutti::anthropic {

// Millionths of a millionth of a dollar: one token costs a whole number of them, and sums stay exact.
using PicoDollars = std::int64_t;

// Per token.
struct Prices {
  PicoDollars input = 0;
  PicoDollars output = 0;
  PicoDollars cache_write_5m = 0;
  PicoDollars cache_write_1h = 0;
  PicoDollars cache_read = 0;
};

struct ModelFamily {
  std::string id;  // dated ids ("<id>-20250929") belong to it
  std::int64_t context_tokens = 0;
  std::int64_t max_output_tokens = 0;
  Prices prices;
  // Prices of a request whose whole prompt is longer than this.
  std::int64_t long_prompt_tokens = 0;
  std::optional<Prices> long_prompt_prices = std::nullopt;
};

// Immutable after Configure; then any thread.
class ModelTable {
 public:
  // The families and aliases known to this version.
  ModelTable();

  // `families`: array of {"id","context_tokens","max_output_tokens","input","output","cache_write_5m","cache_write_1h",
  // "cache_read","long_prompt":{"above_tokens","input","output",...}}, prices in USD per million tokens, added to the
  // table or replacing an id; a missing cache price follows from `input` (1.25, 2 and 0.1 times). `aliases`: object.
  Status Configure(const JsonView& families, const JsonView& aliases);

  // The id behind an alias (compared without case); any other name unchanged.
  [[nodiscard]] std::string Resolve(std::string_view name) const;

  // The family of an id, the longest one that fits; nullptr when unknown.
  [[nodiscard]] const ModelFamily* Find(std::string_view id) const;

  // Absent when the model's price is unknown.
  [[nodiscard]] std::optional<PicoDollars> Cost(std::string_view id, const Usage& usage) const;

  // The list of tutti/abi/model.h.
  [[nodiscard]] std::string ToJson(std::string_view default_model) const;

 private:
  std::vector<ModelFamily> families_;
  std::map<std::string, std::string, std::less<>> aliases_;
};

// Dollars as a JSON number, exact.
std::string FormatDollars(PicoDollars amount);

}  // namespace tutti::anthropic
