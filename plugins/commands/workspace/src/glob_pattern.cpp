#include "glob_pattern.h"

#include <re2/re2.h>

namespace tutti::workspace {
namespace {

constexpr std::size_t kMaxPatternBytes = 4096;

// Copies "[...]" as a class that never takes a '/'. Returns where it ends, or `begin` when it is not closed.
std::size_t AppendClass(std::string_view pattern, std::size_t begin, std::string* expression) {
  std::size_t at = begin + 1;
  const bool is_negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  at += is_negated ? 1 : 0;
  const std::size_t end = pattern.find(']', at + 1);
  if (end == std::string_view::npos) {
    return begin;
  }
  *expression += is_negated ? "[^/" : "[";
  for (; at < end; ++at) {
    if (pattern[at] == '\\' || pattern[at] == '[' || pattern[at] == ']' || pattern[at] == '^') {
      *expression += '\\';
    }
    *expression += pattern[at];
  }
  *expression += ']';
  return end;
}

std::string Translate(std::string_view pattern) {
  std::string expression;
  int depth = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    const bool at_name = i == 0 || pattern[i - 1] == '/';
    if (c == '*' && i + 1 < pattern.size() && pattern[i + 1] == '*') {
      ++i;
      if (at_name && i + 1 < pattern.size() && pattern[i + 1] == '/') {
        ++i;
        expression += "(?:[^/]+/)*";
      } else {
        expression += ".*";
      }
    } else if (c == '*') {
      expression += "[^/]*";
    } else if (c == '?') {
      expression += "[^/]";
    } else if (c == '{' && pattern.find('}', i) != std::string_view::npos) {
      ++depth;
      expression += "(?:";
    } else if (c == '}' && depth > 0) {
      --depth;
      expression += ")";
    } else if (c == ',' && depth > 0) {
      expression += "|";
    } else if (c == '[') {
      const std::size_t end = AppendClass(pattern, i, &expression);
      if (end == i) {
        expression += "\\[";
      }
      i = end;
    } else if (c == '\\' && i + 1 < pattern.size()) {
      expression += RE2::QuoteMeta(std::string(1, pattern[++i]));
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      expression += c;
    } else {
      expression += RE2::QuoteMeta(std::string(1, c));
    }
  }
  return expression;
}

}  // namespace

Result<GlobPattern> GlobPattern::Compile(std::string_view pattern) {
  if (pattern.substr(0, 2) == "./") {
    pattern.remove_prefix(2);
  }
  if (pattern.empty() || pattern.size() > kMaxPatternBytes) {
    return Status::InvalidArgument("expected a file name pattern of 1 to " + std::to_string(kMaxPatternBytes) +
                                   " bytes, found " + std::to_string(pattern.size()));
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  GlobPattern compiled;
  auto expression = std::make_shared<const RE2>(Translate(pattern), options);
  if (!expression->ok()) {
    return Status::InvalidArgument("expected a file name pattern such as \"src/**/*.{h,cpp}\", found \"" +
                                   std::string(pattern) + "\": " + expression->error());
  }
  compiled.expression_ = std::move(expression);
  return compiled;
}

bool GlobPattern::Matches(std::string_view path) const {
  return RE2::FullMatch(re2::StringPiece(path.data(), path.size()), *expression_);
}

}  // namespace tutti::workspace
