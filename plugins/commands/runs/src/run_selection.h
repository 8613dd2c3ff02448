// RunSelection: which runs somebody means.
#pragma once

#include <string>
#include <string_view>

#include "accepted_run.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::runs {

struct RunSelection {
  // Of the arguments of runs.interrupt. INVALID_ARGUMENT unless exactly one of run, agent, tree and all is given.
  static Result<RunSelection> Read(JsonView args);

  static RunSelection OfRun(std::string_view run) { return {std::string(run), {}, {}}; }

  [[nodiscard]] bool Holds(const AcceptedRun& candidate) const;

  // The same as a filter of runs.runs, of those that have not ended.
  [[nodiscard]] std::string Filter() const;

  // All empty: every run.
  std::string run;
  std::string agent;
  std::string tree;  // an agent: its runs and those of all agents below it
};

}  // namespace tutti::runs
