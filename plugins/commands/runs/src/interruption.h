// Interruption: ends runs because somebody wants that, and says so when they have ended: here, and on other hosts of
// the same database.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "run_queue.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::runs {

// Threads: any.
class Interruption {
 public:
  Interruption(const Host& host, RunQueue& queue) : host_(host), queue_(queue) {}

  // runs.interrupt: {"interrupted": n} when everything has stopped.
  Task<Result<std::string>> Interrupt(tutti_call call, JsonView args) const;

 private:
  Task<Result<std::string>> StopTool(std::string run, std::string tool_use_id) const;
  // Marks the rows, so that nothing of it is resumed. Their ids.
  Task<Result<std::vector<std::string>>> Mark(RunSelection selection) const;
  Task<std::vector<std::string>> StopHere(RunSelection selection) const;
  // Waits until none of them is unfinished, also those that other hosts hold.
  Task<Status> AwaitEnd(tutti_call call, std::vector<std::string> runs) const;

  const Host& host_;
  RunQueue& queue_;
};

}  // namespace tutti::runs
