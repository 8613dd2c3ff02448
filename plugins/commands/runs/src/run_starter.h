// RunStarter: one run from its start to its end.
#pragma once

#include <cstddef>
#include <string>

#include "run_queue.h"
#include "run_rows.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::runs {

// Threads: any; one object serves all runs. Rows of a run are written outside of its call, so that a cancelled run can
// still be closed.
class RunStarter {
 public:
  RunStarter(const Host& host, RunQueue& queue, std::size_t max_messages)
      : host_(host), queue_(queue), max_messages_(max_messages) {}

  // Ends when the run has ended, with the runtime's result or its failure.
  Task<Result<std::string>> Start(Call call, JsonView args) const;

 private:
  // The rest of the runtime's request; on the way the row becomes `running` and old tool calls are answered.
  Task<Result<std::string>> Prepare(const StartArguments& arguments, JsonView args, bool has_row) const;
  Task<Result<std::string>> RunToEnd(Call call, std::string run, std::string request) const;
  Task<void> Close(const StartArguments& arguments, const Result<std::string>& result) const;
  Task<Result<std::string>> Store(std::string batch) const;

  const Host& host_;
  RunQueue& queue_;
  const std::size_t max_messages_;
};

}  // namespace tutti::runs
