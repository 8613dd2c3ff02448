// One template file: YAML front matter between two lines `---`, then the agent's prompt.
//
// Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::markdown {

struct TemplateFile {
  std::string name, description, prompt;
  std::string model, color;                       // empty: not said
  std::optional<std::vector<std::string>> tools;  // empty: not said
};

// `text` as the file holds it; invalid UTF-8 becomes U+FFFD. INVALID_ARGUMENT begins with "<path>:<line>: ".
Result<TemplateFile> ParseTemplateFile(std::string_view text, const std::string& path);

}  // namespace tutti::markdown
