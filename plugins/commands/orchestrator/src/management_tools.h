// ManagementTools: what the orchestrator's model can do with agents.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent_turns.h"
#include "context.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// Each function answers with a tool result; mistakes of the model are texts with is_error, faults of the system are a
// Status. `args` must outlive the Task. Threads: any.
class ManagementTools {
 public:
  using Answer = Task<Result<std::string>>;

  ManagementTools(const Context& context, AgentTurns& turns) : context_(context), turns_(turns) {}

  // `name` is one of kTools.
  Answer Invoke(std::string_view name, Call call, JsonView args);

 private:
  Answer CreateAgent(Call call, JsonView args);
  Answer ListAgents(Call call);
  Answer CommandAgent(Call call, JsonView args);
  Answer CheckAgentStatus(Call call, JsonView args);
  Answer DeleteAgent(Call call, JsonView args);
  Answer InterruptAgent(Call call, JsonView args);
  Answer ReadSystemLogs(Call call, JsonView args);
  Answer ReportCost(Call call);

  // What a command of the model comes to. A refusal is the text for it.
  Task<std::optional<std::string>> ReadCommand(tutti_call parent, const Agent& agent, std::string command,
                                               AgentTurns::Work& work);

  // Lets the template decide prompt, tools and model. A refusal is the text for the model.
  Task<std::optional<std::string>> ApplyTemplate(tutti_call parent, std::string name, Agent& agent);

  Task<std::string> Ask(tutti_call parent, std::string command, std::string args);
  // NOT_FOUND when there is no live agent of that name.
  Task<Result<Agent>> Find(const Call& call, std::string name);

  const Context& context_;
  AgentTurns& turns_;
};

}  // namespace tutti::orchestrator
