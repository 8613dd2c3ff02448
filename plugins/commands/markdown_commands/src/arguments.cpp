#include "arguments.h"

namespace tutti::markdown_commands {
namespace {

constexpr std::string_view kSpace = " \t\r\n\v\f";
constexpr std::string_view kEscapedInQuotes = "\"\\$`";

bool IsSpace(char c) {
  return kSpace.find(c) != std::string_view::npos;
}

// Appends what stands between the quote at `begin` and its partner, and returns the place behind that; `begin` itself
// when there is none.
std::size_t TakeQuoted(std::string_view text, std::size_t begin, std::string& word) {
  const char quote = text[begin];
  std::string inside;
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      word += inside;
      return i + 1;
    }
    const bool is_escape = quote == '"' && text[i] == '\\' && i + 1 < text.size() &&
                           kEscapedInQuotes.find(text[i + 1]) != std::string_view::npos;
    i += is_escape ? 1 : 0;
    inside += text[i];
  }
  return begin;
}

}  // namespace

std::vector<std::string> SplitArguments(std::string_view text) {
  std::vector<std::string> arguments;
  std::string word;
  bool is_word = false;
  // Once one of a kind has no partner, none after it has: looking again would cost the square of the text.
  bool has_single = true;
  bool has_double = true;
  for (std::size_t i = 0; i < text.size();) {
    if (IsSpace(text[i])) {
      if (is_word) {
        arguments.push_back(std::move(word));
        word.clear();
      }
      is_word = false;
      ++i;
      continue;
    }
    is_word = true;
    bool& may_close = text[i] == '"' ? has_double : has_single;
    if ((text[i] == '"' || text[i] == '\'') && may_close) {
      const std::size_t end = TakeQuoted(text, i, word);
      if (end > i) {
        i = end;
        continue;
      }
      may_close = false;
    }
    i += text[i] == '\\' && i + 1 < text.size() ? 1 : 0;
    word += text[i++];
  }
  if (is_word) {
    arguments.push_back(std::move(word));
  }
  return arguments;
}

}  // namespace tutti::markdown_commands
