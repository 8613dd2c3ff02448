// AgentTemplate: a recipe for agents as one file gives it, whatever the file's format.
//
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yaml_fields.h"

namespace tutti::templates {

struct AgentTemplate {
  std::string name, description, prompt;
  std::string model, color;                       // empty: not said
  std::optional<std::vector<std::string>> tools;  // empty: not said
  std::vector<std::string> disallowed_tools;
  std::optional<std::int64_t> max_turns;
  std::vector<std::string> ignored;  // keys of the file that have no effect here
  std::string error;                 // empty: it can be used; `name` may be known all the same
};

// Reads the keys; the prompt is the caller's when it is no key. What is wrong is thrown as the fields throw it, with as
// much of `out` filled in as was read before, the name first. `prompt_key`: nullptr, or the key of the prompt.
void ReadTemplate(const documents::YamlFields& fields, const char* prompt_key, AgentTemplate& out);

}  // namespace tutti::templates
