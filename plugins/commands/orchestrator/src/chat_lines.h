// ChatLines: what is stored in the chat and shown at once, and the figures that go with it.
#pragma once

#include <string>
#include <string_view>

#include "agent_rows.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// A line of the user with its announcement. Its id.
std::string AddUserLine(Batch& batch, std::string_view orchestrator, std::string_view text);

// The same for a typed command, which is open until CloseCommandLine: one that stays so was cut off.
std::string AddCommandLine(Batch& batch, std::string_view orchestrator, std::string_view text);
Op CloseCommandLine(std::string_view line);

// The commands that were cut off, oldest first: rows {"id","message"}.
Op OpenCommandLines(std::string_view orchestrator, std::int64_t limit);

// A line of the orchestrator that no model wrote. `id`: of the line, empty for a new one.
void AddReplyLine(Batch& batch, std::string_view orchestrator, std::string_view text, std::string_view id = {});

// The figures as the row has them, without a change.
void AddFigures(Batch& batch, std::string_view orchestrator);

// What a turn of `conversation` used up, as far as the chat is still in it, with its cost in any case, and the figures.
// With `has_session` the conversation is what the row is resumed by from now on.
void AddAccount(Batch& batch, std::string_view orchestrator, std::string_view conversation, const TurnTotals& totals,
                bool has_session);

// A new conversation, its tokens counted from zero.
Op BeginConversation(std::string_view orchestrator, std::string_view conversation);

// What the row says of the conversation beside its totals. `system_info`: JSON object, taken once per conversation.
std::string MetadataBatch(std::string_view orchestrator, std::string_view conversation, const TurnTotals& totals,
                          std::string_view system_info);

// Journal events of the orchestrator itself.
Op AppendFor(std::string_view orchestrator, std::string_view type, std::string_view data);

// Stores what must not be lost; what cannot be stored after a while is logged as `what`.
Task<Status> StorePatiently(Host host, std::string batch, std::string what);

// Transient: the typing dots go on, or off together with the end of what was said.
void ShowTyping(const Host& host, const std::string& orchestrator);
void ShowNoTyping(const Host& host, const std::string& orchestrator);
void ShowEnd(const Host& host, const std::string& orchestrator);

}  // namespace tutti::orchestrator
