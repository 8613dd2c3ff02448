// CommandFile: one Markdown file of .claude/commands: front matter, when it has one, and the text the command becomes.
//
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tutti::markdown_commands {

struct CommandFile {
  std::string description, argument_hint, model, when_to_use, shell;
  std::vector<std::string> argument_names;
  std::vector<std::string> allowed_tools, disallowed_tools;
  bool disable_model_invocation = false;
  bool is_user_invocable = true;
  std::vector<std::string> ignored;  // keys that have no effect here
  std::string body;
  std::string error;  // empty: it can be used; otherwise all of the above is as for a file without front matter
};

// `text` as the file holds it; invalid UTF-8 becomes U+FFFD. An error begins with "<path>:<line>: ".
CommandFile ParseCommandFile(std::string_view text, const std::string& path);

// "review/security.md" is "review:security".
std::string CommandName(std::string_view relative_path);

}  // namespace tutti::markdown_commands
