// ChatLines: what is stored in the chat and shown at once, and the figures that go with it.
#pragma once

#include <string>
#include <string_view>

#include "agent_rows.h"
#include "context.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// Stores and announces a line of the user. `parent` as for Host::Execute.
Task<Status> AddUserLine(Host host, tutti_call parent, std::string orchestrator, std::string text);

// Stores and announces a line of the orchestrator that no model wrote. What cannot be stored is logged.
Task<void> AddReply(Host host, std::string orchestrator, std::string text);

// Durable where the storage takes it; what cannot be stored is at least shown.
Task<void> Announce(Host host, std::string orchestrator, std::string type, std::string data);

// Transient: the typing dots go on, or off together with the end of what was said.
void ShowTyping(Host host, const std::string& orchestrator);
void ShowEnd(Host host, const std::string& orchestrator);

// What a turn leaves in the orchestrator's row.
struct ChatAccount {
  TurnTotals totals;
  std::string session_id;   // set when not empty
  std::string system_info;  // merged into the metadata when not empty, a JSON object
  bool is_silent = false;   // stored without being announced
};

// Adds it to the row and announces the sums, in one batch. false: without the metadata, which could not be stored.
Task<Result<bool>> StoreAccount(Host host, std::string orchestrator, ChatAccount account);

}  // namespace tutti::orchestrator
