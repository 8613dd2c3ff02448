#include "chat_lines.h"

#include <utility>

#include "chat_blocks.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"
#include "wire_messages.h"

namespace tutti::orchestrator {
namespace {

std::string LineBatch(std::string_view orchestrator, bool is_user, std::string_view text) {
  const std::string id = NewUuid();
  const std::string now = NowIso();
  return ChatLineBatch({.id = id,
                        .orchestrator = orchestrator,
                        .sender = is_user ? "user" : "orchestrator",
                        .receiver = is_user ? "orchestrator" : "user",
                        .text = text,
                        .metadata = is_user ? "{}" : R"({"type":"text_chunk"})",
                        .time = now})
      .Take();
}

std::string AccountBatch(const std::string& orchestrator, const ChatAccount& account, bool with_metadata) {
  Op update = Op::Update("orchestrator.orchestrator_agents", JsonObject()("id", orchestrator).Take());
  update("label", "totals").Raw("add", account.totals.Additions());
  JsonObject set;
  bool has_set = account.totals.AddResets(set);
  if (!account.session_id.empty()) {
    set("session_id", account.session_id);
    has_set = true;
  }
  if (has_set) {
    update.Raw("set", set.Take());
  }
  JsonObject metadata;
  bool has_metadata = account.totals.AddContext(metadata);
  if (!account.system_info.empty()) {
    metadata.Raw("system_message_info", account.system_info);
    has_metadata = true;
  }
  if (has_metadata && with_metadata) {
    update.Raw("merge", JsonObject().Raw("metadata", metadata.Take()).Take());
  }
  update.Raw("return", R"(["input_tokens","output_tokens","total_cost","updated_at"])");
  Op append = Op::Append(orchestrator, "orchestrator_updated", wire::OrchestratorUpdated(orchestrator));
  append.Raw("refs", R"({"/data/orchestrator/input_tokens":"totals.rows/0/new/input_tokens",)"
                     R"("/data/orchestrator/output_tokens":"totals.rows/0/new/output_tokens",)"
                     R"("/data/orchestrator/total_cost":"totals.rows/0/new/total_cost",)"
                     R"("/data/orchestrator/updated_at":"totals.rows/0/new/updated_at"})");
  Batch batch;
  batch.Add(update);
  if (!account.is_silent) {
    batch.Add(append);
  }
  return batch.Take();
}

}  // namespace

Task<Status> AddUserLine(Host host, tutti_call parent, std::string orchestrator, std::string text) {
  std::string batch = LineBatch(orchestrator, true, text);
  const Result<StoreReply> stored = co_await Execute(host, parent, std::move(batch));
  co_return stored.status();
}

Task<void> AddReply(Host host, std::string orchestrator, std::string text) {
  std::string batch = LineBatch(orchestrator, false, text);
  const Result<StoreReply> stored = co_await ExecutePatiently(host, std::move(batch));
  if (!stored.ok()) {
    host.Log(TUTTI_LOG_ERROR, "an answer could not be stored in the chat",
             JsonObject()("error", stored.status().ToString()).Take());
  }
}

Task<void> Announce(Host host, std::string orchestrator, std::string type, std::string data) {
  std::string batch = Batch().Add(Op::Append(orchestrator, type, data)).Take();
  const Result<StoreReply> stored = co_await Execute(host, 0, std::move(batch));
  if (!stored.ok()) {
    host.Publish(orchestrator, type, data);
  }
}

void ShowTyping(Host host, const std::string& orchestrator) {
  host.Publish(orchestrator, "chat_typing", wire::ChatTyping(orchestrator, true));
}

void ShowEnd(Host host, const std::string& orchestrator) {
  host.Publish(orchestrator, "chat_typing", wire::ChatTyping(orchestrator, false));
  host.Publish(orchestrator, "chat_stream", wire::ChatStreamEnd());
}

Task<Result<bool>> StoreAccount(Host host, std::string orchestrator, ChatAccount account) {
  bool has_metadata = true;
  Result<StoreReply> stored = co_await ExecutePatiently(host, AccountBatch(orchestrator, account, true));
  if (!stored.ok()) {
    // What the console merely shows must not cost the totals.
    host.Log(TUTTI_LOG_WARNING, "the metadata of a turn could not be stored",
             JsonObject()("error", stored.status().ToString()).Take());
    has_metadata = false;
    stored = co_await ExecutePatiently(host, AccountBatch(orchestrator, account, false));
  }
  if (!stored.ok()) {
    host.Log(TUTTI_LOG_ERROR, "the totals of a turn could not be stored",
             JsonObject()("error", stored.status().ToString()).Take());
    co_return stored.status();
  }
  co_return has_metadata;
}

}  // namespace tutti::orchestrator
