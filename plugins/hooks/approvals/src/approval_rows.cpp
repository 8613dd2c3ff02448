#include "approval_rows.h"

#include "tutti/sdk/text.hpp"

namespace tutti::approvals {
namespace {

constexpr std::string_view kTable = "approvals.approvals";
constexpr std::string_view kRules = "approvals.rules";
// Where it is told when what was asked belongs to no stream.
constexpr std::string_view kOwnStream = "approvals";
constexpr std::string_view kNewestFirst = R"([{"by":"created_at","desc":true}])";
constexpr std::string_view kOldestFirst = R"([{"by":"created_at"}])";
// In the chat a table has room for the first ones only, so what a person decides by comes first.
constexpr std::string_view kColumns =
    R"(["id","why","status","agent_name","expires_at","answered_by","reason","created_at","answer","run","agent","tree",
        "stream","tool_use_id","hook","point","what","ask","always","command","principal","scopes","surface","amount",
        "runner","answered_at","delivered_at","result","finished_at"])";
constexpr std::int64_t kAtOnce = 200;
constexpr std::int64_t kMostRules = 10000;

std::string Where(std::string_view name, std::string_view value) {
  return JsonObject()(name, value).Take();
}

// An event of the row's run and agent, so that it is found and erased with them.
Op OfRow(Op op, JsonView row) {
  for (const char* name : {"run", "agent", "tree"}) {
    if (!row[name].AsString().empty()) {
      op(name, row[name].AsString());
    }
  }
  return op;
}

Op Announce(JsonView row, std::string_view type, const std::string& approval) {
  const std::string_view stream = row["stream"].AsString();
  JsonObject data;
  data("type", type).Raw("approval", approval)("timestamp", NowIso());
  return OfRow(Op::Append(stream.empty() ? kOwnStream : stream, type, data.Take()), row);
}

// The same as a sentence, for clients that know nothing of approvals: every one shows log lines.
void Tell(Batch& batch, JsonView row, const std::string& sentence) {
  const std::string_view stream = row["stream"].AsString();
  if (stream.empty()) {
    return;
  }
  const std::string now = NowIso();
  const std::string data = JsonObject()("level", "INFO")("message", sentence)("timestamp", now).Take();
  const std::string message = JsonObject()("type", "system_log").Raw("data", data)("timestamp", now).Take();
  batch.Add(OfRow(Op::Append(stream, "system_log", message), row));
}

std::string ShortId(JsonView row) {
  return std::string(row["id"].AsString().substr(0, 8));
}

Op Query(std::string_view where, std::string_view order, std::int64_t limit) {
  Op op = Op::Query(kTable);
  op.Raw("where", where).Raw("order", order)("limit", limit);
  return op;
}

std::string One(Op op) {
  return Batch().Add(op).Take();
}

// What everybody is shown of a row.
JsonObject Shown(JsonView row) {
  JsonObject shown;
  for (const char* name : {"id", "run", "agent", "agent_name", "hook", "point", "what", "why"}) {
    shown.Raw(name, row[name].Dump());
  }
  return shown;
}

}  // namespace

std::string RequestBatch(const Asked& asked) {
  const Result<Json> parsed = Json::Parse(asked.args);
  const JsonView args = parsed->view();
  const JsonView labels = args["labels"];
  const JsonView command = args["command"];
  JsonObject row;
  row("id", asked.id)("stream", args["stream"].AsString()).OrNull("run", args["run"].AsString());
  row.OrNull("agent", args["agent"].AsString()).OrNull("agent_name", labels["agent_name"].AsString());
  row.OrNull("tree", args["tree"].AsString())("tool_use_id", args["tool_use_id"].AsString());
  row("hook", args["hook"].AsString())("point", args["point"].AsString()).Raw("what", args["payload"].Dump());
  row("why", asked.why).Raw("ask", args["ask"].Dump());
  row.Raw("always", asked.always.empty() ? "null" : std::string_view(asked.always));
  row.Raw("command", command ? command.Dump() : "null").OrNull("principal", args["principal"].AsString());
  row.Raw("scopes", args["scopes"] ? args["scopes"].Dump() : "[]")("surface", args["surface"].AsString());
  row("status", "pending")("created_at", asked.created_at)("expires_at", asked.expires_at);
  const std::string text = row.Take();
  const Result<Json> whole = Json::Parse(text);
  JsonObject shown = Shown(whole->view());
  for (const char* name : {"always", "command", "status", "created_at", "expires_at"}) {
    shown.Raw(name, (*whole)[name].Dump());
  }
  Batch batch;
  batch.Add(Op::Insert(kTable, text)).Add(Announce(whole->view(), "approval.requested", shown.Take()));
  const std::string id = ShortId(whole->view());
  Tell(batch, whole->view(),
       asked.why + " Answer with /approve " + id + (asked.always.empty() ? "" : " [always]") + " or /deny " + id +
           " [REASON]");
  return batch.Take();
}

std::string CloseBatch(JsonView row, const Closing& closing, std::string_view rule) {
  const std::string now = NowIso();
  const std::string_view amount = closing.amount.empty() ? std::string_view("null") : closing.amount;
  JsonObject set;
  set("status", closing.status).OrNull("answer", closing.answer).OrNull("reason", closing.reason);
  set.OrNull("answered_by", closing.answered_by).Raw("amount", amount)("answered_at", now);
  set.OrNull("runner", closing.runner);
  JsonObject expect;
  expect("affected", 1)("code", "FAILED_PRECONDITION")("message", "it has been answered already");
  Op update = Op::Update(kTable, JsonObject()("id", row["id"].AsString())("status", "pending").Take());
  update.Raw("set", set.Take()).Raw("expect", expect.Take());
  JsonObject shown = Shown(row);
  shown("status", closing.status).OrNull("answer", closing.answer).OrNull("reason", closing.reason);
  shown.OrNull("answered_by", closing.answered_by).Raw("amount", amount)("answered_at", now);
  shown.Raw("rule", rule.empty() ? std::string_view("null") : rule);
  Batch batch;
  batch.Add(update);
  if (!rule.empty()) {
    batch.Add(Op::Insert(kRules, rule));
  }
  batch.Add(Announce(row, "approval.answered", shown.Take()));
  Tell(batch, row,
       "Approval " + ShortId(row) + " is " + std::string(closing.status) +
           (closing.answered_by.empty() ? "" : " by " + std::string(closing.answered_by)) +
           (closing.reason.empty() ? "" : ": " + std::string(closing.reason)));
  return batch.Take();
}

std::string FinishBatch(JsonView row, std::string_view result) {
  Op update = Op::Update(kTable, JsonObject()("id", row["id"].AsString()).OrNull("finished_at", {}).Take());
  JsonObject expect;
  expect("affected", 1)("code", "FAILED_PRECONDITION")("message", "what came of it is known already");
  update.Raw("set", JsonObject().Raw("result", result)("finished_at", NowIso()).Take()).Raw("expect", expect.Take());
  JsonObject shown = Shown(row);
  shown.Raw("result", result);
  return Batch().Add(update).Add(Announce(row, "approval.finished", shown.Take())).Take();
}

std::string DeliverBatch(std::string_view id) {
  return One(std::move(Op::Update(kTable, Where("id", id)).Raw("set", Where("delivered_at", NowIso()))));
}

std::string GetBatch(std::string_view id) {
  return One(std::move(Op("get", kTable).Raw("key", Where("id", id))));
}

std::string ListBatch(std::string_view status, std::int64_t limit) {
  return One(
      std::move(Query(status.empty() ? "{}" : Where("status", status), kNewestFirst, limit).Raw("select", kColumns)));
}

std::string SameBatch(JsonView args) {
  JsonObject where;
  where.OrNull("run", args["run"].AsString());
  for (const char* name : {"hook", "point", "tool_use_id"}) {
    where(name, args[name].AsString());
  }
  return One(Query(where.Take(), kNewestFirst, kAtOnce));
}

std::string KeyBatch(JsonView args) {
  JsonObject run;
  run("run", args["run"].AsString());
  JsonObject where;
  where("hook", args["hook"].AsString())("ask->key", args["ask"]["key"].AsString());
  where.Raw("or", R"([{"status":"pending"},)" + run.Take() + "]");
  return One(Query(where.Take(), kNewestFirst, kAtOnce));
}

std::string SweepBatch(std::string_view now, const std::vector<std::string>& ids) {
  JsonObject overdue;
  overdue("status", "pending").Raw("expires_at", Where("le", now));
  JsonWriter in;
  in.BeginArray();
  for (const std::string& id : ids) {
    in.Value(id);
  }
  JsonObject ended;
  ended.Raw("id", JsonObject().Raw("in", in.EndArray().view()).Take()).Raw("status", Where("ne", "pending"));
  Op closed = Query(ended.Take(), kOldestFirst, static_cast<std::int64_t>(ids.size()) + 1);
  closed.Raw("select", R"(["id"])");
  Op rules = Op::Query(kRules);
  rules.Raw("order", kOldestFirst)("limit", kMostRules);
  return Batch().Add(Query(overdue.Take(), kOldestFirst, kAtOnce)).Add(rules).Add(closed).Take();
}

std::string PendingOfRunBatch(std::string_view run) {
  return One(Query(JsonObject()("run", run)("status", "pending").Take(), kOldestFirst, kAtOnce));
}

std::string PendingRunsBatch() {
  JsonObject where;
  where("status", "pending").Raw("run", Where("ne", ""));
  return One(Query(where.Take(), kOldestFirst, kMostRules));
}

std::string UnfinishedBatch(std::string_view runner, std::string_view before) {
  JsonObject where;
  where("status", "allowed").OrNull("finished_at", {}).Raw("command", R"({"null":false})").OrNull("runner", runner);
  where.Raw("answered_at", Where("lt", before));
  return One(Query(where.Take(), kOldestFirst, kAtOnce));
}

std::string PendingCountBatch(std::size_t most) {
  Op op = Query(Where("status", "pending"), kOldestFirst, static_cast<std::int64_t>(most));
  return One(std::move(op.Raw("select", R"(["id"])")));
}

std::string RulesBatch(std::int64_t limit) {
  Op op = Op::Query(kRules);
  op.Raw("order", kNewestFirst)("limit", limit);
  return One(std::move(op));
}

std::string RemoveRuleBatch(std::string_view id) {
  JsonObject expect;
  expect("affected", 1)("code", "NOT_FOUND")("message", "there is no such rule");
  return One(std::move(Op::Delete(kRules, Where("id", id)).Raw("expect", expect.Take())));
}

}  // namespace tutti::approvals
