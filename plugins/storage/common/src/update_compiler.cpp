// The part of Compiler that changes rows which exist: update, delete, claim.
#include <algorithm>

#include "compiler.h"
#include "names.h"
#include "query_compiler.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

Status Bad(std::string message) {
  return Status::InvalidArgument(std::move(message));
}

std::string Shown(std::string_view text) {
  return CleanUtf8(Utf8Prefix(text, 80));
}

std::string Listed(const std::vector<std::string>& parts) {
  std::string sql;
  for (const std::string& part : parts) {
    sql.append(sql.empty() ? "" : ", ").append(part);
  }
  return sql;
}

}  // namespace

Status Compiler::AssignOne(SqlBuilder& builder, const std::string& how, std::string_view name, JsonView value,
                           Assignments& assignments) const {
  const Source& source = builder.sources().front();
  const Table& table = *source.table;
  const Column* column = table.Find(name);
  if (column == nullptr) {
    return Bad(table.full_name + " has no column '" + Shown(name) + "'" + Hint(name, table.ColumnNames()));
  }
  if (std::find(assignments.columns.begin(), assignments.columns.end(), name) != assignments.columns.end()) {
    return Bad(table.full_name + "." + column->name + " is changed twice by one operation");
  }
  const std::string place = table.full_name + "." + column->name;
  const std::string target = QuoteName(column->name);
  const std::string current = (source.alias.empty() ? "" : QuoteName(source.alias) + ".") + target;
  const bool number = column->type == Type::kInt64 || column->type == Type::kDouble || column->type == Type::kDecimal;
  if (how == "add" && (!number || !value.is_number())) {
    return Bad(place + ": `add` expects a number column and a number");
  }
  if (how == "merge" && (column->type != Type::kJson || !value.is_object())) {
    return Bad(place + ": `merge` expects a json column and an object");
  }
  auto canonical = Canonical(*value.raw(), column->type, place);
  if (!canonical.ok()) {
    return canonical.status();
  }
  const std::string placeholder = builder.Bind(std::move(*canonical), column->type);
  assignments.columns.emplace_back(name);
  assignments.sql += (assignments.sql.empty() ? "" : ", ") + target + " = " +
                     (how == "add"     ? dialect_.Add(current, placeholder, column->type)
                      : how == "merge" ? dialect_.JsonMerge(current, placeholder)
                                       : placeholder);
  return {};
}

Status Compiler::Assign(JsonView op, SqlBuilder& builder, bool version_step, Assignments& assignments) const {
  Status status;
  for (const char* how : {"set", "add", "merge"}) {
    if (op[how] && !op[how].is_object()) {
      return Bad("`" + std::string(how) + "` expects an object {column: value}");
    }
    op[how].ForEachMember([&](std::string_view column, JsonView value) {
      if (status.ok()) {
        status = AssignOne(builder, how, column, value, assignments);
      }
    });
  }
  if (!status.ok()) {
    return status;
  }
  const Source& source = builder.sources().front();
  const Table& table = *source.table;
  if (version_step) {
    const Column* version = table.Find("version");
    if (version == nullptr || version->type != Type::kInt64) {
      return Bad(table.full_name + ": `expect.version` needs a column `version` of type int64");
    }
    const rapidjson::Value one(1);
    status = AssignOne(builder, "add", "version", JsonView(&one), assignments);
  }
  if (status.ok() && assignments.columns.empty()) {
    return Bad(table.full_name + ": nothing to change; expected `set`, `add` or `merge`");
  }
  for (const std::string& column : table.touch) {
    if (std::find(assignments.columns.begin(), assignments.columns.end(), column) == assignments.columns.end()) {
      assignments.sql += ", " + QuoteName(column) + " = " + builder.Bind(NowIso(), Type::kTime);
    }
  }
  return status;
}

Result<std::string> Compiler::WhereOf(JsonView op, const CompiledOp& compiled, SqlBuilder& builder) const {
  const Source& source = builder.sources().front();
  if (!op["where"]) {
    return Bad(source.table->full_name + ": `where` is missing; {} means every row");
  }
  auto where = builder.Filter(op["where"]);
  if (where.ok() && compiled.expect.version) {
    where = And(*where, (source.alias.empty() ? "" : QuoteName(source.alias) + ".") +
                            "\"version\" = " + builder.Bind(*compiled.expect.version, Type::kInt64));
  }
  return where;
}

Result<std::string> Compiler::ReturnObject(JsonView columns, SqlBuilder& builder) const {
  if (columns && !columns.is_array()) {
    return Bad("`return` expects an array of columns");
  }
  return QueryCompiler(catalog_, dialect_, plugin_).Select(columns, builder);
}

Result<CompiledOp> Compiler::Update(JsonView op) const {
  if (Status status = CheckMembers(op, {"table", "where", "set", "add", "merge", "return"}); !status.ok()) {
    return status;
  }
  auto table = catalog_.Allowed(op["table"].AsString(), plugin_, "update");
  if (!table.ok()) {
    return table.status();
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kUpdate;
  compiled.insert.table = *table;
  compiled.returns_rows = static_cast<bool>(op["return"]);
  if (op["expect"]["version"].is_int()) {
    compiled.expect.version = op["expect"]["version"].AsInt();
  }
  if (compiled.returns_rows) {
    return dialect_.RowIdentity().empty() ? UpdateWithOld(op, std::move(compiled))
                                          : UpdateByIdentity(op, std::move(compiled));
  }
  SqlBuilder builder(dialect_);
  builder.AddSource({"", *table});
  Assignments assignments;
  Status status = Assign(op, builder, compiled.expect.version.has_value(), assignments);
  auto where = status.ok() ? WhereOf(op, compiled, builder) : Result<std::string>(status);
  if (!where.ok()) {
    return where.status();
  }
  compiled.main = {"UPDATE " + QuoteName((*table)->physical) + " SET " + assignments.sql +
                       (where->empty() ? "" : " WHERE " + *where),
                   builder.TakeParameters()};
  return compiled;
}

Result<CompiledOp> Compiler::UpdateByIdentity(JsonView op, CompiledOp compiled) const {
  const auto& table = compiled.insert.table;
  SqlBuilder former(dialect_);
  former.AddSource({"", table});
  auto old_object = ReturnObject(op["return"], former);
  auto old_where = old_object.ok() ? WhereOf(op, compiled, former) : old_object;
  if (!old_where.ok()) {
    return old_where.status();
  }
  const std::string where_keyword = old_where->empty() ? "" : " WHERE ";
  compiled.before = Statement{"SELECT " + dialect_.RowIdentity() + ", " + dialect_.JsonText(*old_object) + " FROM " +
                                  QuoteName(table->physical) + where_keyword + *old_where + " ORDER BY " +
                                  Listed(KeyColumns(*table, "")),
                              former.TakeParameters()};
  SqlBuilder builder(dialect_);
  builder.AddSource({"", table});
  Assignments assignments;
  Status status = Assign(op, builder, compiled.expect.version.has_value(), assignments);
  auto where = status.ok() ? WhereOf(op, compiled, builder) : Result<std::string>(status);
  auto object = where.ok() ? ReturnObject(op["return"], builder) : where;
  if (!object.ok()) {
    return object.status();
  }
  compiled.main = {"UPDATE " + QuoteName(table->physical) + " SET " + assignments.sql + where_keyword + *where +
                       " RETURNING " + dialect_.RowIdentity() + ", " + dialect_.JsonText(*object),
                   builder.TakeParameters()};
  return compiled;
}

Result<CompiledOp> Compiler::UpdateWithOld(JsonView op, CompiledOp compiled) const {
  const auto& table = compiled.insert.table;
  SqlBuilder builder(dialect_);
  builder.AddSource({"o", table});
  auto old_object = ReturnObject(op["return"], builder);
  auto where = old_object.ok() ? WhereOf(op, compiled, builder) : old_object;
  if (!where.ok()) {
    return where.status();
  }
  std::string keys;
  std::string match;
  std::string order;
  for (std::size_t i = 0; i < table->primary_key.size(); ++i) {
    const std::string name = QuoteName("key " + std::to_string(i));
    const std::string column = QuoteName(table->columns[table->primary_key[i]].name);
    keys += "\"o\"." + column + " AS " + name + ", ";
    match = And(match, "\"t\"." + column + " = \"former\"." + name);
    order += (order.empty() ? "" : ", ") + name;
  }
  builder.ClearSources();
  builder.AddSource({"t", table});
  Assignments assignments;
  Status status = Assign(op, builder, compiled.expect.version.has_value(), assignments);
  auto object = status.ok() ? ReturnObject(op["return"], builder) : Result<std::string>(status);
  if (!object.ok()) {
    return object.status();
  }
  compiled.main = {"WITH \"former\" AS MATERIALIZED (SELECT " + keys + dialect_.JsonText(*old_object) +
                       " AS \"old row\" FROM " + QuoteName(table->physical) + " AS \"o\"" +
                       (where->empty() ? "" : " WHERE " + *where) + " ORDER BY " + Listed(KeyColumns(*table, "o")) +
                       dialect_.LockRows(false) + "), \"done\" AS (UPDATE " + QuoteName(table->physical) +
                       " AS \"t\" SET " + assignments.sql + " FROM \"former\" WHERE " + match +
                       " RETURNING \"former\".*, " + dialect_.JsonText(*object) +
                       " AS \"new row\") SELECT \"old row\", \"new row\" FROM \"done\" ORDER BY " + order,
                   builder.TakeParameters()};
  return compiled;
}

Result<CompiledOp> Compiler::Delete(JsonView op) const {
  if (Status status = CheckMembers(op, {"table", "where"}); !status.ok()) {
    return status;
  }
  auto table = catalog_.Allowed(op["table"].AsString(), plugin_, "delete");
  if (!table.ok()) {
    return table.status();
  }
  SqlBuilder builder(dialect_);
  builder.AddSource({"", *table});
  CompiledOp compiled;
  compiled.kind = OpKind::kWrite;
  auto where = WhereOf(op, compiled, builder);
  if (!where.ok()) {
    return where.status();
  }
  compiled.main = {"DELETE FROM " + QuoteName((*table)->physical) + (where->empty() ? "" : " WHERE " + *where),
                   builder.TakeParameters()};
  return compiled;
}

Result<std::string> Compiler::LeaseWhere(JsonView op, SqlBuilder& builder, const std::string& now) const {
  auto until = builder.Resolve(op["lease"]["until_column"].AsString());
  auto where = until.ok() ? builder.Filter(op["where"]) : Result<std::string>(until.status());
  if (!where.ok()) {
    return where;
  }
  return And("(" + until->sql + " IS NULL OR " + until->sql + " <= " + builder.Bind(now, Type::kTime) + ")", *where);
}

Result<CompiledOp> Compiler::Claim(JsonView op) const {
  if (Status status = CheckMembers(op, {"table", "where", "order", "limit", "lease", "set", "return"}); !status.ok()) {
    return status;
  }
  auto found = catalog_.Allowed(op["table"].AsString(), plugin_, "claim");
  if (!found.ok()) {
    return found.status();
  }
  const Table& table = **found;
  const JsonView lease = op["lease"];
  const Column* owner = table.Find(lease["owner_column"].AsString());
  const Column* until = table.Find(lease["until_column"].AsString());
  const std::int64_t limit = op["limit"].is_null() ? 1 : op["limit"].AsInt(-1);
  if (owner == nullptr || owner->type != Type::kText || until == nullptr || until->type != Type::kTime ||
      lease["owner"].AsString().empty() || lease["ms"].AsInt() < 1 || limit < 1 || !until->nullable) {
    return Bad(table.full_name +
               ": claim expects limit from 1 on and lease {owner_column: a text column, until_column: a "
               "time column that may be null, owner: text, ms: number from 1 on}");
  }
  const std::int64_t now_micros = NowMicros();
  const std::string now = FormatMicros(now_micros);
  rapidjson::Document changes(rapidjson::kObjectType);
  auto& allocator = changes.GetAllocator();
  rapidjson::Value set(rapidjson::kObjectType);
  if (op["set"].is_object()) {
    set.CopyFrom(*op["set"].raw(), allocator);
  }
  set.AddMember(rapidjson::Value(owner->name, allocator),
                rapidjson::Value(std::string(lease["owner"].AsString()), allocator), allocator);
  set.AddMember(rapidjson::Value(until->name, allocator),
                rapidjson::Value(FormatMicros(now_micros + lease["ms"].AsInt() * 1000), allocator), allocator);
  changes.AddMember("set", set, allocator);

  CompiledOp compiled;
  compiled.kind = OpKind::kClaim;
  compiled.returns_rows = true;
  const bool by_identity = !dialect_.RowIdentity().empty();
  const std::string alias = by_identity ? "" : "o";
  const auto pick = [&](SqlBuilder& builder, const std::string& columns, std::string& order) -> Result<std::string> {
    builder.AddSource({alias, *found});
    auto where = LeaseWhere(op, builder, now);
    if (!where.ok()) {
      return where;
    }
    const JsonView terms = op["order"];
    for (std::size_t i = 0; i < terms.size(); ++i) {
      auto reference = builder.Resolve(terms[i]["by"].AsString());
      if (!reference.ok()) {
        return reference.status();
      }
      if (!reference->path.empty()) {
        return Bad("`order` expects plain columns, found " + reference->sql);
      }
      order +=
          (order.empty() ? "" : ", ") + dialect_.OrderTerm(dialect_.ByBytes(reference->sql, reference->column->type),
                                                           terms[i]["desc"].AsBool(), reference->column->nullable);
    }
    order += (order.empty() ? "" : ", ") + Listed(KeyColumns(table, alias));
    return "SELECT " + columns + " FROM " + QuoteName(table.physical) +
           (alias.empty() ? "" : " AS " + QuoteName(alias)) + " WHERE " + *where + " ORDER BY " + order + " LIMIT " +
           builder.Bind(limit, Type::kInt64) + dialect_.LockRows(true);
  };
  std::string order;
  SqlBuilder builder(dialect_);
  if (by_identity) {
    SqlBuilder chosen(dialect_);
    auto before = pick(chosen, dialect_.RowIdentity(), order);
    if (!before.ok()) {
      return before.status();
    }
    compiled.before = Statement{std::move(*before), chosen.TakeParameters()};
  }
  order.clear();
  const auto keys = KeyColumns(table, alias);
  std::string columns = by_identity ? dialect_.RowIdentity() : "";
  std::string match;
  for (std::size_t i = 0; !by_identity && i < keys.size(); ++i) {
    const std::string name = QuoteName("key " + std::to_string(i));
    columns += (i == 0 ? "" : ", ") + keys[i] + " AS " + name;
    match = And(match, "\"t\"." + QuoteName(table.columns[table.primary_key[i]].name) + " = \"picked\"." + name);
  }
  auto picked = pick(builder, columns, order);
  if (!picked.ok()) {
    return picked.status();
  }
  builder.ClearSources();
  builder.AddSource({by_identity ? "" : "t", *found});
  Assignments assignments;
  Status status = Assign(JsonView(&changes), builder, false, assignments);
  auto object = status.ok() ? ReturnObject(op["return"], builder) : Result<std::string>(status);
  if (!object.ok()) {
    return object.status();
  }
  if (by_identity) {
    compiled.main = {"UPDATE " + QuoteName(table.physical) + " SET " + assignments.sql + " WHERE " +
                         dialect_.RowIdentity() + " IN (" + *picked + ") RETURNING " + dialect_.RowIdentity() + ", " +
                         dialect_.JsonText(*object),
                     builder.TakeParameters()};
    return compiled;
  }
  // The rows picked are numbered in their order by a query around the locking one, which may hold no window function.
  compiled.main = {"WITH \"picked\" AS MATERIALIZED (SELECT *, row_number() OVER () AS \"place\" FROM (" + *picked +
                       ") AS \"locked\"), \"done\" AS (UPDATE " + QuoteName(table.physical) + " AS \"t\" SET " +
                       assignments.sql + " FROM \"picked\" WHERE " + match + " RETURNING \"picked\".\"place\", " +
                       dialect_.JsonText(*object) + " AS \"row\") SELECT \"row\" FROM \"done\" ORDER BY \"place\"",
                   builder.TakeParameters()};
  return compiled;
}

}  // namespace tutti::storage
