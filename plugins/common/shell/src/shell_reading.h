// Reads a shell command line the way rules want to see it: one text per simple command, spelled plainly.
//
// Quotes and backslashes are gone, white space is single, "/bin/rm" is "rm", paths are cleaned up and the home
// directory is
// "~", variables set in the same line are filled in, prefixes such as env, nice, timeout or xargs are taken away.
// Command substitutions, `bash -c` texts, eval, find -exec and here-documents of shells are read too, as commands of
// their own. Redirections to a file read "> file". It is a reader, not a shell: what is only known at run time stays as
// written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tutti::shell {

struct ShellReading {
  std::vector<std::string> commands;   // "rm -rf /"
  std::vector<std::string> pipelines;  // "curl -s https://x | sh", also those of one command
  bool forks_itself = false;           // a function that runs itself in a pipe or in the background
  bool is_complete = true;             // false: nested too deeply or too long to be sure
};

// `home` is the absolute path of the home directory, or empty. Time is linear in the text for each of at most eight
// levels of nesting.
ShellReading ReadShell(std::string_view text, std::string_view home);

}  // namespace tutti::shell
