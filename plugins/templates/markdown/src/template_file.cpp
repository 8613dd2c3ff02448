#include "template_file.h"

#include <yaml-cpp/yaml.h>

#include "tutti/sdk/text.hpp"

namespace tutti::markdown {
namespace {

constexpr std::size_t kMostNameCharacters = 100;
constexpr std::string_view kSpace = " \t\r\n";

// Thrown inside this file only.
struct Problem {
  int line = 1;
  std::string sentence;
};

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

struct Parts {
  std::string_view front;
  std::string_view body;
};

// The next line of `text` from `begin` on, without its end; `begin` moves behind it.
std::string_view NextLine(std::string_view text, std::size_t& begin) {
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  const std::string_view line = text.substr(begin, end - begin);
  begin = std::min(end + 1, text.size());
  return line;
}

Parts Split(std::string_view text) {
  std::size_t at = 0;
  if (Trimmed(NextLine(text, at)) != "---") {
    throw Problem{1, "expected `---` and front matter with name and description, found something else"};
  }
  const std::size_t front = at;
  while (at < text.size()) {
    const std::size_t line = at;
    const std::string_view content = NextLine(text, at);
    if (content.starts_with("---") && Trimmed(content) == "---") {
      return {text.substr(front, line - front), text.substr(at)};
    }
  }
  throw Problem{1, "expected a second line `---` at the end of the front matter, found none"};
}

int LineOf(const YAML::Mark& mark) {
  constexpr int kFirst = 2;  // behind the opening line
  return mark.is_null() ? 1 : mark.line + kFirst;
}

std::string Text(const YAML::Node& node, const char* key) {
  if (!node || node.IsNull()) {
    return {};
  }
  if (!node.IsScalar()) {
    throw Problem{LineOf(node.Mark()),
                  "expected a text at `" + std::string(key) + "`, found " + (node.IsMap() ? "a map" : "a list")};
  }
  return std::string(Trimmed(node.Scalar()));
}

std::string Needed(const YAML::Node& root, const char* key) {
  std::string text = Text(root[key], key);
  if (text.empty()) {
    throw Problem{root[key] ? LineOf(root[key].Mark()) : 1, "expected a text at `" + std::string(key) + "`, found " +
                                                                (root[key] ? "an empty one" : "no such key")};
  }
  return text;
}

std::string Name(const YAML::Node& root) {
  std::string name = Needed(root, "name");
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      throw Problem{LineOf(root["name"].Mark()), "expected one line of printable characters at `name`, found others"};
    }
  }
  if (Utf8Prefix(name, kMostNameCharacters).size() < name.size()) {
    throw Problem{LineOf(root["name"].Mark()),
                  "expected at most " + std::to_string(kMostNameCharacters) + " characters at `name`, found more"};
  }
  return name;
}

void AddTool(std::string_view text, std::vector<std::string>& tools) {
  const std::string_view tool = Trimmed(text);
  if (!tool.empty()) {
    tools.emplace_back(tool);
  }
}

std::optional<std::vector<std::string>> Tools(const YAML::Node& node) {
  if (!node || node.IsNull()) {
    return std::nullopt;
  }
  std::vector<std::string> tools;
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) {
      AddTool(Text(item, "tools"), tools);
    }
    return tools;
  }
  const std::string text = Text(node, "tools");
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    AddTool(std::string_view(text).substr(begin, end - begin), tools);
    begin = end + 1;
  }
  return tools;
}

TemplateFile Read(std::string_view text) {
  const Parts parts = Split(text);
  const YAML::Node root = YAML::Load(std::string(parts.front));
  if (!root.IsMap()) {
    throw Problem{2, "expected front matter of `key: value` lines, found something else"};
  }
  TemplateFile file;
  file.name = Name(root);
  file.description = Needed(root, "description");
  file.tools = Tools(root["tools"]);
  file.model = Text(root["model"], "model");
  if (file.model == "inherit") {
    file.model.clear();
  }
  file.color = Text(root["color"], "color");
  file.prompt = Trimmed(parts.body);
  if (file.prompt.empty()) {
    throw Problem{1, "expected the agent's prompt below the front matter, found nothing"};
  }
  return file;
}

}  // namespace

Result<TemplateFile> ParseTemplateFile(std::string_view text, const std::string& path) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  const auto at = [&](int line) { return path + ":" + std::to_string(line) + ": "; };
  try {
    return Read(CleanUtf8(text));
  } catch (const Problem& problem) {
    return Status::InvalidArgument(at(problem.line) + problem.sentence);
  } catch (const YAML::Exception& error) {
    return Status::InvalidArgument(at(LineOf(error.mark)) + "expected YAML, found an error: " + error.msg +
                                   "; put a text that holds `: ` or `#` in quotes");
  }
}

}  // namespace tutti::markdown
