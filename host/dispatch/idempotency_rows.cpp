#include "host/dispatch/idempotency_rows.h"

#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

constexpr const char* kTable = "host.idempotency";

std::string IdOf(std::string_view id) {
  return JsonObject()("id", id).Take();
}

}  // namespace

std::string ClaimBatch(const KeyRow& row) {
  JsonObject columns;
  columns("id", row.id)("fingerprint", row.fingerprint)("principal", row.principal)("request", row.request);
  columns("state", "running")("owner", row.owner)("host", row.host)("applied", false);
  columns("created_at", FormatMicros(row.now_us))("lease_until", FormatMicros(row.now_us + row.lease_us));
  columns("expires_at", FormatMicros(row.now_us + row.retention_us));
  Op insert = Op::Insert(kTable, columns.Take());
  insert("ignore_conflict", true);
  Op get("get", kTable);
  get.Raw("key", IdOf(row.id));
  Batch batch;
  batch.Add(insert);
  batch.Add(get);
  return batch.Ops();
}

std::string LookBatch(std::string_view id) {
  Op get("get", kTable);
  get.Raw("key", IdOf(id));
  return Batch().Add(get).Ops();
}

std::string TakeOverBatch(const KeyRow& row, std::string_view former_owner) {
  Op take = Op::Update(kTable,
                       JsonObject()("id", row.id)("owner", former_owner)("state", "running")("applied", false).Take());
  take.Raw("set",
           JsonObject()("owner", row.owner)("host", row.host)("lease_until", FormatMicros(row.now_us + row.lease_us))
               .Take());
  take.Raw("expect", R"({"affected":1})");
  return Batch().Add(take).Ops();
}

std::string MarkAppliedOps(std::string_view id, std::string_view owner) {
  Op mark = Op::Update(kTable, JsonObject()("id", id)("owner", owner)("state", "running").Take());
  mark.Raw("set", R"({"applied":true})");
  mark.Raw("expect", R"({"affected":1,"code":"ABORTED","message":"the request was taken over by another process"})");
  return Batch().Add(mark).Ops();
}

std::string FinishBatch(std::string_view id, std::string_view owner, const Result<std::string>& result) {
  const Status status = result.status();
  JsonObject set;
  set("state", "done")("code", static_cast<std::int64_t>(status.code())).OrNull("message", status.message());
  set.OrNull("details", status.details())("retry_after_ms", status.retry_after().count());
  set.OrNull("body", result.ok() ? std::string_view(*result) : std::string_view());
  Op finish = Op::Update(kTable, JsonObject()("id", id)("owner", owner).Take());
  finish.Raw("set", set.Take());
  return Batch().Add(finish).Ops();
}

std::string ForgetBatch(std::string_view id, std::string_view owner) {
  return Batch().Add(Op::Delete(kTable, JsonObject()("id", id)("owner", owner)("applied", false).Take())).Ops();
}

std::string DropExpiredBatch(std::string_view id, std::int64_t now_us) {
  return Batch()
      .Add(Op::Delete(kTable, JsonObject()("id", id)("state", "done")
                                  .Raw("expires_at", JsonObject()("le", FormatMicros(now_us)).Take())
                                  .Take()))
      .Ops();
}

Result<std::string> AnswerOf(JsonView row) {
  const auto code = static_cast<Code>(row["code"].AsInt());
  if (code == Code::kOk) {
    return std::string(row["body"].AsString());
  }
  return Status(code, std::string(row["message"].AsString()))
      .WithDetails(std::string(row["details"].AsString()))
      .WithRetryAfter(std::chrono::milliseconds(row["retry_after_ms"].AsInt()));
}

std::string RenewBatch(std::string_view owner, std::int64_t until_us) {
  Op renew = Op::Update(kTable, JsonObject()("owner", owner)("state", "running").Take());
  renew.Raw("set", JsonObject()("lease_until", FormatMicros(until_us)).Take());
  return Batch().Add(renew).Ops();
}

std::string FindExpiredBatch(std::int64_t now_us, std::int64_t most) {
  const std::string now = FormatMicros(now_us);
  const std::string over = JsonObject()("le", now).Take();
  Op find = Op::Query(kTable);
  find.Raw("select", R"(["id"])");
  find.Raw("where", JsonObject()
                        .Raw("expires_at", over)
                        .Raw("or", "[{\"state\":\"done\"}," + JsonObject().Raw("lease_until", over).Take() + "]")
                        .Take());
  find.Raw("order", R"([{"by":"expires_at"}])")("limit", most);
  Op count = Op::Query(kTable);
  count.Raw("select", R"({"rows":{"count":"*"}})");
  return Batch().Add(find).Add(count).Ops();
}

std::string DropBatch(const std::string& ids) {
  return Batch().Add(Op::Delete(kTable, JsonObject().Raw("id", JsonObject().Raw("in", ids).Take()).Take())).Ops();
}

}  // namespace tutti::host
