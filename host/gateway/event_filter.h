// Which events of a stream a client asked for.
//
// Threads: a value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/events/event.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

struct EventFilter {
  // {"agent","run","tree": string, "types": [string]}, all optional, null like absent. INTERNAL names the member.
  static Result<EventFilter> Parse(JsonView json);

  // The same events as the journal's filters let through (tutti/abi/storage.h).
  [[nodiscard]] bool Lets(const Event& event) const;

  // The members of a journal operation that say the same.
  void AddTo(JsonObject& operation) const;

  auto operator<=>(const EventFilter&) const = default;

  // Empty lets everything through.
  std::string agent;
  std::string run;
  std::string tree;  // an agent's id: its events and those of all agents below it
  std::vector<std::string> types;
};

// Types with a dot are Tutti's own: a client that knows nothing of filters gets none of them.
inline bool IsOwnType(std::string_view type) {
  return type.find('.') != std::string_view::npos;
}

}  // namespace tutti::host
