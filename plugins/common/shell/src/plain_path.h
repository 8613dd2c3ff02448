// One spelling per path, for rules that compare texts. Looks at no file.
#pragma once

#include <string>
#include <string_view>

namespace tutti::shell {

// "/a//b/../c" becomes "/a/c", `home` in front becomes "~". Other texts stay as they are.
std::string PlainPath(std::string_view path, std::string_view home);

}  // namespace tutti::shell
