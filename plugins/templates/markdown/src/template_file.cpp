#include "template_file.h"

#include "front_matter.h"
#include "tutti/sdk/text.hpp"

namespace tutti::markdown {
namespace {

constexpr int kFirstLine = 2;  // of the YAML, behind the opening line

void Read(std::string_view text, templates::AgentTemplate& out) {
  const documents::FrontMatter parts = documents::SplitFrontMatter(text);
  if (!parts.is_there) {
    throw documents::FieldProblem{1, "expected `---` and front matter with name and description, found something else"};
  }
  if (!parts.is_closed) {
    throw documents::FieldProblem{1, "expected a second line `---` at the end of the front matter, found none"};
  }
  templates::ReadTemplate(documents::YamlFields(parts.yaml, kFirstLine), nullptr, out);
  out.prompt = documents::Trimmed(parts.body);
  if (out.prompt.empty()) {
    throw documents::FieldProblem{1, "expected the agent's prompt below the front matter, found nothing"};
  }
}

}  // namespace

templates::AgentTemplate MarkdownFormat::Parse(std::string_view text, const std::string& path) {
  templates::AgentTemplate file;
  try {
    Read(CleanUtf8(text), file);
  } catch (...) {
    file.error = documents::ProblemText(std::current_exception(), path, kFirstLine);
  }
  return file;
}

}  // namespace tutti::markdown
