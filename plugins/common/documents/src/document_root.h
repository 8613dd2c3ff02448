// DocumentRoot: a directory that documents are looked for in, and how far links in it may lead.
//
// Immutable; any thread.
#pragma once

#include <string>

#include "descriptor.h"
#include "tutti/sdk/status.hpp"

namespace tutti::documents {

class DocumentRoot {
 public:
  // What the configuration says. "~/" at the front of `path` is the user's home.
  struct Settings {
    std::string path;
    std::string source;   // "project" or "user": shown with what is found
    std::string beneath;  // no link leads out of this directory, which holds `path`; empty: links lead anywhere
  };

  // `home`: the user's home; empty when there is none, and then what is beneath it is not there. INVALID_ARGUMENT when
  // `path` is not beneath `beneath`.
  static Result<DocumentRoot> Make(const Settings& settings, const std::string& home);

  // Empty: it cannot be there.
  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] const std::string& source() const { return source_; }

  // Opens what lies in it under `relative`; empty is the directory itself. When the result is empty errno says why;
  // EXDEV: a link leads out.
  [[nodiscard]] Descriptor Open(const std::string& relative, int flags) const;

  [[nodiscard]] std::string PathOf(const std::string& relative) const {
    return relative.empty() ? path_ : path_ + "/" + relative;
  }

 private:
  std::string path_, source_;
  std::string beneath_;  // empty: links lead anywhere
  std::string inside_;   // path_ as seen from beneath_; "." for itself
};

}  // namespace tutti::documents
