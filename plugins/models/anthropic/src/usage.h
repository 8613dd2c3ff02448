// Token counts of one message, as the Messages API reports them.
#pragma once

#include <cstdint>
#include <string>

namespace tutti {
class JsonView;
}

namespace tutti::anthropic {

struct Usage {
  std::int64_t input_tokens = 0;  // the uncached rest of the prompt
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_input_tokens = 0;
  std::int64_t cache_creation_input_tokens = 0;
  std::int64_t cache_write_5m_tokens = 0;  // the split of cache_creation_input_tokens by lifetime; 0 and 0: not given
  std::int64_t cache_write_1h_tokens = 0;
  std::int64_t web_search_requests = 0;

  // Counts are cumulative: what `usage` has replaces what was known, what it lacks stays. Counts outside
  // [0, 10^9] are brought into it.
  void Update(const JsonView& usage);

  // The usage of tutti/abi/model.h.
  [[nodiscard]] std::string ToJson() const;
};

}  // namespace tutti::anthropic
