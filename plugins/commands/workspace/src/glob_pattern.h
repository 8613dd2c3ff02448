// File name patterns: "**" any directories, "*" and "?" within one name, "[a-z]", "[!a-z]", "{a,b}". Matching takes
// linear time. Immutable; use from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tutti/sdk/status.hpp"

namespace re2 {
class RE2;
}

namespace tutti::workspace {

class GlobPattern {
 public:
  static Result<GlobPattern> Compile(std::string_view pattern);

  // `path` is relative, with '/' between names, without "./" in front.
  [[nodiscard]] bool Matches(std::string_view path) const;

 private:
  std::shared_ptr<const re2::RE2> expression_;
};

}  // namespace tutti::workspace
