// Page: what is answered for a file of the page, as a raw answer (tutti/abi/command.h).
//
// Immutable, any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "page_files.h"
#include "tutti/sdk/status.hpp"

namespace tutti::console {

class Page {
 public:
  static constexpr std::string_view kIndex = "index.html";

  // The answers are made here, once.
  explicit Page(std::span<const PageFile> files);

  // NOT_FOUND when the page has no such file.
  [[nodiscard]] Result<std::string> Answer(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> answers_;  // by name
};

}  // namespace tutti::console
