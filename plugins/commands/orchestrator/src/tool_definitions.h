// The management tools as command definitions (tutti/abi/command.h).
#pragma once

#include <array>
#include <string>
#include <vector>

namespace tutti::orchestrator {

struct ToolDefinition {
  const char* name;     // the model sees it with the prefix mcp__mgmt__
  const char* slash;    // how a person types it; empty: not at all
  const char* display;  // for listings
  const char* summary;
  const char* effects;
  const char* input;  // JSON Schema
};

// In the order in which they are listed.
extern const std::array<ToolDefinition, 8> kTools;

// The name a model sees.
std::string ToolName(const ToolDefinition& tool);

// The definition as JSON; the command is called orchestrator.<name>.
std::string CommandDefinition(const ToolDefinition& tool);

// JSON array of the displays.
std::string ToolDisplays();

}  // namespace tutti::orchestrator
