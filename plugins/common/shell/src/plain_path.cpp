#include "plain_path.h"

#include <algorithm>
#include <vector>

namespace tutti::shell {

std::string PlainPath(std::string_view path, std::string_view home) {
  // "of=/dev//sda" and "--file=/etc/../x" carry a path behind the equals sign.
  const std::size_t equals = path.find('=');
  const std::size_t slash = path.find('/');
  if (equals != std::string_view::npos && slash != std::string_view::npos && equals < slash) {
    return std::string(path.substr(0, equals + 1)) + PlainPath(path.substr(equals + 1), home);
  }
  if (slash == std::string_view::npos || path.find("://") != std::string_view::npos ||
      path.find_first_of(" \n") != std::string_view::npos) {
    return std::string(path);
  }
  const bool is_absolute = path.front() == '/';
  std::vector<std::string_view> names;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view name = path.substr(begin, end - begin);
    begin = end + 1;
    if (name.empty() || (name == "." && !(names.empty() && !is_absolute && end == path.size()))) {
      continue;
    }
    if (name == ".." && !names.empty() && names.back() != ".." && names.back() != "~") {
      names.pop_back();
    } else if (name != ".." || !is_absolute) {
      names.push_back(name);
    }
  }
  std::string plain = is_absolute ? "/" : "";
  for (std::size_t i = 0; i < names.size(); ++i) {
    plain.append(i > 0 ? "/" : "").append(names[i]);
  }
  if (plain.empty()) {
    plain = ".";
  }
  if (home.size() > 1 && plain.substr(0, home.size()) == home &&
      (plain.size() == home.size() || plain[home.size()] == '/')) {
    plain.replace(0, home.size(), "~");
  }
  return plain;
}

}  // namespace tutti::shell
