// The commands of a line that consists of plain words only: what a rule that allows something may rely on.
//
// ReadShell (shell_reading.h) guesses what a line might run, so that rules that deny miss little. Here it is the other
// way round: a line is plain when everything in it is understood, and else it is not. Plain are words, quotes, "$NAME"
// in arguments, comments, && || ; | & and newlines, "$(...)" around plain lines, and redirections that write nothing
// (2>&1, >/dev/null). Not plain are among others variables as commands, ${...}, $((...)), backquotes, here-documents,
// process substitution, subshells and every other redirection.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::shell {

// Each simple command in the order of its end, its words with single spaces between; a word with anything but letters,
// digits and harmless signs is quoted, so that "git 'status x'" is not "git status x". std::nullopt: not plain.
// Assignments and keywords stand as they are: "PATH=/x git status" does not begin with "git". Time is linear, nesting
// is bounded.
std::optional<std::vector<std::string>> PlainCommands(std::string_view line);

}  // namespace tutti::shell
