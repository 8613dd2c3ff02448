// The word for a TUTTI_SURFACE_*.
#pragma once

#include <cstdint>
#include <iterator>

#include "tutti/abi/core.h"

namespace tutti::host {

inline const char* SurfaceName(std::uint32_t surface) {
  constexpr const char* kNames[] = {"internal", "rest", "websocket", "slash", "tool", "mcp"};
  return surface < std::size(kNames) ? kNames[surface] : "internal";
}

}  // namespace tutti::host
