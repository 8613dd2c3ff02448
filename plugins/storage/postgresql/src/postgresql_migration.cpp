#include "postgresql_migration.h"

#include <algorithm>

#include "names.h"
#include "sql_builder.h"

namespace tutti::storage::postgresql {
namespace {

constexpr const char* kFindTable =
    "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND "
    "relname = $1::text";
constexpr const char* kFindIndex =
    "SELECT t.relname FROM pg_class i JOIN pg_index x ON x.indexrelid = i.oid JOIN pg_class t ON t.oid = x.indrelid "
    "WHERE "
    "i.relnamespace = current_schema()::regnamespace AND i.relname = $1::text";
constexpr const char* kFindConstraint =
    "SELECT t.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid WHERE t.relnamespace = "
    "current_schema()::regnamespace AND c.conname = $1::text";
constexpr const char* kColumns =
    "SELECT column_name, udt_name, CASE WHEN numeric_precision IS NOT NULL AND udt_name = 'numeric' THEN 'bounded' END "
    "FROM "
    "information_schema.columns WHERE table_schema = current_schema() AND table_name = $1::text";

std::string Place(const Table& table, const Column& column) {
  return table.full_name + " (table " + table.physical + "), column " + column.name;
}

std::string ServerType(Type type) {
  switch (type) {
    case Type::kInt64:
      return "int8";
    case Type::kDouble:
      return "float8";
    case Type::kBool:
      return "bool";
    default:
      return PostgresqlDialect::TypeText(type);
  }
}

std::string DeclaredType(Type type) {
  return type == Type::kText ? "text COLLATE \"C\"" : PostgresqlDialect::TypeText(type);
}

// Types whose every value the wanted type holds.
bool CanWiden(const std::string& from, const std::string& to) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> wider = {{"int8", {"int2", "int4"}},
                                                                               {"numeric", {"int2", "int4", "int8"}},
                                                                               {"float8", {"float4", "int2", "int4"}},
                                                                               {"text", {"varchar", "bpchar"}},
                                                                               {"jsonb", {"json"}}};
  return std::any_of(wider.begin(), wider.end(), [&](const auto& entry) {
    return entry.first == to && std::find(entry.second.begin(), entry.second.end(), from) != entry.second.end();
  });
}

}  // namespace

Status PostgresqlMigration::Run(const Namespace& space) {
  for (const auto& table : space.tables) {
    if (Status status = EnsureTable(table); !status.ok()) {
      return status;
    }
  }
  return {};
}

Result<std::string> PostgresqlMigration::Lookup(const std::string& sql, const std::string& name) {
  std::string owner;
  auto run = connection_.Run({sql, {{Type::kText, name}}}, [&](std::span<const std::string_view> fields) {
    owner = fields[0];
    return Status();
  });
  return run.ok() ? Result<std::string>(std::move(owner)) : run.status();
}

Result<std::vector<PostgresqlMigration::Found>> PostgresqlMigration::Columns(const std::string& table) {
  std::vector<Found> found;
  auto run = connection_.Run({kColumns, {{Type::kText, table}}}, [&](std::span<const std::string_view> fields) {
    found.push_back({std::string(fields[0]), std::string(fields[1]), fields[2].data() != nullptr});
    return Status();
  });
  return run.ok() ? Result<std::vector<Found>>(std::move(found)) : run.status();
}

Result<std::string> PostgresqlMigration::Condition(const std::shared_ptr<const Table>& table,
                                                   const std::string& filter) {
  SqlBuilder builder(dialect_, SqlBuilder::Values::kLiteral);
  builder.AddSource({"", table});
  auto json = Json::Parse(filter);
  auto condition = json.ok() ? builder.Filter(json->view()) : Result<std::string>(json.status());
  return condition.ok() ? condition
                        : Status::InvalidArgument("schema: " + table->full_name + ": " +
                                                  std::string(condition.status().message()));
}

std::string PostgresqlMigration::ColumnText(const Table& table, const Column& column) const {
  const std::string name = QuoteName(column.name);
  std::string sql = name + " " + DeclaredType(column.type) + (column.nullable ? "" : " NOT NULL");
  switch (column.default_value.kind) {
    case Default::Kind::kNow:
      sql += " DEFAULT now()";
      break;
    case Default::Kind::kRandom:
      sql += " DEFAULT gen_random_uuid()";
      break;
    case Default::Kind::kValue:
      sql += " DEFAULT " + dialect_.Literal(column.default_value.value, column.type);
      break;
    default:
      break;
  }
  std::string allowed;
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

Status PostgresqlMigration::CreateTable(const std::shared_ptr<const Table>& table) {
  std::string sql = "CREATE TABLE " + QuoteName(table->physical) + " (";
  for (const Column& column : table->columns) {
    sql += ColumnText(*table, column) + ", ";
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
  if (Status status = connection_.Control(sql + "))"); !status.ok()) {
    return {status.code(), "creating " + table->full_name + ": " + std::string(status.message())};
  }
  created_.push_back("table " + table->physical);
  return {};
}

Status PostgresqlMigration::EnsureTable(const std::shared_ptr<const Table>& table) {
  auto existing_table = Lookup(kFindTable, table->physical);
  if (!existing_table.ok()) {
    return existing_table.status();
  }
  if (existing_table->empty()) {
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

Status PostgresqlMigration::EnsureColumn(const Table& table, const Column& column, const std::vector<Found>& existing) {
  const auto found = std::find_if(existing.begin(), existing.end(),
                                  [&](const Found& candidate) { return candidate.name == column.name; });
  if (found != existing.end()) {
    return WidenColumn(table, column, *found);
  }
  if (column.primary) {
    return Status::FailedPrecondition(Place(table, column) +
                                      ": a column of the primary key cannot be added to a table "
                                      "that exists; declare a new table");
  }
  const Status status =
      connection_.Control("ALTER TABLE " + QuoteName(table.physical) + " ADD COLUMN " + ColumnText(table, column));
  if (!status.ok()) {
    return Status::FailedPrecondition(Place(table, column) + " cannot be added (" + std::string(status.message()) +
                                      "); let it be null, or give it a default value");
  }
  created_.push_back("column " + table.physical + "." + column.name);
  return {};
}

Status PostgresqlMigration::WidenColumn(const Table& table, const Column& column, const Found& found) {
  const std::string wanted = ServerType(column.type);
  if (found.type == wanted && !found.bounded) {
    return {};
  }
  if (found.type != wanted && !CanWiden(found.type, wanted)) {
    return Status::FailedPrecondition(Place(table, column) + ": the database has type " + found.type + ", " +
                                      std::string(TypeName(column.type)) + " needs " + wanted +
                                      "; declare the former type, or a new column");
  }
  const std::string type = PostgresqlDialect::TypeText(column.type);
  const Status status = connection_.Control("ALTER TABLE " + QuoteName(table.physical) + " ALTER COLUMN " +
                                            QuoteName(column.name) + " TYPE " + type);
  if (!status.ok()) {
    return Status::FailedPrecondition(Place(table, column) + " cannot be widened from " + found.type + " to " + type +
                                      " (" + std::string(status.message()) + "); drop what depends on its type first");
  }
  if (rewritten_.empty() || rewritten_.back() != table.physical) {
    rewritten_.push_back(table.physical);
  }
  changed_.push_back("column " + table.physical + "." + column.name + " widened to " + type);
  return {};
}

Status PostgresqlMigration::Replace(const Table& table, const Index& index, const std::string& former) {
  auto constraint = Lookup(kFindConstraint, former);
  auto existing = constraint.ok() ? Lookup(kFindIndex, former) : constraint;
  if (!existing.ok()) {
    return existing.status();
  }
  std::string sql;
  if (*constraint == table.physical) {
    sql = "ALTER TABLE " + QuoteName(table.physical) + " DROP CONSTRAINT " + QuoteName(former);
  } else if (*existing == table.physical) {
    sql = "DROP INDEX " + QuoteName(former);
  } else {
    return {};
  }
  if (Status status = connection_.Control(sql); !status.ok()) {
    return {status.code(), table.full_name + ": replacing " + former + ": " + std::string(status.message())};
  }
  changed_.push_back("constraint " + former + " replaced by " + index.name);
  return {};
}

std::string PostgresqlMigration::IndexText(const Table& table, const Index& index) const {
  std::string sql = std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " + QuoteName(index.name) +
                    " ON " + QuoteName(table.physical) + " (";
  for (std::size_t i = 0; i < index.parts.size(); ++i) {
    const IndexPart& part = index.parts[i];
    const std::string column = QuoteName(part.column);
    const bool nullable = table.Find(part.column)->nullable;
    sql += (i == 0 ? "" : ", ") + (part.path.empty()
                                       ? dialect_.OrderTerm(column, part.descending, nullable && !index.unique)
                                       : dialect_.PathText(column, dialect_.PathKeys(part.path, nullptr)));
  }
  return sql + ")";
}

Status PostgresqlMigration::EnsureIndex(const std::shared_ptr<const Table>& table, const Index& index) {
  for (const std::string& former : index.replaces) {
    if (Status status = Replace(*table, index, former); !status.ok()) {
      return status;
    }
  }
  auto owner = Lookup(kFindIndex, index.name);
  if (!owner.ok()) {
    return owner.status();
  }
  if (!owner->empty()) {
    return *owner == table->physical
               ? Status()
               : Status::AlreadyExists("the index '" + index.name + "' exists already, on table '" + *owner +
                                       "'; choose another name");
  }
  std::string sql = IndexText(*table, index);
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

}  // namespace tutti::storage::postgresql
