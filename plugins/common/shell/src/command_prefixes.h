// What a simple command runs besides itself: env, nice, timeout, xargs and the like run the command behind them; bash
// -c, eval and trap run a text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tutti::shell {

struct Word {
  std::string text;
  bool is_quoted = false;
};

using Words = std::vector<Word>;

std::string BaseName(std::string_view program);

bool IsShell(std::string_view name);

// "NAME=value"
bool IsAssignment(std::string_view word);

// The commands in `words`, outermost first: itself where it means something on its own (sudo, find), then what it runs.
// Never empty; none of them is.
std::vector<Words> Unwrap(const Words& words);

// Texts that the command hands to a shell.
std::vector<std::string> InnerScripts(const Words& words);

}  // namespace tutti::shell
