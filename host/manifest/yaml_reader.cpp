#include "host/manifest/yaml_reader.h"

#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace tutti::host {
namespace {

Place PlaceOf(const YAML::Mark& mark, const std::string& file) {
  return mark.is_null() ? Place{file, 0, 0} : Place{file, mark.line + 1, mark.column + 1};
}

class Converter {
 public:
  Converter(const std::string& file, const Variables* variables, Problems& problems)
      : file_(file), variables_(variables), problems_(problems) {}

  Node Convert(const YAML::Node& yaml, std::string path, int depth) {
    Node node;
    node.place = PlaceOf(yaml.Mark(), file_);
    node.path = std::move(path);
    if (++count_ > kMaxNodes || depth > kMaxDepth) {
      ReportBound(node);
      return node;
    }
    switch (yaml.Type()) {
      case YAML::NodeType::Scalar:
        ConvertScalar(yaml, node);
        break;
      case YAML::NodeType::Sequence:
        ConvertSequence(yaml, node, depth);
        break;
      case YAML::NodeType::Map:
        ConvertMap(yaml, node, depth);
        break;
      default:
        break;
    }
    return node;
  }

 private:
  void ReportBound(const Node& node) {
    if (!bound_reported_) {
      bound_reported_ = true;
      problems_.push_back(ProblemAt(node, "expected at most " + std::to_string(kMaxNodes) + " values nested at most " +
                                              std::to_string(kMaxDepth) +
                                              " deep, found more (an alias that contains "
                                              "itself?); shorten the file"));
    }
  }

  void ConvertScalar(const YAML::Node& yaml, Node& node) {
    node.kind = Node::Kind::kScalar;
    node.quoted = yaml.Tag() == "!";
    node.text = yaml.Scalar();
    if (variables_ == nullptr || node.text.find("${") == std::string::npos) {
      return;
    }
    Expansion expansion = Expand(node.text, *variables_);
    for (VariableError& error : expansion.errors) {
      problems_.push_back(ProblemAt(node, std::move(error.message), std::move(error.nearest)));
    }
    node.text = std::move(expansion.text);
  }

  void ConvertSequence(const YAML::Node& yaml, Node& node, int depth) {
    node.kind = Node::Kind::kSequence;
    std::size_t index = 0;
    for (const auto& item : yaml) {
      node.items.push_back(Convert(item, node.path + "[" + std::to_string(index++) + "]", depth + 1));
      if (bound_reported_) {
        return;
      }
    }
  }

  void ConvertMap(const YAML::Node& yaml, Node& node, int depth) {
    node.kind = Node::Kind::kMap;
    std::map<std::string, int> seen;
    for (const auto& entry : yaml) {
      const Place place = PlaceOf(entry.first.Mark(), file_);
      if (!entry.first.IsScalar() && !entry.first.IsNull()) {
        problems_.push_back({place, node.path, "expected a key of plain text, found a list or a map", {}});
        continue;
      }
      // An unquoted null is a key of that name here: columns have a property called so.
      const std::string key = entry.first.IsNull() ? "null" : entry.first.Scalar();
      const std::string path = node.path.empty() ? key : node.path + "." + key;
      const auto [first, is_new] = seen.emplace(key, place.line);
      if (!is_new) {
        problems_.push_back({place,
                             path,
                             "key '" + key + "' stands here a second time, first at line " +
                                 std::to_string(first->second) + "; keep one of them",
                             {}});
        continue;
      }
      Node value = Convert(entry.second, path, depth + 1);
      // An empty value has no place of its own, an alias has that of its anchor.
      if (value.kind == Node::Kind::kNull || value.place.line < place.line) {
        value.place = place;
      }
      node.members.push_back({key, place, std::move(value)});
      if (bound_reported_) {
        return;
      }
    }
  }

  const std::string& file_;
  const Variables* variables_;
  Problems& problems_;
  std::size_t count_ = 0;
  bool bound_reported_ = false;
};

std::string LineOf(std::string_view text, int line) {
  std::istringstream stream{std::string(text)};
  std::string current;
  for (int i = 0; i <= line && std::getline(stream, current); ++i) {
  }
  return current;
}

std::string SyntaxAdvice(std::string_view text, int line) {
  const std::string content = LineOf(text, line);
  if (content.find("${") != std::string::npos && content.find_first_of("[{") != std::string::npos) {
    return "; inside [...] and {...} a value with ${NAME} must be in double quotes";
  }
  if (content.find('\t') != std::string::npos) {
    return "; indent with spaces, not tabs";
  }
  return "; check indentation, quotes and brackets around this place";
}

}  // namespace

std::optional<Node> ParseYaml(std::string_view text, const std::string& file, const Variables* variables,
                              Problems& problems) {
  if (text.size() > kMaxFileBytes) {
    problems.push_back({{file, 0, 0},
                        {},
                        "expected at most " + std::to_string(kMaxFileBytes) + " bytes, found " +
                            std::to_string(text.size()) + "; split the file with include",
                        {}});
    return std::nullopt;
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      problems.push_back(
          {PlaceOf(documents[1].Mark(), file),
           {},
           "expected one YAML document, found " + std::to_string(documents.size()) + "; remove the '---' between them",
           {}});
    }
    Node node = documents.empty() ? Node() : Converter(file, variables, problems).Convert(documents[0], "", 0);
    if (node.place.line == 0) {
      node.place = {file, 1, 1};
    }
    return node;
  } catch (const YAML::Exception& exception) {
    const int line = exception.mark.is_null() ? 0 : exception.mark.line;
    problems.push_back({PlaceOf(exception.mark, file),
                        {},
                        "expected YAML, found a mistake: " + exception.msg + SyntaxAdvice(text, line),
                        {}});
  }
  return std::nullopt;
}

std::optional<std::string> ReadTextFile(const std::string& file, Problems& problems) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    problems.push_back({{file, 0, 0},
                        {},
                        "expected a readable file, found " +
                            (error ? error.message() : std::string("none or a directory")) + "; check the name",
                        {}});
    return std::nullopt;
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    problems.push_back(
        {{file, 0, 0},
         {},
         "expected a readable file, found: " + std::string(std::strerror(errno)) + "; check its permissions",
         {}});
    return std::nullopt;
  }
  std::string text(kMaxFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

std::optional<Node> ReadYamlFile(const std::string& file, const Variables* variables, Problems& problems) {
  const std::optional<std::string> text = ReadTextFile(file, problems);
  return text ? ParseYaml(*text, file, variables, problems) : std::nullopt;
}

}  // namespace tutti::host
