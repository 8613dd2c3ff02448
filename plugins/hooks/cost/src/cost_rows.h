// What a session cost, out of the rows of its runs.
#pragma once

#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::cost {

// One row per agent and model of the session: {"agent","model","runs","input_tokens","output_tokens",
// "cache_read_tokens","cache_write_tokens","cost_usd","unpriced_calls"}, in one query.
Op SumRuns(std::string_view session);

// {"session","runs":[...],"total":{the same sums}}. `rows` as of SumRuns.
std::string Report(std::string_view session, std::string_view rows);

}  // namespace tutti::cost
