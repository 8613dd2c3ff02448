// What a step of a run adds to its batch: the fence first, then the rows.
//
// Plain functions without threads, but for the reserve of LiveRun.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "live_run.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::runs {

struct StepPoint {
  std::string_view name;  // Message, PreToolUse, PostToolUse or Stop
  std::uint32_t index = 0;
  std::int64_t time_us = 0;
};

// The operations, a JSON array. They fail the batch with ABORTED when the run is not this holder's any more.
std::string StepOps(LiveRun& live, const StepPoint& point, JsonView payload);

// Operations that fail the batch with ABORTED: the run is here and may take no further step.
std::string RefusalOps(const LiveRun& live);

// Operations that fail the batch with ABORTED when there is a row of that run which has not ended: this host does not
// hold it. A run that has no row is another plugin's and passes.
std::string StrangerOps(std::string_view run);

}  // namespace tutti::runs
