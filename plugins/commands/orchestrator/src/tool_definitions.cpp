#include "tool_definitions.h"

#include "tutti/sdk/json.hpp"

namespace tutti::orchestrator {

const std::array<ToolDefinition, 8> kTools = {{
    {"create_agent", "",
     "create_agent(name: string, system_prompt?: string, model?: string, subagent_template?: string)",
     "Creates a new agent and waits until it has greeted back. Needs a system_prompt or a subagent_template.", "write",
     R"({"type":"object","required":["name"],"properties":{
       "name":{"type":"string","description":"Unique among the live agents, such as test-runner."},
       "system_prompt":{"type":"string","description":"What the agent is for and how it works."},
       "model":{"type":"string","description":"A model id, or sonnet, haiku, fast. Default: the server's."},
       "subagent_template":{"type":"string","description":"Name of a template to use instead of a prompt."}}})"},
    {"list_agents", "/agents", "list_agents()",
     "Lists the live agents, newest first, with status, model, tokens and cost.", "read",
     R"({"type":"object","properties":{}})"},
    {"command_agent", "/command AGENT_NAME COMMAND...", "command_agent(agent_name: string, command: string)",
     "Gives an agent a task and returns at once; the agent works in the background.", "write",
     R"({"type":"object","required":["agent_name","command"],"properties":{
       "agent_name":{"type":"string"},
       "command":{"type":"string","description":"Complete instructions; sent to the agent as they are."}}})"},
    {"check_agent_status", "/agent AGENT_NAME",
     "check_agent_status(agent_name: string, tail_count = 10, offset = 0, verbose_logs = false)",
     "Shows an agent's status and the latest entries of its newest task.", "read",
     R"({"type":"object","required":["agent_name"],"properties":{
       "agent_name":{"type":"string"},
       "tail_count":{"type":"integer","minimum":1,"maximum":200,"default":10},
       "offset":{"type":"integer","minimum":0,"default":0},
       "verbose_logs":{"type":"boolean","default":false,"description":"Full contents with payloads."}}})"},
    {"delete_agent", "/delete AGENT_NAME", "delete_agent(agent_name: string)",
     "Stops an agent and removes it. Its logs are kept and its name can be used again.", "destructive",
     R"({"type":"object","required":["agent_name"],"properties":{"agent_name":{"type":"string"}}})"},
    {"interrupt_agent", "", "interrupt_agent(agent_name: string)",
     "Stops what an agent is doing, and drops the commands that wait for it.", "write",
     R"({"type":"object","required":["agent_name"],"properties":{"agent_name":{"type":"string"}}})"},
    {"read_system_logs", "/logs [MESSAGE_CONTAINS...]",
     "read_system_logs(offset = 0, limit = 50, message_contains?: string, level?: string)",
     "Searches the orchestrator's own log, newest first.", "read",
     R"({"type":"object","properties":{
       "offset":{"type":"integer","minimum":0,"default":0},
       "limit":{"type":"integer","minimum":1,"maximum":500},
       "message_contains":{"type":"string"},
       "level":{"type":"string","description":"DEBUG, INFO, WARNING or ERROR."}}})"},
    {"report_cost", "/cost", "report_cost()", "Reports the orchestrator's tokens, cost and context use.", "read",
     R"({"type":"object","properties":{}})"},
}};

std::string ToolName(const ToolDefinition& tool) {
  return std::string("mcp__mgmt__") + tool.name;
}

std::string CommandDefinition(const ToolDefinition& tool) {
  JsonObject definition;
  definition("name", std::string("orchestrator.") + tool.name)("summary", tool.summary)("effects", tool.effects);
  const bool is_typed = *tool.slash != 0;
  definition.Raw("input", tool.input).Raw("surfaces", is_typed ? R"(["tool","slash"])" : R"(["tool"])");
  if (is_typed) {
    definition.Raw("slash", JsonObject()("usage", tool.slash).Take());
  }
  definition.Raw("tool", JsonObject()("name", ToolName(tool))("display", tool.display).Take());
  return definition.Take();
}

std::string ToolDisplays() {
  JsonWriter displays;
  displays.BeginArray();
  for (const ToolDefinition& tool : kTools) {
    displays.Value(tool.display);
  }
  return displays.EndArray().Take();
}

}  // namespace tutti::orchestrator
