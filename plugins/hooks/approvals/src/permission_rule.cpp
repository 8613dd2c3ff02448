#include "permission_rule.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "plain_path.h"
#include "tutti/sdk/nearest.hpp"
#include "wildcard.h"

namespace tutti::approvals {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefixEnd = ":*";
constexpr std::string_view kDomain = "domain:";

const std::vector<std::string>& ToolsWithArguments() {
  static const std::vector<std::string> kNames = {"Bash",         "Read",  "Edit", "Write",        "MultiEdit",
                                                  "NotebookEdit", "Grep",  "Glob", "NotebookRead", "LS",
                                                  "WebFetch",     "Agent", "Task", "Skill"};
  return kNames;
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool BeginsWith(std::string_view text, std::string_view begin) {
  return text.substr(0, begin.size()) == begin;
}

Status Wrong(std::string_view text, const std::string& what) {
  return Status::InvalidArgument(
      "expected a rule such as Bash(git push:*), Read(./secrets/**) or mcp__server__tool, found \"" +
      std::string(text) + "\": " + what);
}

bool IsToolName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("_-.*?:").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

// Each word as the reading of a command spells it.
std::string PlainWords(std::string_view pattern, std::string_view home) {
  std::string out;
  while (!pattern.empty()) {
    const std::size_t end = std::min(pattern.find(' '), pattern.size());
    out += (out.empty() ? "" : " ") + shell::PlainPath(pattern.substr(0, end), home);
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
  }
  return out;
}

// The absolute patterns a path rule stands for: itself, and everything beneath it.
std::vector<std::string> PathPatterns(std::string_view pattern, const Surroundings& around) {
  std::string absolute;
  if (BeginsWith(pattern, "//")) {
    absolute = pattern.substr(1);
  } else if (BeginsWith(pattern, "/")) {
    absolute = pattern;
  } else if (BeginsWith(pattern, "~/")) {
    absolute = around.home + std::string(pattern.substr(1));
  } else if (pattern.find('/') == std::string_view::npos && pattern != "." && pattern != "..") {
    // A plain name is meant in every directory.
    absolute = around.directory + "/**/" + std::string(pattern);
  } else {
    absolute = around.directory + "/" + std::string(pattern);
  }
  absolute = fs::path(absolute).lexically_normal().string();
  while (absolute.size() > 1 && absolute.back() == '/') {
    absolute.pop_back();
  }
  std::vector<std::string> patterns = {absolute};
  if (!EndsWith(absolute, "/**")) {
    patterns.push_back(absolute + "/**");
  }
  return patterns;
}

bool MatchesAny(const std::vector<std::string>& patterns, std::string_view path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return MatchesPath(pattern, path); });
}

// "*.example.org" is every host below example.org, "example.org" itself and, for rules that stop, what is below.
bool IsDomain(std::string_view pattern, const std::string& host, bool with_below) {
  if (BeginsWith(pattern, "*.")) {
    return EndsWith(host, pattern.substr(1));
  }
  return pattern == "*" || host == pattern || (with_below && EndsWith(host, "." + std::string(pattern)));
}

std::string_view NameOf(const ToolCall& call) {
  for (const char* member : {"subagent_type", "skill", "command", "name"}) {
    if (call.input()[member].is_string()) {
      return call.input()[member].AsString();
    }
  }
  return {};
}

}  // namespace

Result<PermissionRule> PermissionRule::Parse(std::string_view text, const Surroundings& around) {
  PermissionRule rule;
  rule.text_ = text;
  const std::size_t open = text.find('(');
  rule.tool_ = text.substr(0, open);
  if (!IsToolName(rule.tool_)) {
    return Wrong(text, "a tool's name comes first, of letters, digits, _, -, *, ?");
  }
  if (open == std::string_view::npos) {
    rule.is_shell_ = MatchesName(rule.tool_, "Bash");
    return rule;
  }
  if (text.back() != ')') {
    return Wrong(text, "the bracket is not closed at the end");
  }
  const std::vector<std::string>& names = ToolsWithArguments();
  if (std::find(names.begin(), names.end(), rule.tool_) == names.end()) {
    return Wrong(text,
                 "rules with an argument are for " + JoinNames(names, names.size()) + DidYouMean(rule.tool_, names));
  }
  const std::string_view argument = text.substr(open + 1, text.size() - open - 2);
  rule.is_shell_ = rule.tool_ == "Bash";
  if (argument.empty()) {
    return Wrong(text, "there is nothing in the brackets; leave them out to mean every call");
  }
  if (argument == "*" || argument == "**") {
    return rule;
  }
  rule.pattern_ = argument;
  if (rule.tool_ == "Bash") {
    rule.kind_ = Kind::kCommand;
    if (EndsWith(argument, kPrefixEnd)) {
      rule.kind_ = Kind::kPrefix;
      rule.pattern_ = argument.substr(0, argument.size() - kPrefixEnd.size());
    } else if (argument.find('*') != std::string_view::npos) {
      rule.kind_ = Kind::kStars;
    }
    if (rule.pattern_.empty()) {
      return Wrong(text, "there is no command before :*");
    }
    rule.plain_pattern_ = PlainWords(rule.pattern_, around.home);
  } else if (IsReadTool(rule.tool_) || IsEditTool(rule.tool_)) {
    rule.kind_ = Kind::kPath;
    rule.path_patterns_ = PathPatterns(argument, around);
  } else if (rule.tool_ == "WebFetch") {
    if (!BeginsWith(argument, kDomain) || argument.size() == kDomain.size()) {
      return Wrong(text, "the argument of WebFetch is domain:HOST");
    }
    rule.kind_ = Kind::kDomain;
    rule.pattern_ = argument.substr(kDomain.size());
    std::transform(rule.pattern_.begin(), rule.pattern_.end(), rule.pattern_.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  } else {
    rule.kind_ = Kind::kName;
  }
  return rule;
}

bool PermissionRule::IsAboutTool(std::string_view tool) const {
  if (kind_ == Kind::kPath) {
    // The names of Claude Code: Read stands for all that reads files, Edit for all that writes them.
    return tool == tool_ || (tool_ == "Read" && IsReadTool(tool)) || (tool_ == "Edit" && IsEditTool(tool));
  }
  if (MatchesName(tool_, tool)) {
    return true;
  }
  // "mcp__server" is every tool of that server.
  const bool is_server = BeginsWith(tool_, "mcp__") && tool_.find("__", 5) == std::string::npos;
  return is_server && BeginsWith(tool, tool_ + "__");
}

bool PermissionRule::CatchesText(std::string_view text) const {
  for (const std::string* pattern : {&pattern_, &plain_pattern_}) {
    if (kind_ == Kind::kPrefix ? BeginsWith(text, *pattern)
        : kind_ == Kind::kStars
            ? MatchesStars(*pattern, text) ||
                  (EndsWith(*pattern, " *") && text == std::string_view(*pattern).substr(0, pattern->size() - 2))
            : text == *pattern) {
      return true;
    }
  }
  return false;
}

bool PermissionRule::Catches(const ToolCall& call) const {
  if (!IsAboutTool(call.tool())) {
    return false;
  }
  switch (kind_) {
    case Kind::kTool:
      return true;
    case Kind::kCommand:
    case Kind::kPrefix:
    case Kind::kStars:
      return std::any_of(call.spellings().begin(), call.spellings().end(),
                         [&](const std::string& text) { return CatchesText(text); });
    case Kind::kPath:
      return MatchesAny(path_patterns_, call.written_path()) || MatchesAny(path_patterns_, call.real_path());
    case Kind::kDomain:
      return !call.host() || IsDomain(pattern_, *call.host(), true);
    case Kind::kName:
      return MatchesName(pattern_, NameOf(call));
  }
  return false;
}

bool PermissionRule::Covers(const ToolCall& call, std::size_t index) const {
  if (!IsAboutTool(call.tool())) {
    return false;
  }
  switch (kind_) {
    case Kind::kTool:
      return true;
    case Kind::kPath:
      return MatchesAny(path_patterns_, call.real_path());
    case Kind::kDomain:
      return call.host() && IsDomain(pattern_, *call.host(), false);
    case Kind::kName:
      return MatchesName(pattern_, NameOf(call));
    default:
      break;
  }
  if (!call.commands() || index >= call.commands()->size()) {
    return false;
  }
  const std::string_view command = (*call.commands())[index];
  if (kind_ == Kind::kPrefix) {
    return command == pattern_ || BeginsWith(command, pattern_ + " ");
  }
  return kind_ == Kind::kStars ? CatchesText(command) : command == pattern_;
}

bool PermissionRule::IsLine(const ToolCall& call) const {
  if (!call.is_shell() || !IsAboutTool(call.tool())) {
    return false;
  }
  return kind_ == Kind::kTool || (kind_ == Kind::kCommand && call.line() == pattern_);
}

}  // namespace tutti::approvals
