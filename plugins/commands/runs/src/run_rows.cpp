#include "run_rows.h"

#include "tutti/sdk/text.hpp"

namespace tutti::runs {
namespace {

constexpr std::string_view kUnfinished = R"({"in":["queued","running","waiting"]})";

std::string ById(std::string_view run) {
  return JsonObject()("id", run).Take();
}

void AddTotals(JsonObject& set, JsonView totals) {
  if (!totals.is_object()) {
    return;
  }
  const JsonView usage = totals["usage"];
  set("num_turns", totals["num_turns"].AsInt());
  set("input_tokens", usage["input_tokens"].AsInt())("output_tokens", usage["output_tokens"].AsInt());
  set("cache_read_tokens", usage["cache_read_input_tokens"].AsInt());
  set("cache_write_tokens", usage["cache_creation_input_tokens"].AsInt());
  set("context_tokens", totals["context_tokens"].AsInt());
  set.Raw("cost_usd", totals["cost_usd"].Dump())("unpriced_calls", totals["unpriced_calls"].AsInt());
}

}  // namespace

Op MoveRun(const LiveRun& live, const RowMove& move) {
  JsonObject set;
  set("status", Name(move.to));
  if (HasEnded(move.to)) {
    set.OrNull("stop_reason", move.totals["stop_reason"].AsString()).OrNull("error", move.error);
    set("ended_at", NowIso())("waiting_for", nullptr)("result", nullptr)("lease_until", nullptr);
    AddTotals(set, move.totals);
  } else if (move.to == RunState::kWaiting) {
    set("waiting_for", move.reason);
  } else {
    set("waiting_for", nullptr);
    if (live.state() == RunState::kQueued || live.state() == RunState::kNone) {
      set("started_at", NowIso());
    }
  }
  const RunState from = live.state() == RunState::kNone ? RunState::kQueued : live.state();
  Op op = Op::Update("runs.runs", JsonObject()("id", live.id())("fence", live.fence())("status", Name(from)).Take());
  op.Raw("set", set.Take());
  op.Raw("expect", JsonObject()("affected", 1)("code", "ABORTED")(
                       "message", "the run " + live.id() + " is not this host's any more")
                       .Take());
  return op;
}

Op CloseCalls(std::string_view run) {
  Op op = Op::Update("runs.tool_calls", JsonObject()("run", run)("status", "started").Take());
  op.Raw("set", JsonObject()("status", "unknown")("ended_at", NowIso()).Take());
  return op;
}

Op LookAtRun(std::string_view run) {
  Op op("get", "runs.runs");
  op.Raw("key", ById(run)).Raw("select", R"(["status","fence"])");
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

Op ContextTokens(std::string_view conversation) {
  Op op = Op::Query("runs.runs");
  JsonObject where;
  where("conversation", conversation).Raw("context_tokens", R"({"gt":0})");
  op.Raw("where", where.Take()).Raw("select", R"(["context_tokens"])");
  op.Raw("order", R"([{"by":"created_at","desc":true}])")("limit", 1);
  return op;
}

Op LastMessage(std::string_view conversation) {
  Op op = Op::Query("runs.messages");
  op.Raw("where", JsonObject()("conversation", conversation).Take());
  op.Raw("select", R"(["number","role","content","run"])");
  op.Raw("order", R"([{"by":"number","desc":true}])")("limit", 1);
  return op;
}

Op CountMessages(std::string_view run) {
  Op op = Op::Query("runs.messages");
  op.Raw("where", JsonObject()("run", run).Take());
  op.Raw("select", R"({"is_summary":"is_summary","messages":{"count":"*"}})").Raw("group", R"(["is_summary"])");
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

Op ListCalls(std::string_view run) {
  Op op = Op::Query("runs.tool_calls");
  op.Raw("where", JsonObject()("run", run).Take()).Raw("order", R"([{"by":"started_at"}])");
  return op;
}

Op RenewLeases(std::string_view owner, std::int64_t lease_ms) {
  Op op = Op::Update("runs.runs", JsonObject()("owner", owner).Raw("status", kUnfinished).Take());
  op.Raw("set", JsonObject()("lease_until", LeaseEnd(lease_ms)).Take()).Raw("return", R"(["id"])");
  return op;
}

Op AskedToStop(std::string_view owner) {
  Op op = Op::Query("runs.runs");
  op.Raw("where", JsonObject()("owner", owner)("stop_asked", true).Raw("status", kUnfinished).Take());
  op.Raw("select", R"(["id"])");
  return op;
}

Op FindUnfinished(std::string_view owner, std::size_t limit) {
  Op op = Op::Query("runs.runs");
  const std::string own = JsonObject()("owner", owner).Take();
  const std::string over = JsonObject().Raw("lease_until", JsonObject()("lt", NowIso()).Take()).Take();
  op.Raw(
      "where",
      JsonObject().Raw("status", kUnfinished).Raw("or", "[" + own + R"(,{"lease_until":null},)" + over + "]").Take());
  op.Raw("order", R"([{"by":"created_at"}])")("limit", limit);
  return op;
}

Op ClaimRun(JsonView row, const Holder& holder) {
  const bool has_begun = row["status"].AsString() != Name(RunState::kQueued);
  Op op = Op::Update("runs.runs", JsonObject()("id", row["id"].AsString())("fence", row["fence"].AsInt())(
                                      "status", row["status"].AsString())
                                      .Take());
  op.Raw("set", JsonObject()("owner", holder.owner)("lease_until", LeaseEnd(holder.lease_ms)).Take());
  op.Raw("add", JsonObject()("fence", 1)("resumes", has_begun ? 1 : 0).Take());
  op.Raw("expect", JsonObject()("affected", 1)("code", "ABORTED")("message", "somebody else took the run over").Take());
  return op;
}

Op AskToStop(const RunSelection& selection) {
  Op op = Op::Update("runs.runs", selection.Filter());
  op.Raw("set", R"({"stop_asked":true})").Raw("return", R"(["id"])");
  return op;
}

Op CountUnfinished(const std::vector<std::string>& runs) {
  JsonWriter ids;
  ids.BeginArray();
  for (const std::string& run : runs) {
    ids.Value(run);
  }
  Op op = Op::Query("runs.runs");
  op.Raw(
      "where",
      JsonObject().Raw("id", JsonObject().Raw("in", ids.EndArray().Take()).Take()).Raw("status", kUnfinished).Take());
  op.Raw("select", R"({"count":{"count":"*"}})");
  return op;
}

}  // namespace tutti::runs
