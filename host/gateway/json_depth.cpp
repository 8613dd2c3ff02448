#include "host/gateway/json_depth.h"

#include <string>

namespace tutti::host {

bool IsNestedDeeper(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) {
    return false;
  }
  std::size_t depth = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_string) {
      if (c == '\\') {
        ++i;
      } else {
        is_in_string = c != '"';
      }
    } else if (c == '"') {
      is_in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limit) {
        return true;
      }
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

Status CheckJsonDepth(std::string_view args) {
  if (!IsNestedDeeper(args, kMaxJsonDepth)) {
    return {};
  }
  return Status::InvalidArgument("expected arguments nested at most " + std::to_string(kMaxJsonDepth) +
                                 " levels deep, found more; make them flatter");
}

}  // namespace tutti::host
