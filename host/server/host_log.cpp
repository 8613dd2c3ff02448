#include "host/server/host_log.h"

#include <string>

#include "host/server/say.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

void HostLog::Write(std::int32_t level, std::string_view plugin, std::string_view message, std::string_view fields) {
  const bool is_notice = level == TUTTI_LOG_NOTICE;
  if (is_notice) {
    Say(std::string(message));
  }
  const LogLevel at = is_notice ? LogLevel::kInformation : static_cast<LogLevel>(level);
  if (plugin.empty()) {
    logger_.WriteJson(at, message, fields);
  } else {
    logger_.WriteJson(at, message, fields, {{"plugin", plugin}});
  }
}

bool HostLog::Enabled(std::int32_t level) const {
  return logger_.IsEnabled(level == TUTTI_LOG_NOTICE ? LogLevel::kInformation : static_cast<LogLevel>(level));
}

void LogAccess(LogSink& log, const Access& access) {
  if (log.Enabled(TUTTI_LOG_DEBUG)) {
    log.Write(TUTTI_LOG_DEBUG, "", "request",
              JsonObject()("method", access.method)("path", CleanUtf8(access.path))("client", access.client)(
                  "status", access.status)("us", access.duration_us)
                  .Take());
  }
}

}  // namespace tutti::host
