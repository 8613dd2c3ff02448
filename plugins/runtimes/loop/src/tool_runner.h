// ToolRunner: carries out the tool calls of one message.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model_answer.h"
#include "run_request.h"
#include "services.h"
#include "tool_catalog.h"
#include "tutti/sdk/task.hpp"

namespace tutti::loop {

struct ToolLimits {
  std::size_t parallel = 4;
  std::size_t max_result_bytes = 400000;
};

// Must outlive the Task that Run returns, as must what it was made of.
class ToolRunner {
 public:
  ToolRunner(Services& services, const ToolCatalog& catalog, ToolLimits limits)
      : services_(services), catalog_(catalog), limits_(limits) {}

  // One tool_result block per call, in the order of the calls. Neighbours that only read run side by side. Once the run
  // is cancelled nothing more is started, and what did not run is answered as interrupted. Calls in `stored` are not
  // made again: they are answered by what is known of them.
  Task<std::vector<std::string>> Run(const std::vector<ToolCall>& calls, const StoredCalls& stored);

 private:
  class Group;

  [[nodiscard]] std::size_t GroupEnd(const std::vector<ToolCall>& calls, std::size_t begin,
                                     const StoredCalls& stored) const;

  Services& services_;
  const ToolCatalog& catalog_;
  ToolLimits limits_;
};

}  // namespace tutti::loop
