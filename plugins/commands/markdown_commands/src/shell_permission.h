// ShellPermission: which shell commands a command file may have run for it, by its allowed-tools and disallowed-tools.
//
//   Bash, Bash(*)      everything
//   Bash(git log:*)    "git log" and what begins with "git log "
//   Bash(git log *)    the same; * elsewhere stands for any text
//   Bash(git status)   this text
//
// A rule in parentheses has to fit every simple command of a line, and a line that such rules cannot be held against
// (with substitutions, groups, redirections to files) needs `Bash` as a whole. It is the file's own promise about what
// it runs; the guard and the confinement of the Bash tool hold as well. Immutable; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::markdown_commands {

// The simple commands of a line, trimmed; nullopt when it has something that is more than simple commands in a row.
std::optional<std::vector<std::string>> SimpleCommands(std::string_view line);

class ShellPermission {
 public:
  ShellPermission(const std::vector<std::string>& allowed_tools, const std::vector<std::string>& disallowed_tools);

  // Why the command may not run; nullopt when it may.
  [[nodiscard]] std::optional<std::string> Refusal(std::string_view command) const;

 private:
  struct Rules {
    bool has_all = false;
    std::vector<std::string> patterns;
  };

  static Rules Read(const std::vector<std::string>& tools);
  static bool Fits(const std::string& pattern, std::string_view command);
  static bool FitsAny(const Rules& rules, std::string_view command);

  Rules allowed_, disallowed_;
};

}  // namespace tutti::markdown_commands
