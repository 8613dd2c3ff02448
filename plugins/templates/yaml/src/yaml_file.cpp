#include "yaml_file.h"

#include "tutti/sdk/text.hpp"

namespace tutti::yaml_templates {

templates::AgentTemplate YamlFormat::Parse(std::string_view text, const std::string& path) {
  constexpr int kFirstLine = 1;
  templates::AgentTemplate file;
  try {
    templates::ReadTemplate(documents::YamlFields(CleanUtf8(text), kFirstLine), "prompt", file);
  } catch (...) {
    file.error = documents::ProblemText(std::current_exception(), path, kFirstLine);
  }
  return file;
}

}  // namespace tutti::yaml_templates
