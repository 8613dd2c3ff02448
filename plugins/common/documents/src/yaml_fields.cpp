#include "yaml_fields.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "front_matter.h"
#include "tutti/sdk/text.hpp"

namespace tutti::documents {
namespace {

constexpr std::size_t kMostKeys = 64;
constexpr std::size_t kMostKeyCharacters = 100;

const char* KindOf(const YAML::Node& node) {
  return node.IsMap() ? "a map" : node.IsSequence() ? "a list" : "something else";
}

// Where the part of `text` that begins at `begin` ends: at a comma outside of parentheses, or at the end.
std::size_t PartEnd(std::string_view text, std::size_t begin) {
  int depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == ',' && depth == 0) {
      return i;
    }
    depth += text[i] == '(' ? 1 : text[i] == ')' && depth > 0 ? -1 : 0;
  }
  return text.size();
}

// The same for white space.
std::size_t WordEnd(std::string_view text, std::size_t begin) {
  return std::min(text.find_first_of(" \t\r\n", begin), text.size());
}

void AddName(std::string_view text, std::vector<std::string>& names) {
  if (const std::string_view name = Trimmed(text); !name.empty()) {
    names.emplace_back(name);
  }
}

}  // namespace

YamlFields::YamlFields(std::string_view yaml, int first_line) : first_line_(first_line) {
  const YAML::Node root = YAML::Load(std::string(yaml));
  if (!root.IsMap() && !root.IsNull()) {
    throw FieldProblem{first_line, "expected lines `key: value`, found " +
                                       std::string(root.IsSequence() ? "a list" : "something else")};
  }
  root_.reset(root.IsNull() ? YAML::Node(YAML::NodeType::Map) : root);
}

std::string YamlFields::Text(const char* key) const {
  return TextOf(root_[key], key);
}

std::string YamlFields::NeededText(const char* key) const {
  std::string text = Text(key);
  if (text.empty()) {
    throw FieldProblem{LineOf(key), "expected a text at `" + std::string(key) + "`, found " +
                                        (Has(key) ? "an empty one" : "no such key")};
  }
  return text;
}

std::optional<std::vector<std::string>> YamlFields::Names(const char* key, bool splits_blanks) const {
  const YAML::Node node = root_[key];
  if (!node || node.IsNull()) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) {
      AddName(TextOf(item, key), names);
    }
    return names;
  }
  const std::string text = TextOf(node, key);
  const bool has_comma = PartEnd(text, 0) < text.size();
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = splits_blanks && !has_comma ? WordEnd(text, begin) : PartEnd(text, begin);
    AddName(std::string_view(text).substr(begin, end - begin), names);
    begin = end + 1;
  }
  return names;
}

std::optional<bool> YamlFields::Flag(const char* key) const {
  const std::string text = Text(key);
  if (text.empty()) {
    return std::nullopt;
  }
  bool value = false;
  if (!YAML::convert<bool>::decode(YAML::Node(text), value)) {
    throw FieldProblem{LineOf(key), "expected true or false at `" + std::string(key) + "`, found `" +
                                        std::string(Utf8Prefix(text, kMostKeyCharacters)) + "`"};
  }
  return value;
}

std::optional<std::int64_t> YamlFields::Count(const char* key) const {
  const std::string text = Text(key);
  if (text.empty()) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) {
    throw FieldProblem{LineOf(key), "expected a whole number of at least 1 at `" + std::string(key) + "`, found `" +
                                        std::string(Utf8Prefix(text, kMostKeyCharacters)) + "`"};
  }
  return value;
}

bool YamlFields::Has(const char* key) const {
  return static_cast<bool>(root_[key]);
}

int YamlFields::LineOf(const char* key) const {
  const YAML::Node node = root_[key];
  return node ? Line(node) : 1;
}

std::vector<std::string> YamlFields::KeysBesides(const std::vector<std::string_view>& known) const {
  std::set<std::string> keys;
  for (const auto& member : root_) {
    const std::string key = member.first.IsScalar() ? member.first.Scalar() : std::string("?");
    if (std::find(known.begin(), known.end(), key) == known.end() && keys.size() < kMostKeys) {
      keys.emplace(Utf8Prefix(key, kMostKeyCharacters));
    }
  }
  return {keys.begin(), keys.end()};
}

std::string YamlFields::TextOf(const YAML::Node& node, const char* key) const {
  if (!node || node.IsNull()) {
    return {};
  }
  if (!node.IsScalar()) {
    throw FieldProblem{Line(node), "expected a text at `" + std::string(key) + "`, found " + KindOf(node)};
  }
  return std::string(Trimmed(node.Scalar()));
}

int YamlFields::Line(const YAML::Node& node) const {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? 1 : mark.line + first_line_;
}

std::string ProblemText(const std::exception_ptr& thrown, std::string_view path, int first_line) {
  const auto at = [&](int line) { return std::string(path) + ":" + std::to_string(line) + ": "; };
  try {
    std::rethrow_exception(thrown);
  } catch (const FieldProblem& problem) {
    return at(problem.line) + problem.sentence;
  } catch (const YAML::Exception& error) {
    return at(error.mark.is_null() ? 1 : error.mark.line + first_line) + "expected YAML, found an error: " + error.msg +
           "; put a text that holds `: ` or `#` in quotes";
  }
}

}  // namespace tutti::documents
