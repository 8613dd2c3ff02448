// The folders of examples/ that `tutti plugin new` starts from. The program carries them, so that it needs nothing
// beside it; they are the same files that the tests build.
#pragma once

#include <string_view>
#include <vector>

namespace tutti::host {

struct StarterFile {
  std::string_view path;  // within the folder
  std::string_view text;
};

struct Starter {
  std::string_view kind;
  std::string_view language;
  std::vector<StarterFile> files;
};

// Sorted by kind and language.
const std::vector<Starter>& Starters();

}  // namespace tutti::host
