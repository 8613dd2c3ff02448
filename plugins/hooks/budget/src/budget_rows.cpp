#include "budget_rows.h"

#include <algorithm>
#include <set>

#include "tutti/sdk/text.hpp"

namespace tutti::budget {
namespace {

std::string Columns() {
  JsonWriter writer;
  writer.BeginArray();
  for (const char* name : {"kind", "id", "day", "updated_at"}) {
    writer.Value(name);
  }
  for (std::size_t i = 0; i < kStoredResources; ++i) {
    writer.Value(ColumnOf(static_cast<Resource>(i)));
  }
  return writer.EndArray().Take();
}

std::string Sums() {
  JsonObject select;
  for (std::size_t i = 0; i < kStoredResources; ++i) {
    const std::string_view column = ColumnOf(static_cast<Resource>(i));
    select.Raw(column, JsonObject()("sum", column).Take());
  }
  return select.Take();
}

JsonObject KeyOf(const Scope& scope) {
  JsonObject key;
  key("kind", NameOf(scope.kind))("id", scope.id);
  return key;
}

}  // namespace

std::string DayOf(std::int64_t unix_micros) {
  return FormatMicros(unix_micros).substr(0, 10);
}

void AddCharge(Batch& batch, const std::vector<Scope>& scopes, const std::string& day, const Amounts& amounts) {
  JsonObject add;
  for (std::size_t i = 0; i < kStoredResources; ++i) {
    if (amounts.values[i] != 0) {
      add(ColumnOf(static_cast<Resource>(i)), amounts.values[i]);
    }
  }
  const std::string added = add.Take();
  if (added == "{}") {
    return;
  }
  for (const Scope& scope : scopes) {
    const std::string key = KeyOf(scope)("day", day).Take();
    Op row("upsert", "budget.spent");
    row.Raw("row", key).Raw("key", R"(["kind","id","day"])").Raw("set", "[]");
    batch.Add(row);
    batch.Add(Op::Update("budget.spent", key).Raw("add", added));
  }
}

Op ChargeOnce(std::string_view call) {
  return Op::Insert("budget.calls", JsonObject()("id", call).Take());
}

std::string BooksBatch(const std::vector<BookKey>& keys, const std::vector<Scope>& raised) {
  Batch batch;
  for (const auto& [scope, day] : keys) {
    JsonObject where = KeyOf(scope);
    if (!day.empty()) {
      where("day", day);
    }
    Op op = Op::Query("budget.spent");
    op.Raw("where", where.Take()).Raw("select", Sums());
    batch.Add(op);
  }
  std::set<std::string> ids;
  for (const Scope& scope : raised) {
    ids.insert(scope.id);
  }
  JsonWriter in;
  in.BeginArray();
  for (const std::string& id : ids) {
    in.Value(id);
  }
  Op raises = Op::Query("budget.raises");
  raises.Raw("where", JsonObject().Raw("scope_id", JsonObject().Raw("in", in.EndArray().Take()).Take()).Take());
  raises.Raw("select",
             R"({"limit_id":"limit_id","kind":"kind","scope_id":"scope_id","day":"day","resource":"resource",)"
             R"("amount":{"sum":"amount"}})");
  raises.Raw("group", R"(["limit_id","kind","scope_id","day","resource"])");
  batch.Add(raises);
  return batch.Take();
}

Books ReadBooks(const std::vector<BookKey>& keys, const StoreReply& reply) {
  Books books;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Result<Json> rows = Json::Parse(reply.Rows(i));
    books.spent[keys[i]] = rows.ok() ? AmountsOf(rows->view()[0]) : Amounts();
  }
  const Result<Json> raises = Json::Parse(reply.Rows(keys.size()));
  if (raises.ok()) {
    raises->view().ForEach([&](JsonView row) {
      const auto kind = FindScopeKind(row["kind"].AsString());
      const auto resource = FindResource(row["resource"].AsString());
      if (kind && resource) {
        books.raised[{std::string(row["limit_id"].AsString()),
                      {*kind, std::string(row["scope_id"].AsString())},
                      std::string(row["day"].AsString()),
                      *resource}] = row["amount"].AsInt();
      }
    });
  }
  return books;
}

Op InsertRaise(const Raise& raise) {
  JsonObject row;
  row("id", raise.id)("limit_id", raise.limit)("kind", NameOf(raise.scope.kind))("scope_id", raise.scope.id);
  row("day", raise.day)("resource", NameOf(raise.resource))("amount", raise.amount).OrNull("raised_by", raise.by);
  return Op::Insert("budget.raises", row.Take());
}

Op ListSpent(std::string_view day, std::string_view kind, std::string_view id, std::int64_t limit) {
  JsonObject where;
  if (!day.empty()) {
    where("day", day);
  }
  if (!kind.empty()) {
    where("kind", kind);
  }
  if (!id.empty()) {
    where("id", id);
  }
  Op op = Op::Query("budget.spent");
  op.Raw("select", Columns()).Raw("where", where.Take());
  op.Raw("order", R"([{"by":"day","desc":true},{"by":"updated_at","desc":true}])")("limit", limit);
  return op;
}

Op ListRaises(std::string_view scope_id, std::int64_t limit) {
  Op op = Op::Query("budget.raises");
  if (!scope_id.empty()) {
    op.Raw("where", JsonObject()("scope_id", scope_id).Take());
  }
  op.Raw("order", R"([{"by":"at","desc":true}])")("limit", limit);
  return op;
}

Amounts AmountsOf(JsonView row) {
  Amounts amounts;
  for (std::size_t i = 0; i < kStoredResources; ++i) {
    amounts.values[i] = row[ColumnOf(static_cast<Resource>(i))].AsInt();
  }
  return amounts;
}

std::string CleanBatch(const std::string& before_day, std::int64_t calls_before_micros) {
  Batch batch;
  batch.Add(
      Op::Delete("budget.spent", JsonObject()("kind", "run").Raw("day", JsonObject()("lt", before_day).Take()).Take()));
  batch.Add(Op::Delete("budget.calls",
                       JsonObject().Raw("at", JsonObject()("lt", FormatMicros(calls_before_micros)).Take()).Take()));
  return batch.Take();
}

}  // namespace tutti::budget
