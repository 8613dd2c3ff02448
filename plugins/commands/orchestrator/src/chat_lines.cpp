#include "chat_lines.h"

#include <utility>

#include "chat_blocks.h"
#include "place.h"
#include "tutti/sdk/execute.hpp"
#include "tutti/sdk/text.hpp"
#include "wire_messages.h"

namespace tutti::orchestrator {
namespace {

constexpr std::string_view kRow = "orchestrator.orchestrator_agents";
constexpr std::string_view kLines = "orchestrator.orchestrator_chat";

std::string AddLine(Batch& batch, std::string_view orchestrator, bool is_user, std::string_view text,
                    std::string id = NewUuid()) {
  const std::string now = NowIso();
  const Batch line = ChatLineBatch({.id = id,
                                    .orchestrator = orchestrator,
                                    .sender = is_user ? "user" : "orchestrator",
                                    .receiver = is_user ? "orchestrator" : "user",
                                    .text = text,
                                    .metadata = is_user ? "{}" : R"({"type":"text_chunk"})",
                                    .time = now});
  const std::string operations = line.Ops();
  batch.AddJson(std::string_view(operations).substr(1, operations.size() - 2));
  return id;
}

// The row as long as no new conversation began behind `conversation`.
std::string InConversation(std::string_view orchestrator, std::string_view conversation) {
  const std::string same = JsonObject()("session_id", conversation).Take();
  return JsonObject()("id", orchestrator).Raw("or", "[" + same + R"(,{"session_id":null}])").Take();
}

void AddFigures(Batch& batch, std::string_view orchestrator, const TurnTotals& totals) {
  Op cost = Op::Update(kRow, JsonObject()("id", orchestrator).Take());
  cost("label", "figures").Raw("add", totals.CostToAdd());
  cost.Raw("return", R"(["input_tokens","output_tokens","total_cost","updated_at"])");
  Op told = AppendFor(orchestrator, "orchestrator_updated", wire::OrchestratorUpdated(orchestrator));
  told.Raw("refs", R"({"/data/orchestrator/input_tokens":"figures.rows/0/new/input_tokens",)"
                   R"("/data/orchestrator/output_tokens":"figures.rows/0/new/output_tokens",)"
                   R"("/data/orchestrator/total_cost":"figures.rows/0/new/total_cost",)"
                   R"("/data/orchestrator/updated_at":"figures.rows/0/new/updated_at"})");
  batch.Add(cost).Add(told);
}

}  // namespace

std::string AddUserLine(Batch& batch, std::string_view orchestrator, std::string_view text) {
  return AddLine(batch, orchestrator, true, text);
}

std::string AddCommandLine(Batch& batch, std::string_view orchestrator, std::string_view text) {
  std::string id = AddLine(batch, orchestrator, true, text);
  Op open = Op::Update(kLines, JsonObject()("id", id).Take());
  batch.Add(open.Raw("merge", R"({"metadata":{"is_open":true}})"));
  return id;
}

Op CloseCommandLine(std::string_view line) {
  Op op = Op::Update(kLines, JsonObject()("id", line).Take());
  op.Raw("set", R"({"metadata":{}})");
  return op;
}

Op OpenCommandLines(std::string_view orchestrator, std::int64_t limit) {
  Op op = Op::Query(kLines);
  op.Raw("where", JsonObject()("orchestrator_agent_id", orchestrator)("metadata->is_open", true).Take());
  op.Raw("select", R"(["id","message"])").Raw("order", R"([{"by":"created_at"}])")("limit", limit);
  return op;
}

void AddReplyLine(Batch& batch, std::string_view orchestrator, std::string_view text, std::string_view id) {
  (void)AddLine(batch, orchestrator, false, text, id.empty() ? NewUuid() : std::string(id));
}

void AddFigures(Batch& batch, std::string_view orchestrator) {
  AddFigures(batch, orchestrator, TurnTotals());
}

void AddAccount(Batch& batch, std::string_view orchestrator, std::string_view conversation, const TurnTotals& totals,
                bool has_session) {
  JsonObject set;
  const bool resets = totals.AddResets(set);
  if (has_session) {
    set("session_id", conversation);
  }
  Op tokens = Op::Update(kRow, InConversation(orchestrator, conversation));
  if (resets || has_session) {
    tokens.Raw("set", set.Take());
  }
  if (const std::string added = totals.TokensToAdd(); !added.empty()) {
    tokens.Raw("add", added);
  }
  batch.Add(tokens);
  AddFigures(batch, orchestrator, totals);
}

Op BeginConversation(std::string_view orchestrator, std::string_view conversation) {
  Op op = Op::Update(kRow, JsonObject()("id", orchestrator).Take());
  op.Raw("set", JsonObject()("session_id", conversation)("input_tokens", 0)("output_tokens", 0).Take());
  op.Raw("merge", R"({"metadata":{"context_tokens":0}})");
  return op;
}

std::string MetadataBatch(std::string_view orchestrator, std::string_view conversation, const TurnTotals& totals,
                          std::string_view system_info) {
  Batch batch;
  if (JsonObject metadata; totals.AddContext(metadata)) {
    Op context = Op::Update(kRow, InConversation(orchestrator, conversation));
    batch.Add(context.Raw("merge", JsonObject().Raw("metadata", metadata.Take()).Take()));
  }
  if (!system_info.empty()) {
    JsonObject where;
    where("id", orchestrator);
    where.Raw("metadata->system_message_info->session_id", JsonObject()("ne", conversation).Take());
    Op info = Op::Update(kRow, where.Take());
    const std::string metadata = JsonObject().Raw("system_message_info", system_info).Take();
    batch.Add(info.Raw("merge", JsonObject().Raw("metadata", metadata).Take()));
  }
  return batch.Take();
}

Op AppendFor(std::string_view orchestrator, std::string_view type, std::string_view data) {
  Op op = Op::Append(orchestrator, type, data);
  op("tree", Place::Of(orchestrator).tree());
  return op;
}

Task<Status> StorePatiently(Host host, std::string batch, std::string what) {
  const Result<StoreReply> stored = co_await ExecutePatiently(host, std::move(batch));
  if (!stored.ok()) {
    host.Log(TUTTI_LOG_ERROR, what, JsonObject()("error", stored.status().ToString()).Take());
  }
  co_return stored.status();
}

void ShowTyping(const Host& host, const std::string& orchestrator) {
  host.Publish(orchestrator, "chat_typing", wire::ChatTyping(orchestrator, true));
}

void ShowNoTyping(const Host& host, const std::string& orchestrator) {
  host.Publish(orchestrator, "chat_typing", wire::ChatTyping(orchestrator, false));
}

void ShowEnd(const Host& host, const std::string& orchestrator) {
  ShowNoTyping(host, orchestrator);
  host.Publish(orchestrator, "chat_stream", wire::ChatStreamEnd());
}

}  // namespace tutti::orchestrator
