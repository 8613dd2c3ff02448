#include "summary_rows.h"

#include "tutti/sdk/text.hpp"

namespace tutti::summarizer {
namespace {

constexpr int kLookedUp = 8;
constexpr std::string_view kSpending = "summaries.spending";

const char* TableName(Target::Table table) {
  switch (table) {
    case Target::Table::kChat:
      return "orchestrator.orchestrator_chat";
    case Target::Table::kSystemLog:
      return "orchestrator.system_logs";
    case Target::Table::kPrompt:
      return "orchestrator.prompts";
    case Target::Table::kAgentLog:
    case Target::Table::kFileChange:
      break;
  }
  return "orchestrator.agent_logs";
}

// Rows of hooks have an id that nobody is told, but their agent and their time are theirs alone.
std::string Where(const Job& job) {
  JsonObject where;
  if (!job.target.id.empty()) {
    where("id", job.target.id);
  } else {
    where("agent_id", job.subject)("timestamp", FormatMicros(job.time_us));
  }
  return where("summary", nullptr).Take();
}

Op Newest(Op op, std::string_view time_column) {
  op.Raw("order", "[" + JsonObject()("by", time_column)("desc", true).Take() + "]")("limit", kLookedUp)("reverse",
                                                                                                        true);
  return op;
}

std::string Since(std::string_view since) {
  return JsonObject()("ge", since).Take();
}

}  // namespace

std::string SummaryOperations(const Summary& summary, bool is_newest, const std::string& label) {
  const Job& job = summary.job;
  Op update = Op::Update(TableName(job.target.table), Where(job));
  update.Raw("set", JsonObject()("summary", summary.text).Take());
  if (!job.is_announced || !is_newest) {
    return update.Take();
  }
  update("label", label).Raw("return", R"(["summary"])");
  JsonObject message;
  message("type", "agent_summary_update")("agent_id", job.subject)("summary", summary.text)("timestamp", NowIso());
  Op append = Op::Append(job.stream, "agent_summary_update", message.Take());
  append("agent", job.subject);
  append.Raw("refs", JsonObject()("/data/summary", label + ".rows/0/new/summary").Take());
  return update.Take() + "," + append.Take();
}

std::string SpendingOperations(std::string_view stream, std::string_view model, const ModelReply* reply,
                               std::size_t events) {
  const std::string key = JsonObject()("orchestrator", stream)("model", model).Take();
  Op insert = Op::Insert(kSpending, key);
  insert("ignore_conflict", true);
  JsonObject add;
  add("calls", 1);
  if (reply == nullptr) {
    add("failed_calls", 1);
  } else {
    add("events", events)("input_tokens", reply->input_tokens)("output_tokens", reply->output_tokens);
    add("cache_read_tokens", reply->cache_read_tokens)("cache_write_tokens", reply->cache_write_tokens);
    reply->cost_usd ? add.Raw("cost_usd", *reply->cost_usd) : add("unpriced_calls", 1);
  }
  Op update = Op::Update(kSpending, key);
  update.Raw("add", add.Take());
  return insert.Take() + "," + update.Take();
}

Op UnsummedPrompts(std::string_view agent, std::string_view since) {
  Op op = Op::Query("orchestrator.prompts");
  op.Raw("where", JsonObject()("agent_id", agent)("summary", nullptr).Raw("timestamp", Since(since)).Take());
  op.Raw("select", R"(["id","prompt_text"])");
  return Newest(std::move(op), "timestamp");
}

Op UnsummedUserLines(std::string_view orchestrator, std::string_view since) {
  Op op = Op::Query("orchestrator.orchestrator_chat");
  JsonObject where;
  where("orchestrator_agent_id", orchestrator)("sender_type", "user")("summary", nullptr);
  op.Raw("where", where.Raw("created_at", Since(since)).Take()).Raw("select", R"(["id","message"])");
  return Newest(std::move(op), "created_at");
}

Op LogRow(std::string_view id) {
  Op op("get", "orchestrator.agent_logs");
  op.Raw("key", JsonObject()("id", id).Take()).Raw("select", R"(["id","agent_id","task_slug","payload"])");
  return op;
}

Op ListSpending(JsonView args) {
  Op op = Op::Query(kSpending);
  if (args["orchestrator"].is_string()) {
    op.Raw("where", JsonObject()("orchestrator", args["orchestrator"].AsString()).Take());
  }
  op.Raw("order", R"([{"by":"updated_at","desc":true}])")("limit", args["limit"].AsInt(50));
  return op;
}

}  // namespace tutti::summarizer
