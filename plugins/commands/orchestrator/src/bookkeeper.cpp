#include "bookkeeper.h"

#include <utility>

#include "chat_lines.h"
#include "listed_commands.h"
#include "run_starts.h"
#include "tool_texts.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {

Task<std::string> Bookkeeper::Record(RunChange change) {
  Batch batch;
  if (change.to == "failed" && !change.is_compaction()) {
    context_.host.Log(TUTTI_LOG_WARNING,
                      change.is_of_chat() ? "a turn of the orchestrator failed" : "a turn of an agent failed",
                      JsonObject()("run", change.run)("agent", change.agent)("error", change.error).Take());
  }
  if (change.is_of_chat()) {
    RunChange copy = change;
    if (change.is_compaction() && change.has_ended()) {
      const bool is_stored = co_await StoreReplyOf(std::move(copy));
      if (!is_stored) {
        AddReplyLine(batch, change.agent, texts::Compacted(change), change.run);
      }
    }
    if (change.to == "interrupted" && !change.was_dropped()) {
      copy = change;
      change.is_followed = co_await IsFollowed(std::move(copy));
    }
    Show(change);
    const bool is_told = change.to == "done" || (change.to == "interrupted" && !change.was_dropped());
    if (is_told && change.agent == context_.session.id) {
      copy = change;
      co_await StoreMetadata(std::move(copy));
    }
  }
  AddBookkeeping(batch, change);
  co_return batch.empty() ? std::string() : batch.Ops();
}

bool Bookkeeper::IsChatBusy() const {
  const std::lock_guard lock(mutex_);
  return !at_work_.empty();
}

void Bookkeeper::Show(const RunChange& change) {
  const bool is_at_work = change.to == "running" || change.to == "waiting";
  {
    const std::lock_guard lock(mutex_);
    if (is_at_work) {
      at_work_.insert(change.run);
    } else {
      at_work_.erase(change.run);
    }
  }
  if (change.to == "running") {
    ShowTyping(context_.host, change.agent);
  } else if (change.to == "failed" && !change.is_compaction()) {
    ShowNoTyping(context_.host, change.agent);
  } else if (change.has_ended() && (!change.was_dropped() || change.is_compaction())) {
    ShowEnd(context_.host, change.agent);
  }
}

// Before the step, for the answer comes before the dots go off. It has the id of the run, so there is one of it,
// however often the step is tried. false: it has to go with the step.
Task<bool> Bookkeeper::StoreReplyOf(RunChange change) {
  Batch batch;
  AddReplyLine(batch, change.agent, texts::Compacted(change), change.run);
  const Result<StoreReply> stored = co_await Execute(context_.host, 0, batch.Take());
  co_return stored.ok() || stored.status().code() == Code::kAlreadyExists;
}

// Whether it was interrupted for a new message, which is accepted already and waits.
Task<bool> Bookkeeper::IsFollowed(RunChange change) {
  Batch batch;
  batch.Add(CountWaiting(change.agent));
  const Result<StoreReply> waiting = co_await Execute(context_.host, 0, batch.Take());
  co_return waiting.ok() && !CheckRoom(waiting->Rows(0), 1, "messages").ok();
}

// Apart from the step, and before it: what the console merely shows must not cost the totals. The same again does no
// harm.
Task<void> Bookkeeper::StoreMetadata(RunChange change) {
  std::string info;
  if (!change.is_compaction()) {
    const std::string commands = co_await ListedCommands(context_.host, 0);
    info = SystemInfo(change.conversation, commands);
  }
  std::string batch = MetadataBatch(change.agent, change.conversation, change.totals, info);
  const Result<StoreReply> stored = co_await Execute(context_.host, 0, std::move(batch));
  if (!stored.ok()) {
    context_.host.Log(TUTTI_LOG_WARNING, "the metadata of a turn could not be stored",
                      JsonObject()("error", stored.status().ToString()).Take());
  }
}

std::string Bookkeeper::SystemInfo(std::string_view conversation, std::string_view commands) const {
  JsonWriter names;
  names.BeginArray();
  for (const std::string& tool : tools_) {
    names.Value(tool);
  }
  JsonObject info;
  info("session_id", conversation)("cwd", context_.settings.working_dir);
  info.Raw("tools", names.EndArray().Take())("model", context_.ResolveModel({}, context_.settings.model));
  info("subtype", "init")("captured_at", NowIso()).Raw("slash_commands", commands);
  return info.Take();
}

}  // namespace tutti::orchestrator
