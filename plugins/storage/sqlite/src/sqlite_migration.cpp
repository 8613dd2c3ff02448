#include "sqlite_migration.h"

#include <algorithm>

#include "names.h"
#include "sql_builder.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage::sqlite {
namespace {

constexpr std::string_view kNow = "strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')";
constexpr std::string_view kRandom =
    "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || "
    "substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

std::string Place(const Table& table, const Column& column) {
  return table.full_name + " (table " + table.physical + "), column " + column.name;
}

}  // namespace

Status SqliteMigration::Run(const Namespace& space) {
  for (const auto& table : space.tables) {
    if (Status status = EnsureTable(table); !status.ok()) {
      return status;
    }
  }
  return {};
}

Result<bool> SqliteMigration::Exists(const char* type, const std::string& name, const std::string& table) {
  bool exists = false;
  std::string owner;
  auto run = connection_.Run({"SELECT tbl_name FROM sqlite_schema WHERE type = ?1 AND name = ?2",
                              {{Type::kText, std::string(type)}, {Type::kText, name}}},
                             [&](std::span<const std::string_view> fields) {
                               exists = true;
                               owner = fields[0];
                               return Status();
                             });
  if (!run.ok()) {
    return run.status();
  }
  if (exists && owner != table) {
    return Status::AlreadyExists("the " + std::string(type) + " '" + name + "' exists already, on table '" + owner +
                                 "'; choose another name");
  }
  return exists;
}

Result<std::vector<SqliteMigration::Found>> SqliteMigration::Columns(const std::string& table) {
  std::vector<Found> found;
  auto run = connection_.Run({"SELECT name, type FROM pragma_table_info(?1)", {{Type::kText, table}}},
                             [&](std::span<const std::string_view> fields) {
                               found.push_back({std::string(fields[0]), std::string(fields[1])});
                               return Status();
                             });
  return run.ok() ? Result<std::vector<Found>>(std::move(found)) : run.status();
}

Result<std::string> SqliteMigration::Condition(const std::shared_ptr<const Table>& table, const std::string& filter) {
  SqlBuilder builder(dialect_, SqlBuilder::Values::kLiteral);
  builder.AddSource({"", table});
  auto json = Json::Parse(filter);
  auto condition = json.ok() ? builder.Filter(json->view()) : Result<std::string>(json.status());
  return condition.ok() ? condition
                        : Status::InvalidArgument("schema: " + table->full_name + ": " +
                                                  std::string(condition.status().message()));
}

std::string SqliteMigration::DefaultText(const Column& column, bool added) const {
  switch (column.default_value.kind) {
    case Default::Kind::kNow:
      // A column added to rows that exist takes constants only; inserts through the engine bring their own time.
      return added ? (column.nullable ? "" : " DEFAULT " + QuoteLiteral(NowIso()))
                   : " DEFAULT (" + std::string(kNow) + ")";
    case Default::Kind::kRandom:
      return added ? "" : " DEFAULT (" + std::string(kRandom) + ")";
    case Default::Kind::kValue:
      return " DEFAULT " + dialect_.Literal(column.default_value.value, column.type);
    default:
      return {};
  }
}

std::string SqliteMigration::ColumnText(const Table& table, const Column& column, bool added) const {
  const std::string name = QuoteName(column.name);
  std::string sql = name + " " + SqliteDialect::ColumnType(column.type) + (column.nullable ? "" : " NOT NULL") +
                    DefaultText(column, added);
  std::string allowed = column.type == Type::kBool ? "0, 1" : "";
  for (const Value& value : column.allowed) {
    allowed += (allowed.empty() ? "" : ", ") + dialect_.Literal(value, column.type);
  }
  if (!allowed.empty()) {
    sql += " CONSTRAINT " + QuoteName(table.physical + "_" + column.name + "_check") + " CHECK (" + name + " IN (" +
           allowed + "))";
  }
  if (column.reference) {
    sql += " REFERENCES " + QuoteName(column.reference->table) + " (" + QuoteName(column.reference->column) +
           ") ON DELETE " + column.reference->on_delete;
  }
  return sql;
}

Status SqliteMigration::CreateTable(const std::shared_ptr<const Table>& table) {
  std::string sql = "CREATE TABLE " + QuoteName(table->physical) + " (";
  for (const Column& column : table->columns) {
    sql += ColumnText(*table, column, false) + ", ";
  }
  for (const Check& check : table->checks) {
    auto condition = Condition(table, check.filter);
    if (!condition.ok()) {
      return condition.status();
    }
    sql += "CONSTRAINT " + QuoteName(check.name) + " CHECK (" + *condition + "), ";
  }
  sql += "PRIMARY KEY (";
  for (std::size_t i = 0; i < table->primary_key.size(); ++i) {
    sql += (i == 0 ? "" : ", ") + QuoteName(table->columns[table->primary_key[i]].name);
  }
  if (Status status = connection_.Control(sql + ")) STRICT"); !status.ok()) {
    return {status.code(), "creating " + table->full_name + ": " + std::string(status.message())};
  }
  created_.push_back("table " + table->physical);
  return {};
}

Status SqliteMigration::EnsureTable(const std::shared_ptr<const Table>& table) {
  auto exists = Exists("table", table->physical, table->physical);
  if (!exists.ok()) {
    return exists.status();
  }
  if (!*exists) {
    if (Status status = CreateTable(table); !status.ok()) {
      return status;
    }
  } else {
    auto existing = Columns(table->physical);
    if (!existing.ok()) {
      return existing.status();
    }
    for (const Column& column : table->columns) {
      if (Status status = EnsureColumn(*table, column, *existing); !status.ok()) {
        return status;
      }
    }
  }
  for (const Index& index : table->indexes) {
    if (Status status = EnsureIndex(table, index); !status.ok()) {
      return status;
    }
  }
  return {};
}

Status SqliteMigration::EnsureColumn(const Table& table, const Column& column, const std::vector<Found>& existing) {
  const auto found = std::find_if(existing.begin(), existing.end(),
                                  [&](const Found& candidate) { return candidate.name == column.name; });
  const std::string type = SqliteDialect::ColumnType(column.type);
  if (found != existing.end()) {
    return found->type == type
               ? Status()
               : Status::FailedPrecondition(Place(table, column) + ": the database has type " + found->type + ", " +
                                            std::string(TypeName(column.type)) + " needs " + type +
                                            "; declare the former type, or a new column");
  }
  if (column.primary) {
    return Status::FailedPrecondition(Place(table, column) +
                                      ": a column of the primary key cannot be added to a table "
                                      "that exists; declare a new table");
  }
  Status status = connection_.Control("ALTER TABLE " + QuoteName(table.physical) + " ADD COLUMN " +
                                      ColumnText(table, column, true));
  if (status.ok() && column.default_value.kind == Default::Kind::kRandom) {
    status = connection_.Control("UPDATE " + QuoteName(table.physical) + " SET " + QuoteName(column.name) + " = " +
                                 std::string(kRandom));
  }
  if (!status.ok()) {
    return Status::FailedPrecondition(Place(table, column) + " cannot be added (" + std::string(status.message()) +
                                      "); let it be null, or give it a default value");
  }
  created_.push_back("column " + table.physical + "." + column.name);
  return {};
}

Status SqliteMigration::EnsureIndex(const std::shared_ptr<const Table>& table, const Index& index) {
  for (const std::string& former : index.replaces) {
    auto exists = Exists("index", former, table->physical);
    if (!exists.ok()) {
      return exists.status();
    }
    if (*exists) {
      if (Status status = connection_.Control("DROP INDEX " + QuoteName(former)); !status.ok()) {
        return {status.code(), table->full_name + ": replacing index " + former + ": " + std::string(status.message())};
      }
      changed_.push_back("index " + former + " replaced by " + index.name);
    }
  }
  auto exists = Exists("index", index.name, table->physical);
  if (!exists.ok()) {
    return exists.status();
  }
  if (*exists) {
    return {};
  }
  std::string sql = std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " + QuoteName(index.name) +
                    " ON " + QuoteName(table->physical) + " (";
  for (std::size_t i = 0; i < index.parts.size(); ++i) {
    const IndexPart& part = index.parts[i];
    const std::string column = QuoteName(part.column);
    sql += (i == 0 ? "" : ", ") +
           (part.path.empty() ? column : dialect_.PathText(column, dialect_.PathKeys(part.path, nullptr))) +
           (part.descending ? " DESC" : "");
  }
  sql += ")";
  if (!index.where.empty()) {
    auto condition = Condition(table, index.where);
    if (!condition.ok()) {
      return condition.status();
    }
    sql += condition->empty() ? "" : " WHERE " + *condition;
  }
  if (Status status = connection_.Control(sql); !status.ok()) {
    return {status.code() == Code::kAlreadyExists ? Code::kFailedPrecondition : status.code(),
            table->full_name + ": index " + index.name + " cannot be created: " + std::string(status.message()) +
                (index.unique ? "; rows that are not unique must be changed first" : "")};
  }
  created_.push_back("index " + index.name);
  return {};
}

}  // namespace tutti::storage::sqlite
