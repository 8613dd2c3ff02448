// Context: what every part of the orchestrator refers to while it is active.
#pragma once

#include <string>

#include "settings.h"
#include "tutti/sdk/host.hpp"

namespace tutti::orchestrator {

// The row this process works as.
struct Session {
  std::string id;            // of orchestrator_agents; also the journal stream
  std::string conversation;  // what the session is resumed by
  bool has_session_id = false;
  bool has_system_info = false;
};

struct Context {
  // The model to use for a request: aliases resolved, empty = `fallback`, and when that is empty the model plugin's
  // own.
  [[nodiscard]] std::string ResolveModel(std::string_view requested, const std::string& fallback) const;

  Host host;
  Settings settings;
  Session session;
};

}  // namespace tutti::orchestrator
