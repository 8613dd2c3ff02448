// ToolCall: one call of a tool as rules look at it.
//
// A rule that stops something is asked about every spelling that might be meant; a rule that lets something pass only
// about what is certain.
// Threads: one at a time; lives as long as the JSON it was made from.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::approvals {

struct Surroundings {
  std::string directory;  // absolute, without symbolic links: what relative paths begin at
  std::string home;
  std::size_t max_command_bytes = 64 * 1024;
};

// Which tools a path rule is about: Read also stands for what searches, Edit for all that writes files.
bool IsReadTool(std::string_view tool);
bool IsEditTool(std::string_view tool);

class ToolCall {
 public:
  ToolCall(std::string_view tool, JsonView input, const Surroundings& around);

  [[nodiscard]] const std::string& tool() const { return tool_; }

  [[nodiscard]] JsonView input() const { return input_; }

  // ---- a shell line (tool Bash)
  [[nodiscard]] bool is_shell() const { return is_shell_; }

  [[nodiscard]] const std::string& line() const { return line_; }

  // The whole line, its commands and its pipelines in every spelling that was found.
  [[nodiscard]] const std::vector<std::string>& spellings() const { return spellings_; }

  // Its commands, when it is plain enough to be sure of them.
  [[nodiscard]] const std::optional<std::vector<std::string>>& commands() const { return commands_; }

  // Too long or too deeply nested to be read.
  [[nodiscard]] bool is_unreadable() const { return is_unreadable_; }

  // ---- a path (tools for files); both empty for others
  [[nodiscard]] const std::string& written_path() const { return written_path_; }  // absolute, "." and ".." gone

  [[nodiscard]] const std::string& real_path() const { return real_path_; }  // without symbolic links

  // ---- an address (tool WebFetch): the host in lower case; std::nullopt when the address is an odd one
  [[nodiscard]] const std::optional<std::string>& host() const { return host_; }

 private:
  void ReadLine(const Surroundings& around);
  void ReadPath(const Surroundings& around);

  const std::string tool_;
  const JsonView input_;
  bool is_shell_ = false;
  bool is_unreadable_ = false;
  std::string line_;
  std::vector<std::string> spellings_;
  std::optional<std::vector<std::string>> commands_;
  std::string written_path_;
  std::string real_path_;
  std::optional<std::string> host_;
};

}  // namespace tutti::approvals
