#pragma once

#include <cstdint>
#include <string_view>

#include "host/gateway/gateway.h"
#include "host/logging/logger.h"
#include "host/services/core.h"

namespace tutti::host {

// What host and plugins log, as lines of the logger. A notice goes to standard output as well, for the operator. Any
// thread.
class HostLog final : public LogSink {
 public:
  // `logger` outlives this object.
  explicit HostLog(Logger& logger) : logger_(logger) {}

  void Write(std::int32_t level, std::string_view plugin, std::string_view message, std::string_view fields) override;
  [[nodiscard]] bool Enabled(std::int32_t level) const override;

 private:
  Logger& logger_;
};

// One answered request, at debug level: a busy server answers more requests than anybody reads lines.
void LogAccess(LogSink& log, const Access& access);

}  // namespace tutti::host
