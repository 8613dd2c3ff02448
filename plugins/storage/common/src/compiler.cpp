#include "compiler.h"

#include <algorithm>

#include "names.h"
#include "query_compiler.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

constexpr std::int64_t kJournalPage = 1000;
constexpr std::int64_t kMostJournaled = 10000;
constexpr std::size_t kLongestStreamName = 200;

const std::vector<std::string> kOperations = {"insert", "upsert", "update", "delete", "get",
                                              "query",  "claim",  "append", "journal"};
// What a query has beside the members that every operation may have.
const std::vector<std::string> kCommonMembers = {"op", "label", "refs", "expect"};

Status Bad(std::string message) {
  return Status::InvalidArgument(std::move(message));
}

std::string Shown(std::string_view text) {
  return CleanUtf8(Utf8Prefix(text, 80));
}

Value DefaultOf(const Column& column) {
  switch (column.default_value.kind) {
    case Default::Kind::kNow:
      return NowIso();
    case Default::Kind::kRandom:
      return NewUuid();
    case Default::Kind::kValue:
      return column.default_value.value;
    default:
      return {};
  }
}

std::string ColumnList(const Table& table) {
  std::string sql;
  for (const Column& column : table.columns) {
    sql += (sql.empty() ? "" : ", ") + QuoteName(column.name);
  }
  return sql;
}

std::string Listed(const std::vector<std::string>& parts, std::string_view separator = ", ") {
  std::string sql;
  for (const std::string& part : parts) {
    sql.append(sql.empty() ? "" : separator).append(part);
  }
  return sql;
}

// The index or key whose columns are exactly `names`; nullptr with found = true is the primary key.
const Index* UniqueOf(const Table& table, std::vector<std::string> names, bool& found) {
  std::sort(names.begin(), names.end());
  std::vector<std::string> key;
  for (const std::size_t index : table.primary_key) {
    key.push_back(table.columns[index].name);
  }
  std::sort(key.begin(), key.end());
  found = key == names;
  if (found) {
    return nullptr;
  }
  for (const Index& index : table.indexes) {
    std::vector<std::string> columns;
    for (const IndexPart& part : index.parts) {
      columns.push_back(part.path.empty() ? part.column : "");
    }
    std::sort(columns.begin(), columns.end());
    if (index.unique && columns == names) {
      found = true;
      return &index;
    }
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> KeyColumns(const Table& table, const std::string& alias) {
  std::vector<std::string> columns;
  for (const std::size_t index : table.primary_key) {
    columns.push_back((alias.empty() ? "" : QuoteName(alias) + ".") + QuoteName(table.columns[index].name));
  }
  return columns;
}

Status CheckMembers(JsonView op, const std::vector<std::string>& members) {
  Status status;
  op.ForEachMember([&](std::string_view key, JsonView) {
    const auto is_key = [&](const std::string& member) { return member == key; };
    if (status.ok() && std::none_of(members.begin(), members.end(), is_key) &&
        std::none_of(kCommonMembers.begin(), kCommonMembers.end(), is_key)) {
      status = Bad("unknown member '" + Shown(key) + "'" + Hint(key, members));
    }
  });
  return status;
}

Result<CompiledOp> Compiler::Compile(JsonView op) const {
  const std::string name(op["op"].AsString());
  auto compiled = CompileNamed(op, name);
  if (!compiled.ok()) {
    return compiled;
  }
  compiled->name = name;
  compiled->table = op["table"] ? op["table"].AsString() : op["from"].AsString();
  if (Status status = ReadExpectation(op, *compiled); !status.ok()) {
    return status;
  }
  return compiled;
}

Result<CompiledOp> Compiler::CompileNamed(JsonView op, const std::string& name) const {
  if (name == "insert") {
    return Insert(op);
  }
  if (name == "append") {
    return Append(op);
  }
  if (name == "update") {
    return Update(op);
  }
  if (name == "query") {
    return QueryCompiler(catalog_, dialect_, plugin_).Compile(op);
  }
  if (name == "get") {
    return Get(op);
  }
  if (name == "upsert") {
    return Upsert(op);
  }
  if (name == "delete") {
    return Delete(op);
  }
  if (name == "claim") {
    return Claim(op);
  }
  if (name == "journal") {
    return Journal(op);
  }
  return Bad("unknown operation '" + Shown(name) + "'" + Hint(name, kOperations));
}

Status Compiler::ReadExpectation(JsonView op, CompiledOp& compiled) const {
  const JsonView expect = op["expect"];
  if (!expect) {
    return {};
  }
  if (compiled.kind == OpKind::kRows || compiled.kind == OpKind::kAppend || compiled.kind == OpKind::kJournal) {
    return Bad("`expect` belongs to writes; " + compiled.name + " is none");
  }
  Status status;
  expect.ForEachMember([&](std::string_view key, JsonView value) {
    if (key == "affected" && value.is_int()) {
      compiled.expect.affected = value.AsInt();
    } else if (key == "version" && value.is_int() && compiled.kind == OpKind::kUpdate) {
      compiled.expect.version = value.AsInt();
    } else if (key == "message" && value.is_string()) {
      compiled.expect.message = value.AsString();
    } else if (key == "code" && value.is_string()) {
      const auto* row = std::find_if(std::begin(tutti_status_table) + 1, std::end(tutti_status_table),
                                     [&](const tutti_status_row& entry) { return value.AsString() == entry.name; });
      if (row == std::end(tutti_status_table)) {
        status = Bad("`expect.code`: '" + Shown(value.AsString()) + "' is no status code such as NOT_FOUND");
        return;
      }
      compiled.expect.code = static_cast<Code>(row->code);
    } else {
      status = Bad("`expect` takes affected (number), version (number, updates only), code and message; found '" +
                   Shown(key) + "'");
    }
  });
  return status;
}

Result<Row> Compiler::ReadRow(const Table& table, JsonView row) const {
  if (!row.is_object()) {
    return Bad(table.full_name + ": a row is an object {column: value}");
  }
  Row values;
  values.reserve(table.columns.size());
  std::size_t used = 0;
  for (const Column& column : table.columns) {
    const JsonView given = row[column.name];
    if (!given) {
      values.push_back(DefaultOf(column));
      continue;
    }
    ++used;
    auto value = Canonical(*given.raw(), column.type, table.full_name + "." + column.name);
    if (!value.ok()) {
      return value.status();
    }
    values.push_back(std::move(*value));
  }
  if (used == row.size()) {
    return values;
  }
  std::string unknown;
  row.ForEachMember([&](std::string_view key, JsonView) { unknown = table.Find(key) == nullptr ? key : unknown; });
  return unknown.empty()
             ? Bad(table.full_name + ": a row names a column twice")
             : Bad(table.full_name + " has no column '" + Shown(unknown) + "'" + Hint(unknown, table.ColumnNames()));
}

Result<CompiledOp> Compiler::Insert(JsonView op) const {
  if (Status status = CheckMembers(op, {"table", "row", "rows", "ignore_conflict"}); !status.ok()) {
    return status;
  }
  auto table = catalog_.Allowed(op["table"].AsString(), plugin_, "insert");
  if (!table.ok()) {
    return table.status();
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kInsert;
  compiled.insert.table = *table;
  compiled.insert.ignore_conflict = op["ignore_conflict"].AsBool();
  if (static_cast<bool>(op["row"]) == op["rows"].is_array()) {
    return Bad((*table)->full_name + ": insert expects either `row`, an object, or `rows`, an array of objects");
  }
  Status status;
  const auto add = [&](JsonView row) {
    auto values = status.ok() ? ReadRow(**table, row) : Result<Row>(status);
    if (!values.ok()) {
      status = values.status();
      return;
    }
    compiled.insert.rows.push_back(std::move(*values));
  };
  op["row"] ? add(op["row"]) : op["rows"].ForEach(add);
  return status.ok() ? Result<CompiledOp>(std::move(compiled)) : status;
}

Result<CompiledOp> Compiler::Upsert(JsonView op) const {
  if (Status status = CheckMembers(op, {"table", "row", "key", "set"}); !status.ok()) {
    return status;
  }
  auto found = catalog_.Allowed(op["table"].AsString(), plugin_, "upsert");
  if (!found.ok()) {
    return found.status();
  }
  const Table& table = **found;
  auto values = ReadRow(table, op["row"]);
  if (!values.ok()) {
    return values.status();
  }
  std::vector<std::string> key;
  op["key"].ForEach([&](JsonView column) { key.emplace_back(column.AsString()); });
  bool is_unique = false;
  const Index* index = UniqueOf(table, key, is_unique);
  if (!is_unique) {
    return Bad(table.full_name + ": `key` of upsert expects the columns of the primary key or of a unique index");
  }
  std::vector<std::string> set;
  if (op["set"]) {
    op["set"].ForEach([&](JsonView column) { set.emplace_back(column.AsString()); });
  } else {
    op["row"].ForEachMember([&](std::string_view column, JsonView) {
      if (std::find(key.begin(), key.end(), column) == key.end()) {
        set.emplace_back(column);
      }
    });
  }
  SqlBuilder builder(dialect_);
  builder.AddSource({"", *found});
  std::vector<std::string> placeholders;
  for (std::size_t i = 0; i < values->size(); ++i) {
    placeholders.push_back(builder.Bind(std::move((*values)[i]), table.columns[i].type));
  }
  std::vector<std::string> assignments;
  for (const std::string& column : set) {
    if (table.Find(column) == nullptr) {
      return Bad(table.full_name + " has no column '" + Shown(column) + "'" + Hint(column, table.ColumnNames()));
    }
    assignments.push_back(QuoteName(column) + " = excluded." + QuoteName(column));
  }
  for (const std::string& column : table.touch) {
    if (!set.empty() && std::find(set.begin(), set.end(), column) == set.end()) {
      assignments.push_back(QuoteName(column) + " = " + builder.Bind(NowIso(), Type::kTime));
    }
  }
  std::vector<std::string> quoted_key;
  std::transform(key.begin(), key.end(), std::back_inserter(quoted_key), QuoteName);
  std::string where;
  if (index != nullptr && !index->where.empty()) {
    SqlBuilder literal(dialect_, SqlBuilder::Values::kLiteral);
    literal.AddSource({"", *found});
    auto filter = Json::Parse(index->where);
    auto condition = filter.ok() ? literal.Filter(filter->view()) : Result<std::string>(filter.status());
    if (!condition.ok()) {
      return condition.status();
    }
    where = condition->empty() ? "" : " WHERE " + *condition;
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kWrite;
  compiled.main = {"INSERT INTO " + QuoteName(table.physical) + " (" + ColumnList(table) + ") VALUES (" +
                       Listed(placeholders) + ") ON CONFLICT (" + Listed(quoted_key) + ")" + where +
                       (assignments.empty() ? " DO NOTHING" : " DO UPDATE SET " + Listed(assignments)),
                   builder.TakeParameters()};
  return compiled;
}

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

Result<CompiledOp> Compiler::Get(JsonView op) const {
  if (Status status = CheckMembers(op, {"table", "key", "select"}); !status.ok()) {
    return status;
  }
  auto table = catalog_.Allowed(op["table"].AsString(), plugin_, "query");
  if (!table.ok()) {
    return table.status();
  }
  std::vector<std::string> key;
  op["key"].ForEachMember([&](std::string_view column, JsonView) { key.emplace_back(column); });
  bool is_unique = false;
  UniqueOf(**table, key, is_unique);
  if (!is_unique) {
    return Bad((*table)->full_name +
               ": `key` of get expects the primary key or the columns of a unique index; "
               "`query` finds rows by others");
  }
  SqlBuilder builder(dialect_);
  builder.AddSource({(*table)->name, *table});
  auto object = QueryCompiler(catalog_, dialect_, plugin_).Select(op["select"], builder);
  auto where = object.ok() ? builder.Filter(op["key"]) : object;
  if (!where.ok()) {
    return where.status();
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kRows;
  compiled.returns_rows = true;
  compiled.main = {"SELECT " + dialect_.JsonText(*object) + " FROM " + QuoteName((*table)->physical) + " AS " +
                       QuoteName((*table)->name) + " WHERE " + *where,
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

Result<CompiledOp> Compiler::Append(JsonView op) const {
  if (Status status = CheckMembers(op, {"stream", "type", "run", "agent", "data"}); !status.ok()) {
    return status;
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kAppend;
  compiled.append = {std::string(op["stream"].AsString()), std::string(op["type"].AsString()),
                     std::string(op["run"].AsString()), std::string(op["agent"].AsString()),
                     op["data"] ? op["data"].Dump() : "{}"};
  if (compiled.append.stream.empty() || compiled.append.stream.size() > kLongestStreamName ||
      compiled.append.type.empty()) {
    return Bad("append expects `stream` (1 to " + std::to_string(kLongestStreamName) + " bytes) and `type`");
  }
  if (op["data"] && !op["data"].is_object()) {
    return Bad("append expects `data` to be an object");
  }
  return compiled;
}

Result<CompiledOp> Compiler::Journal(JsonView op) const {
  if (Status status = CheckMembers(op, {"stream", "since", "limit"}); !status.ok()) {
    return status;
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kJournal;
  compiled.journal = {std::string(op["stream"].AsString()), op["since"].AsInt(0),
                      op["limit"].is_null() ? kJournalPage : op["limit"].AsInt(-1)};
  if (compiled.journal.stream.empty() || compiled.journal.since < 0 || compiled.journal.limit < 0 ||
      compiled.journal.limit > kMostJournaled) {
    return Bad("journal expects `stream`, `since` from 0 on and `limit` from 0 to " + std::to_string(kMostJournaled));
  }
  return compiled;
}

}  // namespace tutti::storage
