#include "shell_permission.h"

#include <algorithm>
#include <utility>

#include "front_matter.h"

namespace tutti::markdown_commands {
namespace {

using documents::Trimmed;

constexpr std::string_view kTool = "Bash";
constexpr std::string_view kPrefixMark = ":*";

// What stands behind `>` or `<` when it harms no file; 0 when it is something else. `at` is behind the operator.
std::size_t HarmlessTarget(std::string_view text) {
  for (const std::string_view target : {"&1", "&2", "/dev/null", " /dev/null"}) {
    const bool ends = text.size() == target.size() ||
                      (text.size() > target.size() &&
                       std::string_view(" \t\n;&|").find(text[target.size()]) != std::string_view::npos);
    if (text.starts_with(target) && ends) {
      return target.size();
    }
  }
  return 0;
}

// Glob match where * is any text, in time linear in both for each star (the last star alone is gone back to).
bool GlobFits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t after_star = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++after_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

std::optional<std::vector<std::string>> SimpleCommands(std::string_view line) {
  std::vector<std::string> commands;
  std::string command;
  char quote = 0;
  const auto end_command = [&] {
    if (const std::string_view text = Trimmed(command); !text.empty()) {
      commands.emplace_back(text);
    }
    command.clear();
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const char next = i + 1 < line.size() ? line[i + 1] : '\0';
    if (quote == '\'') {
      quote = c == quote ? '\0' : quote;
    } else if (c == '\\') {
      command += c;
      if (next == '\0') {
        return std::nullopt;
      }
      command += line[++i];
      continue;
    } else if (c == '`' || (c == '$' && (next == '(' || next == '\''))) {
      return std::nullopt;
    } else if (quote == '"') {
      quote = c == quote ? '\0' : quote;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == ')' || c == '{' || c == '}' || c == '#') {
      return std::nullopt;
    } else if (c == '>' || c == '<') {
      const std::size_t target = HarmlessTarget(line.substr(i + 1));
      if (target == 0) {
        return std::nullopt;
      }
      i += target;
      command += ' ';
      continue;
    } else if (c == ';' || c == '|' || c == '&' || c == '\n') {
      end_command();
      continue;
    }
    command += c;
  }
  if (quote != 0) {
    return std::nullopt;
  }
  end_command();
  return commands;
}

ShellPermission::ShellPermission(const std::vector<std::string>& allowed_tools,
                                 const std::vector<std::string>& disallowed_tools)
    : allowed_(Read(allowed_tools)), disallowed_(Read(disallowed_tools)) {}

std::optional<std::string> ShellPermission::Refusal(std::string_view command) const {
  const std::string quoted = "`" + std::string(Trimmed(command)) + "`";
  const auto simple = SimpleCommands(command);
  const auto is_forbidden = [&](const std::string& one) { return FitsAny(disallowed_, one); };
  if (disallowed_.has_all || (simple && std::any_of(simple->begin(), simple->end(), is_forbidden)) ||
      (!simple && !disallowed_.patterns.empty())) {
    return "the command " + quoted + " is not run because of the file's `disallowed-tools`";
  }
  const auto is_allowed = [&](const std::string& one) { return FitsAny(allowed_, one); };
  if (allowed_.has_all || (simple && !simple->empty() && std::all_of(simple->begin(), simple->end(), is_allowed))) {
    return std::nullopt;
  }
  if (allowed_.patterns.empty()) {
    return "the command " + quoted +
           " needs permission: name it in the file's `allowed-tools`, such as Bash(git log:*)";
  }
  return "the command " + quoted +
         (simple
              ? " has a part that no rule of the file's `allowed-tools` allows; name it there, such as Bash(git log:*)"
              : " has substitutions, groups, comments or redirections, which only `Bash` without parentheses in the "
                "file's `allowed-tools` allows");
}

ShellPermission::Rules ShellPermission::Read(const std::vector<std::string>& tools) {
  Rules rules;
  for (const std::string& tool : tools) {
    const std::string_view text = Trimmed(tool);
    if (!text.starts_with(kTool)) {
      continue;
    }
    const std::string_view rest = Trimmed(text.substr(kTool.size()));
    if (rest.empty()) {
      rules.has_all = true;
    } else if (rest.front() == '(' && rest.back() == ')') {
      const std::string_view pattern = Trimmed(rest.substr(1, rest.size() - 2));
      const bool fits_all = pattern == kPrefixMark || pattern.find_first_not_of('*') == std::string_view::npos;
      rules.has_all = rules.has_all || (fits_all && !pattern.empty());
      rules.patterns.emplace_back(pattern);
    }
  }
  return rules;
}

bool ShellPermission::Fits(const std::string& pattern, std::string_view command) {
  const auto begins = [&](std::string_view prefix) {
    return command == prefix || (command.starts_with(prefix) && command.size() > prefix.size() &&
                                 (command[prefix.size()] == ' ' || command[prefix.size()] == '\t'));
  };
  const std::string_view text(pattern);
  if (text.ends_with(kPrefixMark)) {
    return begins(text.substr(0, text.size() - kPrefixMark.size()));
  }
  if (text.ends_with(" *") && begins(text.substr(0, text.size() - 2))) {
    return true;
  }
  return GlobFits(text, command);
}

bool ShellPermission::FitsAny(const Rules& rules, std::string_view command) {
  return std::any_of(rules.patterns.begin(), rules.patterns.end(),
                     [&](const std::string& pattern) { return Fits(pattern, command); });
}

}  // namespace tutti::markdown_commands
