// The steady clock of all deadlines here, in milliseconds. [any]
#pragma once

#include <chrono>
#include <cstdint>

namespace tutti::transport::http {

inline std::int64_t SteadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace tutti::transport::http
