// One YAML template: a map with the keys of Markdown templates, and `prompt`.
//
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent_template.h"

namespace tutti::yaml_templates {

struct YamlFormat {
  static std::vector<std::string> Extensions() { return {".yaml", ".yml"}; }

  // `text` as the file holds it; invalid UTF-8 becomes U+FFFD. An error begins with "<path>:<line>: ".
  static templates::AgentTemplate Parse(std::string_view text, const std::string& path);
};

}  // namespace tutti::yaml_templates
