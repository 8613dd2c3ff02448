// The files of the page, as they lay in page/ when the library was built.
#pragma once

#include <span>
#include <string_view>

namespace tutti::console {

struct PageFile {
  std::string_view name;
  std::string_view etag;  // with its quotes; of the content
  std::string_view text;
};

std::span<const PageFile> PageFiles();

}  // namespace tutti::console
