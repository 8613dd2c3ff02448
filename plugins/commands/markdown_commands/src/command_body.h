// CommandBody: the text of a command, its places for arguments and its shell commands.
//
//   $ARGUMENTS             everything behind the command's name, as it was typed
//   $ARGUMENTS[0], $0      the first argument; $1 is the second
//   $name                  the argument of that name
//   ${CLAUDE_SESSION_ID}   the session; ${CLAUDE_SKILL_DIR} the directory of the file
//   \$1                    is $1 itself, and so for the others
//   !`ls`                  at the start of a line or behind white space: the output of the command
//   ```! ... ```           a block of lines, the same
//
// What has no argument stays as it is written, and so does everything else, @file references among them. Arguments are
// filled in once: what looks like a place or a command in them is text.
// Immutable; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::markdown_commands {

// What a body is filled in with.
struct Invocation {
  std::string_view typed;              // everything behind the name
  std::vector<std::string> arguments;  // the same, split
  std::string_view session;            // empty: not known
  std::string_view directory;          // of the file
};

// A part of the filled in text, in order.
struct ExpandedPart {
  bool is_shell = false;  // `text` is a command line whose output belongs here
  std::string text;
};

struct ExpandedBody {
  std::vector<ExpandedPart> parts;
  bool used_arguments = false;  // at least one place took an argument
};

class CommandBody {
 public:
  // `names`: of the arguments, the first one first.
  CommandBody(std::string_view text, const std::vector<std::string>& names);

  // INVALID_ARGUMENT when the text would have more than `most` bytes.
  [[nodiscard]] Result<ExpandedBody> Expand(const Invocation& invocation, std::size_t most) const;

 private:
  enum class Kind { kText, kEverything, kArgument, kSession, kDirectory };

  struct Piece {
    Kind kind = Kind::kText;
    std::string text;       // as it is written
    std::size_t index = 0;  // of an argument
  };

  struct Part {
    bool is_shell = false;
    std::vector<Piece> pieces;
  };

  static std::vector<Piece> Pieces(std::string_view text, const std::vector<std::string>& names);
  static Piece PlaceAt(std::string_view text, const std::vector<std::string>& names);
  static const std::string* ValueOf(const Piece& piece, const Invocation& invocation, std::string& buffer);

  std::vector<Part> parts_;
};

}  // namespace tutti::markdown_commands
