#include "slug.h"

#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {

std::string TaskSlug(std::string_view command, std::time_t now) {
  std::string slug;
  for (const char c : Utf8Prefix(command, 50)) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9')) {
      slug += lower;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  if (!slug.empty() && slug.back() == '-') {
    slug.pop_back();
  }
  if (slug.empty()) {
    slug = "task";
  }
  std::tm local{};
  localtime_r(&now, &local);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "-%Y%m%d-%H%M%S", &local);
  return slug + stamp;
}

}  // namespace tutti::orchestrator
