// Token counts of one completion, as tutti/abi/model.h reports them.
#pragma once

#include <cstdint>

#include "tutti/sdk/json.hpp"

namespace tutti::cost {

struct Usage {
  // Counts outside [0, 10^9] are brought into it; what is missing is 0.
  static Usage Read(JsonView usage);

  // Everything the model read, cached or not.
  [[nodiscard]] std::int64_t prompt() const { return input + cache_write_5m + cache_write_1h + cache_read; }

  std::int64_t input = 0;  // the uncached rest of the prompt
  std::int64_t output = 0;
  std::int64_t cache_read = 0;
  std::int64_t cache_write_5m = 0;  // also writes whose lifetime is not told
  std::int64_t cache_write_1h = 0;
  std::int64_t web_searches = 0;
};

}  // namespace tutti::cost
