// ArgumentPattern: a condition on one argument of a tool call, in rules of the plugin's own form.
//
// Immutable; any thread. Time is linear in the argument.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tool_call.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace re2 {
class RE2;
}

namespace tutti::approvals {

class ArgumentPattern {
 public:
  // `argument` a member's name or an RFC 6901 pointer; `pattern` a text with stars, or one of {"glob"}, {"prefix"},
  // {"equals"}, {"regex"}. `home` is what paths in shell commands begin with as "~".
  static Result<ArgumentPattern> Parse(std::string_view argument, JsonView pattern, std::string_view home);

  // Like PermissionRule::Catches and Covers. The argument `command` of Bash is looked at command by command.
  [[nodiscard]] bool Catches(const ToolCall& call) const;
  [[nodiscard]] bool Covers(const ToolCall& call, std::size_t index) const;

  [[nodiscard]] bool is_command() const { return path_.size() == 1 && path_.front() == "command"; }

 private:
  enum class Kind { kStars, kPrefix, kEquals, kRegex };

  [[nodiscard]] JsonView Find(JsonView input) const;
  [[nodiscard]] bool Matches(std::string_view text) const;

  std::vector<std::string> path_;
  Kind kind_ = Kind::kStars;
  std::string text_;
  std::shared_ptr<const re2::RE2> regex_;
  std::string home_;
};

}  // namespace tutti::approvals
