#include "agent_template.h"

#include <algorithm>

#include "tutti/sdk/text.hpp"

namespace tutti::templates {
namespace {

constexpr std::size_t kMostNameCharacters = 100;

std::string Name(const documents::YamlFields& fields) {
  std::string name = fields.NeededText("name");
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      throw documents::FieldProblem{fields.LineOf("name"),
                                    "expected one line of printable characters at `name`, found others"};
    }
  }
  if (Utf8Prefix(name, kMostNameCharacters).size() < name.size()) {
    throw documents::FieldProblem{fields.LineOf("name"), "expected at most " + std::to_string(kMostNameCharacters) +
                                                             " characters at `name`, found more"};
  }
  return name;
}

}  // namespace

void ReadTemplate(const documents::YamlFields& fields, const char* prompt_key, AgentTemplate& out) {
  out.name = Name(fields);
  out.description = fields.NeededText("description");
  out.tools = fields.Names("tools");
  if (out.tools && std::find(out.tools->begin(), out.tools->end(), "*") != out.tools->end()) {
    out.tools.reset();
  }
  out.disallowed_tools = fields.Names("disallowedTools").value_or(std::vector<std::string>());
  out.model = fields.Text("model");
  if (out.model == "inherit") {
    out.model.clear();
  }
  out.max_turns = fields.Count("maxTurns");
  out.color = fields.Text("color");
  std::vector<std::string_view> known = {"name",  "description", "tools", "disallowedTools",
                                         "model", "maxTurns",    "color"};
  if (prompt_key != nullptr) {
    known.emplace_back(prompt_key);
    out.prompt = fields.NeededText(prompt_key);
  }
  out.ignored = fields.KeysBesides(known);
}

}  // namespace tutti::templates
