#include "compiler.h"

#include <algorithm>

#include "names.h"
#include "query_compiler.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

const std::vector<std::string> kOperations = {"insert", "upsert", "update",  "delete", "get", "query",
                                              "claim",  "append", "journal", "heads",  "trim"};
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
  if (name == "heads") {
    return Heads(op);
  }
  if (name == "trim") {
    return Trim(op);
  }
  return Bad("unknown operation '" + Shown(name) + "'" + Hint(name, kOperations));
}

Status Compiler::ReadExpectation(JsonView op, CompiledOp& compiled) const {
  const JsonView expect = op["expect"];
  if (!expect) {
    return {};
  }
  if (compiled.kind == OpKind::kRows || compiled.kind == OpKind::kAppend || compiled.kind == OpKind::kJournal ||
      compiled.kind == OpKind::kHeads || compiled.kind == OpKind::kTrim) {
    return Bad("`expect` belongs to writes of rows; " + compiled.name + " is none");
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

}  // namespace tutti::storage
