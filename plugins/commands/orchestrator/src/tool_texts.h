// What the management tools say to the model.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_rows.h"
#include "run_change.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::orchestrator {

// A tool's result: {"content":[{"type":"text",...}],"is_error"}.
std::string ToolText(std::string_view text);
std::string ToolError(std::string_view text);

namespace texts {

// Why a name cannot be used; nullopt when it can.
std::optional<std::string> NameProblem(std::string_view name);

std::string Created(const Agent& agent);
// `names` are those that can be used, sorted.
std::string UnknownTemplate(std::string_view name, const std::vector<std::string>& names);
std::string NameTaken(std::string_view name);
std::string AgentNotFound(std::string_view name);
std::string AgentList(const std::vector<Agent>& agents);
std::string Dispatched(std::string_view name, std::string_view command);
std::string Interrupted(std::string_view name, std::size_t turns);
std::string NotRunning(std::string_view name);
std::string Deleted(std::string_view name);

// `logs` are rows of agent_logs, oldest first.
std::string AgentStatus(const Agent& agent, std::string_view slug, JsonView logs, bool is_verbose);

// `rows` of system_logs, newest first.
std::string SystemLogs(JsonView rows, std::int64_t limit);

// `row` of orchestrator_agents.
std::string Cost(JsonView row);

// What came of a compaction; `change` is the end of its run.
std::string Compacted(const RunChange& change);

// That a new session begins.
std::string Cleared(std::string_view session);

// That a typed command was cut off.
std::string CutOff(std::string_view command);
// Further lines, from the answers of cost.report and summaries.spending; empty when these plugins are not there.
std::string CostDetails(std::string_view report, std::string_view orchestrator);
std::string SummaryCost(std::string_view spending);

}  // namespace texts

}  // namespace tutti::orchestrator
