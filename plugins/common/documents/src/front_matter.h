// Front matter: YAML between a first line `---` and the next one, before the text of a Markdown file.
//
// Pure functions; any thread.
#pragma once

#include <string_view>

namespace tutti::documents {

struct FrontMatter {
  bool is_there = false;   // the first line is `---`
  bool is_closed = false;  // and a later one too
  std::string_view yaml;   // empty unless closed
  std::string_view body;   // what follows; everything when there is no front matter, or it does not end
};

// A byte order mark is passed over. The parts are views of `text`.
FrontMatter SplitFrontMatter(std::string_view text);

// Without white space at both ends.
std::string_view Trimmed(std::string_view text);

// The next line of `text` from `begin` on, without its line feed; `begin` moves behind it.
std::string_view NextLine(std::string_view text, std::size_t& begin);

}  // namespace tutti::documents
