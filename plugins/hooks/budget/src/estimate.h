// What a model call will take, before it is made, and what it took, after.
#pragma once

#include "amounts.h"
#include "tutti/sdk/json.hpp"

namespace tutti::budget {

struct EstimateSettings {
  std::int64_t output_tokens = 4096;  // when the request states no max_tokens
  std::int64_t unknown_cost = 0;      // picodollars of a call whose cost nobody knows
};

// `call` is the payload of model.before. The whole prompt counts as input that is not cached, the whole of max_tokens
// as output: what is reserved is mostly more than what is then spent.
Amounts Estimate(JsonView call, const EstimateSettings& settings);

// `call` is the payload of model.after, with what the gates made of its cost.
Amounts Taken(JsonView call, const EstimateSettings& settings);

}  // namespace tutti::budget
