// One entry of an agent's log: as a row of orchestrator.agent_logs, and as the live message about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"

namespace tutti::recorder {

// Whose entry it is.
struct Subject {
  std::string_view agent;
  std::string_view agent_name;
  std::string_view task_slug;
  std::string_view run;
  std::string_view stream;
};

struct AgentLog {
  // nullopt for a point that is not logged.
  static std::optional<AgentLog> FromPoint(std::string_view point, JsonView payload, std::uint32_t index,
                                           std::int64_t time_us);

  // Storage operations, a JSON array: the row, then its announcement.
  [[nodiscard]] std::string Operations(const Subject& subject) const;

  std::string id;
  std::string category;     // response | hook
  std::string live_type;    // TextBlock, ...
  std::string stored_type;  // text, ...
  std::string live_content;
  std::optional<std::string> stored_content;
  std::string summary;  // of the live message; the row's stays empty
  std::string payload;  // JSON object
  std::uint32_t index = 0;
  std::string timestamp;
};

}  // namespace tutti::recorder
