// The scripts in scripts/*.yaml, compiled in so that the model works without any file beside the library.
#pragma once

#include <string_view>
#include <vector>

namespace tutti::rehearsal {

struct ShippedScript {
  const char* name;
  std::string_view yaml;
};

// In the order of their file names. `fallback.yaml` is not among them.
std::vector<ShippedScript> ShippedScripts();

// Answers whatever no other scene does; always tried last.
ShippedScript FallbackScript();

}  // namespace tutti::rehearsal
