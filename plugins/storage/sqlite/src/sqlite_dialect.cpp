#include "sqlite_dialect.h"

#include <algorithm>

#include "names.h"

namespace tutti::storage::sqlite {

std::string SqliteDialect::Placeholder(std::size_t number, Type) const {
  return "?" + std::to_string(number);
}

std::string SqliteDialect::Literal(const Value& value, Type type) const {
  if (const auto* flag = std::get_if<bool>(&value)) {
    return Boolean(*flag);
  }
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*integer);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    return NumberText(*number);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return type == Type::kBytes ? "CAST(" + QuoteLiteral(*text) + " AS BLOB)" : QuoteLiteral(*text);
  }
  return "NULL";
}

std::string SqliteDialect::Boolean(bool value) const {
  return value ? "1" : "0";
}

std::string SqliteDialect::ContainsFolded(const std::string& text, const std::string& needle) const {
  return "instr(lower(" + text + "), lower(" + needle + ")) > 0";
}

std::string SqliteDialect::Contains(const std::string& text, const std::string& needle) const {
  return "instr(" + text + ", " + needle + ") > 0";
}

std::string SqliteDialect::StartsWith(const std::string& text, const std::string& prefix) const {
  return "(" + text + " >= " + prefix + " AND substr(" + text + ", 1, length(" + prefix + ")) = " + prefix + ")";
}

std::string SqliteDialect::ByBytes(const std::string& expression, Type) const {
  return expression;
}

std::string SqliteDialect::OrderTerm(const std::string& expression, bool descending, bool) const {
  return expression + (descending ? " DESC" : "");
}

std::string SqliteDialect::JsonValue(const std::string& expression, Type type) const {
  switch (type) {
    case Type::kBool:
      return "json(CASE " + expression + " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)";
    case Type::kJson:
      return "json(" + expression + ")";
    case Type::kDouble:
      return "json(tutti_double(" + expression + "))";
    case Type::kDecimal:
      return "json(tutti_decimal(" + expression + "))";
    case Type::kBytes:
      return "tutti_base64(" + expression + ")";
    default:
      return expression;
  }
}

std::string SqliteDialect::JsonLiteral(const std::string& placeholder) const {
  return "json(" + placeholder + ")";
}

std::string SqliteDialect::JsonObject(const std::vector<std::pair<std::string, std::string>>& members) const {
  std::string sql;
  for (const auto& [name, value] : members) {
    sql.append(sql.empty() ? "json_object(" : ", ").append(name).append(", ").append(value);
  }
  return sql + ")";
}

std::string SqliteDialect::JsonText(const std::string& object) const {
  return object;
}

std::string SqliteDialect::JsonMerge(const std::string& column, const std::string& patch) const {
  return "tutti_merge(" + column + ", " + patch + ")";
}

std::vector<std::string> SqliteDialect::PathKeys(const std::vector<std::string>& members,
                                                 const std::function<std::string(std::string)>& bind) const {
  std::string path = "$";
  for (const std::string& member : members) {
    path.append(".\"").append(member).append("\"");
  }
  // A plain path is a literal, so that an index on the same expression is found.
  return {std::all_of(members.begin(), members.end(), IsName) ? QuoteLiteral(path) : bind(std::move(path))};
}

std::string SqliteDialect::PathText(const std::string& column, const std::vector<std::string>& keys) const {
  return "(" + column + " ->> " + keys[0] + ")";
}

std::string SqliteDialect::PathJson(const std::string& column, const std::vector<std::string>& keys) const {
  return "json(" + column + " -> " + keys[0] + ")";
}

std::string SqliteDialect::PathNumber(const std::string& column, const std::vector<std::string>& keys) const {
  return PathText(column, keys);
}

std::string SqliteDialect::PathNumberOperand(const std::string& placeholder) const {
  return placeholder;
}

std::string SqliteDialect::PathIs(const std::string& column, const std::vector<std::string>& keys,
                                  JsonKind kind) const {
  return "json_type(" + column + ", " + keys[0] + ")" +
         (kind == JsonKind::kString ? " = 'text'" : " IN ('integer', 'real')");
}

std::string SqliteDialect::PathIsBoolean(const std::string& column, const std::vector<std::string>& keys,
                                         bool value) const {
  return "json_type(" + column + ", " + keys[0] + ") = " + (value ? "'true'" : "'false'");
}

std::string SqliteDialect::Add(const std::string& column, const std::string& amount, Type type) const {
  const std::string sum = "coalesce(" + column + ", 0) + " + amount;
  return type == Type::kDecimal ? "tutti_round(" + sum + ")" : sum;
}

std::string SqliteDialect::Sum(const std::string& expression, Type) const {
  return "coalesce(sum(" + expression + "), 0)";
}

std::string SqliteDialect::AsText(const std::string& expression) const {
  return "CAST(" + expression + " AS TEXT)";
}

std::string SqliteDialect::Extreme(Type type, bool least) const {
  switch (type) {
    case Type::kTime:
      return least ? "''" : "'~'";  // times are text that begins with a digit
    case Type::kInt64:
      return least ? "(-9223372036854775807 - 1)" : "9223372036854775807";
    default:
      return {};
  }
}

std::string SqliteDialect::JoinEach(const std::string& from, const std::string& alias, const std::string& condition,
                                    const std::string& tail) const {
  // There is no LATERAL; CROSS keeps the planner from turning the order of the tables round.
  return " CROSS JOIN " + from + " ON " + alias + ".rowid IN (SELECT " + alias + ".rowid FROM " + from + " WHERE " +
         condition + tail + ")";
}

std::string SqliteDialect::LockRows(bool) const {
  return {};
}

std::string SqliteDialect::Announcement(const std::string&, const std::string&) const {
  return {};
}

std::string SqliteDialect::RowIdentity() const {
  return "rowid";
}

std::string SqliteDialect::ColumnType(Type type) {
  switch (type) {
    case Type::kInt64:
    case Type::kBool:
      // Not INTEGER: an INTEGER primary key would be the rowid, which identifies a row while it changes.
      return "INT";
    case Type::kDouble:
    case Type::kDecimal:
      return "REAL";
    case Type::kBytes:
      return "BLOB";
    default:
      return "TEXT";
  }
}

}  // namespace tutti::storage::sqlite
