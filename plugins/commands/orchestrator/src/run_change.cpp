#include "run_change.h"

#include "chat_lines.h"
#include "tutti/sdk/text.hpp"
#include "wire_messages.h"

namespace tutti::orchestrator {
namespace {

void AddAgentChange(Batch& batch, const RunChange& change) {
  const AgentKey key{.agent = change.agent, .stream = change.stream, .tree = change.tree};
  if (change.kind == "greeting") {
    // Nobody has heard of the agent yet.
    if (change.to == "done") {
      AddGreetingEnd(batch, key, change.conversation, change.totals);
    } else if (change.has_ended()) {
      batch.Add(ArchiveAgent(change.agent));
    }
    return;
  }
  if (change.to == "running") {
    AddStatus(batch, key, "executing");
  } else if (change.to == "waiting") {
    AddStatus(batch, key, "waiting");
  } else if (change.to == "queued") {
    AddStatus(batch, key, "idle");
  } else if (change.has_ended() && !change.was_dropped()) {
    // A compaction that failed leaves everything as it was.
    const bool is_blocked = change.to == "failed" && !change.is_compaction();
    AddTurnEnd(batch, key, change.conversation, change.totals, is_blocked ? "blocked" : "idle");
  }
}

void AddChatChange(Batch& batch, const RunChange& change) {
  if (!change.has_ended() || (change.was_dropped() && !change.is_compaction())) {
    return;
  }
  if (change.is_compaction()) {
    AddAccount(batch, change.agent, change.conversation, change.totals, false);
    return;
  }
  if (change.to == "failed") {
    batch.Add(AppendFor(change.agent, "error", wire::Error(CleanUtf8(change.error))));
    return;
  }
  AddAccount(batch, change.agent, change.conversation, change.totals, true);
  if (change.to == "interrupted" && change.is_followed) {
    batch.Add(AppendFor(change.agent, "system_log",
                        wire::SystemLog("WARNING", "The previous task was interrupted by a new message")));
  }
}

}  // namespace

RunChange RunChange::Read(JsonView payload) {
  const auto text = [&](const char* member) { return std::string(payload[member].AsString()); };
  RunChange change;
  change.run = text("run");
  change.conversation = text("conversation");
  change.agent = text("agent");
  change.stream = text("stream");
  change.tree = text("tree");
  change.role = payload["labels"]["role"].AsString();
  change.kind = payload["labels"]["kind"].AsString("prompt");
  change.from = text("from");
  change.to = text("to");
  change.reason = text("reason");
  change.error = text("error");
  change.code = text("code");
  change.text = payload["totals"]["text"].AsString();
  change.totals = TurnTotals::Read(payload["totals"]);
  return change;
}

void AddBookkeeping(Batch& batch, const RunChange& change) {
  if (change.is_of_agent()) {
    AddAgentChange(batch, change);
  } else if (change.is_of_chat()) {
    AddChatChange(batch, change);
  }
}

}  // namespace tutti::orchestrator
