// One Markdown template: YAML front matter between two lines `---`, then the agent's prompt.
//
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent_template.h"

namespace tutti::markdown {

struct MarkdownFormat {
  static std::vector<std::string> Extensions() { return {".md"}; }

  // `text` as the file holds it; invalid UTF-8 becomes U+FFFD. An error begins with "<path>:<line>: ".
  static templates::AgentTemplate Parse(std::string_view text, const std::string& path);
};

}  // namespace tutti::markdown
