// How much a log line matters.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tutti/abi/log.h"

namespace tutti::host {

enum class LogLevel : std::int32_t {
  kTrace = TUTTI_LOG_TRACE,              // per event
  kDebug = TUTTI_LOG_DEBUG,              // per request
  kInformation = TUTTI_LOG_INFORMATION,  // life cycle changes
  kWarning = TUTTI_LOG_WARNING,          // it works, but less well
  kError = TUTTI_LOG_ERROR,              // someone must act
};

inline constexpr std::array<std::string_view, 5> kLogLevelNames = {"trace", "debug", "information", "warning", "error"};

inline std::string_view ToString(LogLevel level) {
  return kLogLevelNames.at(static_cast<std::size_t>(level));
}

inline std::optional<LogLevel> FindLogLevel(std::string_view name) {
  for (std::size_t i = 0; i < kLogLevelNames.size(); ++i) {
    if (kLogLevelNames[i] == name) {
      return static_cast<LogLevel>(i);
    }
  }
  return std::nullopt;
}

}  // namespace tutti::host
