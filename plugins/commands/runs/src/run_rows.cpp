#include "run_rows.h"

#include "tutti/sdk/text.hpp"

namespace tutti::runs {
namespace {

std::string ById(std::string_view run) {
  return JsonObject()("id", run).Take();
}

}  // namespace

StartArguments StartArguments::Read(JsonView args) {
  StartArguments read;
  read.run = args["run"].AsString();
  read.conversation = args["conversation"].AsString();
  read.agent = args["agent"].AsString();
  read.stream = args["stream"].AsString();
  read.key = args["key"].AsString(read.agent);
  read.model = args["model"].AsString();
  read.prompt = args["prompt"].AsString();
  read.labels = args["labels"].is_object() ? args["labels"].Dump() : "{}";
  const std::string_view busy = args["busy"].AsString("queue");
  read.busy = busy == "replace" ? Busy::kReplace : busy == "refuse" ? Busy::kRefuse : Busy::kQueue;
  return read;
}

Op InsertRun(const StartArguments& arguments, std::string_view status) {
  const std::string now = NowIso();
  JsonObject row;
  row("id", arguments.run)("conversation", arguments.conversation)("agent", arguments.agent);
  row("stream", arguments.stream).Raw("labels", arguments.labels)("status", status);
  row.OrNull("model", arguments.model)("prompt", arguments.prompt)("created_at", now);
  if (status == "running") {
    row("started_at", now);
  }
  return Op::Insert("runs.runs", row.Take());
}

Op SetRunning(std::string_view run) {
  Op op = Op::Update("runs.runs", ById(run));
  op.Raw("set", JsonObject()("status", "running")("started_at", NowIso()).Take());
  return op;
}

Op EndRun(std::string_view run, const RunEnd& end) {
  const JsonView usage = end.totals["usage"];
  JsonObject set;
  set("status", end.status).OrNull("stop_reason", end.totals["stop_reason"].AsString()).OrNull("error", end.error);
  set("num_turns", end.totals["num_turns"].AsInt())("ended_at", NowIso());
  set("input_tokens", usage["input_tokens"].AsInt())("output_tokens", usage["output_tokens"].AsInt());
  set("cache_read_tokens", usage["cache_read_input_tokens"].AsInt());
  set("cache_write_tokens", usage["cache_creation_input_tokens"].AsInt());
  set("context_tokens", end.totals["context_tokens"].AsInt());
  set.Raw("cost_usd", end.totals["cost_usd"].Dump())("unpriced_calls", end.totals["unpriced_calls"].AsInt());
  Op op = Op::Update("runs.runs", ById(run));
  op.Raw("set", set.Take());
  return op;
}

Op InsertMessage(const NewMessage& message) {
  JsonObject row;
  row("id", NewUuid())("conversation", message.conversation)("number", message.number)("run", message.run);
  row("role", message.role).Raw("content", message.content)("created_at", FormatMicros(message.time_us));
  if (message.is_summary) {
    row("is_summary", true);
  }
  return Op::Insert("runs.messages", row.Take());
}

Op ForgetSummary(std::string_view conversation) {
  Op op = Op::Update("runs.messages", JsonObject()("conversation", conversation)("is_summary", true).Take());
  op.Raw("set", R"({"is_summary":false})");
  return op;
}

Op SummaryNumber(std::string_view conversation) {
  Op op = Op::Query("runs.messages");
  op("label", "summary").Raw("where", JsonObject()("conversation", conversation)("is_summary", true).Take());
  // A sum and not a maximum: of no rows it is 0, and there is one at most.
  op.Raw("select", R"({"number":{"sum":"number"}})");
  return op;
}

Op LoadMessages(std::string_view conversation, std::size_t limit) {
  Op op = Op::Query("runs.messages");
  op.Raw("where", JsonObject()("conversation", conversation).Raw("number", R"({"ge":0})").Take());
  op.Raw("select", R"(["role","content"])").Raw("refs", R"({"/where/number/ge":"summary.rows/0/number"})");
  op.Raw("order", R"([{"by":"number","desc":true}])")("limit", limit)("reverse", true);
  return op;
}

Op ContextTokens(std::string_view conversation, std::string_view run) {
  Op op = Op::Query("runs.runs");
  JsonObject where;
  where("conversation", conversation).Raw("id", JsonObject()("ne", run).Take()).Raw("context_tokens", R"({"gt":0})");
  op.Raw("where", where.Take()).Raw("select", R"(["context_tokens"])");
  op.Raw("order", R"([{"by":"created_at","desc":true}])")("limit", 1);
  return op;
}

Op LastMessage(std::string_view conversation) {
  Op op = Op::Query("runs.messages");
  op.Raw("where", JsonObject()("conversation", conversation).Take()).Raw("select", R"(["number","role","content"])");
  op.Raw("order", R"([{"by":"number","desc":true}])")("limit", 1);
  return op;
}

Op InterruptUnfinished() {
  Op op = Op::Update("runs.runs", R"({"status":{"in":["queued","running","waiting"]}})");
  JsonObject set;
  set("status", "interrupted")("error", "the server stopped while this run was unfinished")("ended_at", NowIso());
  op.Raw("set", set.Take());
  return op;
}

Op GetRun(std::string_view run) {
  Op op("get", "runs.runs");
  op.Raw("key", ById(run));
  return op;
}

Op ListRuns(JsonView args) {
  JsonObject where;
  for (const char* column : {"agent", "conversation", "status"}) {
    if (args[column].is_string()) {
      where(column, args[column].AsString());
    }
  }
  Op op = Op::Query("runs.runs");
  op.Raw("where", where.Take()).Raw("order", R"([{"by":"created_at","desc":true}])");
  op("limit", args["limit"].AsInt(50));
  return op;
}

}  // namespace tutti::runs
