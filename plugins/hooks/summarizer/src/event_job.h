// From what a hook observes to the Job that comes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "job.h"
#include "tutti/sdk/json.hpp"
#include "wording.h"

namespace tutti::summarizer {

// One entry of on_events.
struct Observed {
  std::string_view point, agent, stream;
  std::int64_t time_us = 0;

  // The orchestrator's own runs have its id as their agent and as their stream.
  [[nodiscard]] bool is_orchestrator() const { return agent == stream; }
};

// Nothing for a point that leaves no row: of the orchestrator only its blocks do.
std::optional<Job> JobOf(const Observed& seen, JsonView payload, const Bounds& bounds);

// A row of prompts {"id","prompt_text"}, of the agent `seen`.
Job PromptJob(const Observed& seen, JsonView row, const Bounds& bounds);

// A row of orchestrator_chat {"id","message"} that the user wrote.
Job UserLineJob(const Observed& seen, JsonView row, const Bounds& bounds);

}  // namespace tutti::summarizer
