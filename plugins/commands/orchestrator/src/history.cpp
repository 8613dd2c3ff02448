#include "history.h"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "tutti/sdk/text.hpp"

namespace tutti::orchestrator {
namespace {

constexpr const char* kChatColumns[] = {"id",          "created_at",    "updated_at", "orchestrator_agent_id",
                                        "sender_type", "receiver_type", "message",    "agent_id",
                                        "metadata"};

// What one block of system_logs looks like in the chat.
std::string BlockBranch(const ChatHistory& history, std::string_view stored_type, std::string_view metadata) {
  JsonObject select;
  select("id", "id").Raw("orchestrator_agent_id", JsonObject()("value", history.orchestrator).Take());
  select.Raw("sender_type", R"({"value":"orchestrator"})").Raw("receiver_type", R"({"value":"user"})");
  select.Raw("message", R"({"value":""})").Raw("agent_id", R"({"value":null})");
  select.Raw("metadata", JsonObject().Raw("object", metadata).Take());
  select("created_at", "timestamp")("updated_at", "timestamp");
  JsonObject where;
  where("metadata->orchestrator_agent_id", history.orchestrator)("metadata->type", stored_type);
  JsonObject branch;
  branch("from", "orchestrator.system_logs").Raw("select", select.Take()).Raw("where", where.Take());
  return branch.Raw("order", R"([{"by":"timestamp","desc":true}])")("limit", history.limit).Take();
}

std::string Events(std::string_view rows, std::string_view count) {
  return JsonObject()("status", "success").Raw("events", rows).Raw("count", count).Take();
}

void AddBefore(const std::string& before, std::string_view column, JsonObject* where) {
  if (!before.empty()) {
    where->Raw(column, JsonObject()("lt", before).Take());
  }
}

bool Names(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == name) {
      return true;
    }
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

std::string ChatHistory::Batch() const {
  JsonWriter columns;
  columns.BeginArray();
  for (const char* column : kChatColumns) {
    columns.Value(column);
  }
  const std::string mine = JsonObject()("orchestrator_agent_id", orchestrator).Take();
  JsonObject chat;
  chat("from", "orchestrator.orchestrator_chat").Raw("select", columns.EndArray().Take()).Raw("where", mine);
  chat.Raw("order", R"([{"by":"created_at","desc":true}])")("limit", limit);
  JsonWriter blocks;
  blocks.BeginArray();
  blocks.Raw(BlockBranch(*this, "thinking_block", R"({"type":{"value":"thinking"},"thinking":"metadata->thinking"})"));
  blocks.Raw(BlockBranch(*this, "tool_use_block",
                         R"({"type":{"value":"tool_use"},"tool_name":"metadata->tool_name",)"
                         R"("tool_input":"metadata->tool_input"})"));
  // Blocks have one limit over both kinds, beside that of the lines.
  const std::string both = JsonObject().Raw("branches", blocks.EndArray().Take())("limit", limit).Take();
  JsonWriter branches;
  branches.BeginArray().Raw(chat.Take()).Raw(both).EndArray();
  Op items("query", {});
  items.Raw("branches", branches.Take())("reverse", true);
  items.Raw("total", JsonObject()("from", "orchestrator.orchestrator_chat").Raw("where", mine).Take());
  return tutti::Batch().Add(items).Take();
}

std::string ChatHistory::Answer(const StoreReply& reply) {
  return JsonObject()("status", "success")
      .Raw("messages", reply.Rows(0))
      .Raw("turn_count", reply.Member(0, "total"))
      .Take();
}

Result<EventHistory> EventHistory::Read(JsonView args, std::string_view orchestrator, std::int64_t most) {
  EventHistory history;
  history.orchestrator = orchestrator;
  history.agent = args["agent_id"].AsString();
  history.task_slug = args["task_slug"].AsString();
  if (!history.agent.empty() && !IsUuid(history.agent)) {
    return Status::InvalidArgument("agent_id: expected a UUID, found \"" + CleanUtf8(Utf8Prefix(history.agent, 60)) +
                                   "\"");
  }
  history.limit = args["limit"].AsInt(history.limit);
  history.offset = args["offset"].AsInt();
  history.before = args["before"].AsString();
  if (history.limit < 0 || history.offset < 0) {
    return Status::InvalidArgument("limit and offset: expected numbers of at least 0");
  }
  history.limit = std::min(history.limit, most);
  const std::string_view types = args["event_types"].AsString("all");
  history.with_agent_logs = types == "all" || Names(types, "agent_logs");
  history.with_chat = types == "all" || Names(types, "orchestrator_chat");
  history.with_system_logs = Names(types, "system_logs");
  return history;
}

bool EventHistory::empty() const {
  return limit == 0 || (!with_agent_logs && !with_system_logs && !with_chat);
}

std::string EventHistory::EmptyAnswer() {
  return Events("[]", "0");
}

std::string EventHistory::AgentLogs() const {
  JsonObject select;
  select.Raw("sourceType", R"({"value":"agent_log"})");
  for (const char* column : {"id", "agent_id", "session_id", "task_slug", "adw_id", "adw_step", "entry_index",
                             "event_category", "event_type", "content", "payload", "summary", "timestamp"}) {
    select(column, "l." + std::string(column));
  }
  JsonObject where;
  JsonObject branch;
  branch("from", "orchestrator.agent_logs")("as", "l");
  if (agent.empty()) {
    select("agent_name", "a.name");
    // A table holds the logs of every session there ever was: a session's newest are found agent by agent.
    JsonObject join;
    join("table", "orchestrator.agents")("as", "a").Raw("on", R"({"l.agent_id":"a.id"})");
    join.Raw("where", JsonObject()("orchestrator_agent_id", orchestrator).Take())("each", true);
    branch.Raw("join", "[" + join.Take() + "]");
  } else {
    where("l.agent_id", agent);
  }
  if (is_one_task()) {
    where("l.task_slug", task_slug);
  }
  AddBefore(before, "l.timestamp", &where);
  branch.Raw("select", select.Take()).Raw("where", where.Take());
  branch.Raw("order", is_one_task() ? R"([{"by":"l.entry_index"}])" : R"([{"by":"l.timestamp","desc":true}])");
  return branch("limit", limit)("offset", offset).Take();
}

std::string EventHistory::SystemLogs() const {
  JsonObject select;
  select.Raw("sourceType", R"({"value":"system_log"})");
  for (const char* column : {"id", "file_path", "adw_id", "level", "message", "summary", "metadata", "timestamp"}) {
    select(column, column);
  }
  JsonObject branch;
  branch("from", "orchestrator.system_logs").Raw("select", select.Take());
  JsonObject where;
  where("metadata->orchestrator_agent_id", orchestrator);
  AddBefore(before, "timestamp", &where);
  branch.Raw("where", where.Take());
  return branch.Raw("order", R"([{"by":"timestamp","desc":true}])")("limit", limit)("offset", offset).Take();
}

std::string EventHistory::Chat() const {
  JsonObject select;
  select.Raw("sourceType", R"({"value":"orchestrator_chat"})");
  for (const char* column : kChatColumns) {
    select(column, column);
  }
  JsonObject branch;
  branch("from", "orchestrator.orchestrator_chat").Raw("select", select.Take());
  JsonObject where;
  where("orchestrator_agent_id", orchestrator);
  AddBefore(before, "created_at", &where);
  branch.Raw("where", where.Take());
  return branch.Raw("order", R"([{"by":"created_at","desc":true}])")("limit", limit)("offset", offset).Take();
}

std::string EventHistory::Batch() const {
  JsonWriter branches;
  branches.BeginArray();
  int count = 0;
  const auto add = [&](bool is_wanted, const std::string& branch) {
    if (is_wanted) {
      branches.Raw(branch);
      ++count;
    }
  };
  add(with_agent_logs && !is_one_task(), AgentLogs());
  add(with_system_logs, SystemLogs());
  add(with_chat, Chat());
  tutti::Batch batch;
  if (count > 0) {
    Op op("query", {});
    batch.Add(op.Raw("branches", branches.EndArray().Take())("limit", limit)("reverse", true));
  }
  if (is_one_task()) {
    batch.AddJson(R"({"op":"query",)" + AgentLogs().substr(1));
  }
  return batch.Take();
}

std::string EventHistory::Answer(const StoreReply& reply) const {
  if (reply.size() == 1) {
    return Events(reply.Rows(0), reply.Member(0, "count"));
  }
  // The rows of one task beside others: merged by time here, of which the newest `limit` are kept.
  std::vector<std::pair<std::string, std::string>> merged;
  for (std::size_t i = 0; i < reply.size(); ++i) {
    const Result<Json> rows = Json::Parse(reply.Rows(i));
    if (!rows.ok()) {
      continue;
    }
    rows->view().ForEach([&](JsonView row) {
      const std::string_view time = row["timestamp"].AsString(row["created_at"].AsString());
      merged.emplace_back(time, row.Dump());
    });
  }
  std::stable_sort(merged.begin(), merged.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const std::size_t most = static_cast<std::size_t>(limit);
  const std::size_t begin = merged.size() > most ? merged.size() - most : 0;
  JsonWriter kept;
  kept.BeginArray();
  for (std::size_t i = begin; i < merged.size(); ++i) {
    kept.Raw(merged[i].second);
  }
  return Events(kept.EndArray().Take(), std::to_string(merged.size() - begin));
}

}  // namespace tutti::orchestrator
