#include "command_file.h"

#include <utility>

#include "front_matter.h"
#include "tutti/sdk/text.hpp"
#include "yaml_fields.h"

namespace tutti::markdown_commands {
namespace {

using documents::FieldProblem;
using documents::Trimmed;
using documents::YamlFields;

constexpr int kFirstLine = 2;  // of the YAML, behind the opening line
constexpr std::string_view kHint = "argument-hint:";
constexpr std::string_view kExtension = ".md";
constexpr std::size_t kMostArgumentNames = 64;

std::string Unquoted(std::string_view text) {
  const bool is_quoted = text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
  if (is_quoted) {
    try {
      const YAML::Node node = YAML::Load(std::string(text));
      if (node.IsScalar()) {
        return node.Scalar();
      }
    } catch (const YAML::Exception&) {
      // Two quoted words, such as "a" | "b", are no YAML and stay as they are.
    }
  }
  return std::string(text);
}

bool ContinuesAValue(std::string_view line) {
  return line.starts_with(' ') || line.starts_with('\t') || line.starts_with("- ");
}

// The hint is always plain text: people write [topic] | [file], which is no YAML. It is taken out of the YAML, with
// empty lines in its place so that numbers of lines stay right.
struct Hint {
  std::string text;
  std::string yaml;  // the rest
};

Hint TakeHint(std::string_view yaml) {
  Hint hint;
  bool is_inside = false;
  for (std::size_t at = 0; at < yaml.size();) {
    const std::string_view line = documents::NextLine(yaml, at);
    const bool is_hint = line.starts_with(kHint);
    is_inside = is_hint || (is_inside && ContinuesAValue(line));
    if (!is_inside) {
      hint.yaml.append(line);
    } else if (const std::string_view part = Trimmed(is_hint ? line.substr(kHint.size()) : line);
               part != "|" && part != ">" && !part.empty()) {
      hint.text.append(hint.text.empty() ? "" : " ").append(part);
    }
    hint.yaml += '\n';
  }
  hint.text = Unquoted(hint.text);
  return hint;
}

std::vector<std::string> EitherNames(const YamlFields& fields, const char* key, const char* other_key) {
  auto names = fields.Names(key);
  if (!names) {
    names = fields.Names(other_key);
  }
  return std::move(names).value_or(std::vector<std::string>());
}

void ReadFields(std::string_view yaml, CommandFile& file) {
  Hint hint = TakeHint(yaml);
  const YamlFields fields(hint.yaml, kFirstLine);
  file.argument_hint = std::move(hint.text);
  file.description = fields.Text("description");
  file.model = fields.Text("model");
  if (file.model == "inherit") {
    file.model.clear();
  }
  file.when_to_use = fields.Text("when_to_use");
  file.shell = fields.Text("shell");
  file.argument_names = fields.Names("arguments", true).value_or(std::vector<std::string>());
  if (file.argument_names.size() > kMostArgumentNames) {
    throw FieldProblem{fields.LineOf("arguments"), "expected at most " + std::to_string(kMostArgumentNames) +
                                                       " names at `arguments`, found " +
                                                       std::to_string(file.argument_names.size())};
  }
  file.allowed_tools = EitherNames(fields, "allowed-tools", "allowed_tools");
  file.disallowed_tools = EitherNames(fields, "disallowed-tools", "disallowed_tools");
  file.disable_model_invocation = fields.Flag("disable-model-invocation").value_or(false);
  file.is_user_invocable = fields.Flag("user-invocable").value_or(true);
  file.ignored = fields.KeysBesides({"description", "model", "when_to_use", "shell", "arguments", "allowed-tools",
                                     "allowed_tools", "disallowed-tools", "disallowed_tools",
                                     "disable-model-invocation", "user-invocable", "name", "version"});
}

}  // namespace

CommandFile ParseCommandFile(std::string_view text, const std::string& path) {
  const std::string clean = CleanUtf8(text);
  const documents::FrontMatter parts = documents::SplitFrontMatter(clean);
  CommandFile file;
  try {
    if (parts.is_there && !parts.is_closed) {
      throw FieldProblem{1, "expected a second line `---` at the end of the front matter, found none"};
    }
    ReadFields(parts.yaml, file);
  } catch (...) {
    file = {};
    file.error = documents::ProblemText(std::current_exception(), path, kFirstLine);
  }
  file.body = Trimmed(parts.body);
  return file;
}

std::string CommandName(std::string_view relative_path) {
  if (relative_path.ends_with(kExtension)) {
    relative_path.remove_suffix(kExtension.size());
  }
  std::string name = CleanUtf8(relative_path);
  for (char& c : name) {
    c = c == '/' ? ':' : c;
  }
  return name;
}

}  // namespace tutti::markdown_commands
