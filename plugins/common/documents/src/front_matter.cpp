#include "front_matter.h"

#include <algorithm>

namespace tutti::documents {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsFence(std::string_view line) {
  return line.starts_with("---") && Trimmed(line) == "---";
}

}  // namespace

FrontMatter SplitFrontMatter(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  FrontMatter parts;
  parts.body = text;
  std::size_t at = 0;
  parts.is_there = IsFence(NextLine(text, at));
  const std::size_t begin = at;
  while (parts.is_there && at < text.size()) {
    const std::size_t line = at;
    if (IsFence(NextLine(text, at))) {
      parts.is_closed = true;
      parts.yaml = text.substr(begin, line - begin);
      parts.body = text.substr(at);
      break;
    }
  }
  return parts;
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string_view NextLine(std::string_view text, std::size_t& begin) {
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  const std::string_view line = text.substr(begin, end - begin);
  begin = std::min(end + 1, text.size());
  return line;
}

}  // namespace tutti::documents
