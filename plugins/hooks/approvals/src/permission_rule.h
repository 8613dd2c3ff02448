// PermissionRule: a rule in the syntax of Claude Code: Bash, Bash(git push:*), Read(./secrets/**), WebFetch(domain:x),
// mcp__server__tool, Skill(name).
//
// Immutable; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tool_call.h"
#include "tutti/sdk/status.hpp"

namespace tutti::approvals {

class PermissionRule {
 public:
  // INVALID_ARGUMENT says what is wrong with the text, and the nearest name.
  static Result<PermissionRule> Parse(std::string_view text, const Surroundings& around);

  // Whether a rule that denies or asks catches the call: in any spelling, and where it cannot be told.
  [[nodiscard]] bool Catches(const ToolCall& call) const;

  // Whether a rule that allows is about the call, or, for a shell line, about command `index` of call.commands().
  [[nodiscard]] bool Covers(const ToolCall& call, std::size_t index) const;

  // Allows a shell line as a whole: it is the very text.
  [[nodiscard]] bool IsLine(const ToolCall& call) const;

  [[nodiscard]] const std::string& text() const { return text_; }

  [[nodiscard]] bool is_shell() const { return is_shell_; }

 private:
  enum class Kind { kTool, kCommand, kPrefix, kStars, kPath, kDomain, kName };

  [[nodiscard]] bool IsAboutTool(std::string_view tool) const;
  [[nodiscard]] bool CatchesText(std::string_view text) const;

  std::string text_;
  std::string tool_;
  Kind kind_ = Kind::kTool;
  bool is_shell_ = false;
  std::string pattern_;
  std::string plain_pattern_;               // of commands: paths in it as the reading spells them
  std::vector<std::string> path_patterns_;  // absolute
};

}  // namespace tutti::approvals
