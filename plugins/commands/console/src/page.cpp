#include "page.h"

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::console {
namespace {

// Everything comes from this server and nothing is made from text: what agents write can neither run nor load anything,
// nor can another site put the page into a frame.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

std::string_view ContentType(std::string_view name) {
  struct Row {
    std::string_view ending;
    std::string_view type;
  };

  constexpr Row kRows[] = {{".html", "text/html; charset=utf-8"},
                           {".css", "text/css; charset=utf-8"},
                           {".js", "text/javascript; charset=utf-8"},
                           {".svg", "image/svg+xml; charset=utf-8"}};
  for (const Row& row : kRows) {
    if (name.ends_with(row.ending)) {
      return row.type;
    }
  }
  return "text/plain; charset=utf-8";
}

}  // namespace

Page::Page(std::span<const PageFile> files) {
  const std::string headers =
      JsonObject()("Content-Security-Policy", kPolicy)("Referrer-Policy", "no-referrer")(
          "Cross-Origin-Opener-Policy", "same-origin")("Cross-Origin-Resource-Policy", "same-origin")
          .Take();
  for (const PageFile& file : files) {
    JsonObject answer;
    answer("content_type", ContentType(file.name))("body", file.text)("etag", file.etag);
    // Kept by the browser, and asked for again each time: a new server never meets an old page.
    answer("cache_control", "no-cache").Raw("headers", headers);
    answers_.emplace(file.name, answer.Take());
  }
}

Result<std::string> Page::Answer(std::string_view name) const {
  const auto found = answers_.find(name);
  if (found == answers_.end()) {
    return Status::NotFound("the page has no file \"" + CleanUtf8(Utf8Prefix(name, 60)) + "\"");
  }
  return found->second;
}

}  // namespace tutti::console
