// Templates that agents are created from, as the host's template sources give them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/host.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

struct AgentTemplate {
  // `json` is a TEMPLATE of tutti/abi/template.h.
  static AgentTemplate FromJson(JsonView json);

  std::string name, description, system_prompt, model, color;
  std::optional<std::vector<std::string>> tools;  // empty: the default ones
  std::vector<std::string> disallowed_tools;
  std::int64_t max_turns = 0;  // 0: not said
};

// Those that can be used, by name, without prompts. When the sources cannot be asked the list is empty and the log says
// why: what shows templates must not fail for them.
Task<std::vector<AgentTemplate>> ListTemplates(Host host, tutti_call parent);

// NOT_FOUND when there is none of this name.
Task<Result<AgentTemplate>> GetTemplate(Host host, tutti_call parent, std::string name);

// [{"name","description"}, ...] for the console.
std::string TemplatesJson(const std::vector<AgentTemplate>& templates);

}  // namespace tutti::orchestrator
