#include "program.h"

#include <algorithm>
#include <cctype>

namespace tutti::open_file {

Result<std::vector<std::string>> SplitCommand(std::string_view command) {
  std::vector<std::string> words;
  std::string word;
  bool is_in_word = false;
  char quote = 0;
  for (const char c : command) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      is_in_word = true;
    } else if (c == ' ' || c == '\t') {
      if (is_in_word) {
        words.push_back(std::move(word));
      }
      word.clear();
      is_in_word = false;
    } else {
      word += c;
      is_in_word = true;
    }
  }
  if (quote != 0) {
    return Status::InvalidArgument("command: a quote is not closed in: " + std::string(command));
  }
  if (is_in_word) {
    words.push_back(std::move(word));
  }
  if (words.empty() || words.front().empty()) {
    return Status::InvalidArgument("command: expected the name of a program, found \"" + std::string(command) + "\"");
  }
  return words;
}

bool IsYes(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower == "true" || lower == "1" || lower == "yes";
}

}  // namespace tutti::open_file
