#include "postgresql_dialect.h"

#include <algorithm>

#include "names.h"

namespace tutti::storage::postgresql {
namespace {

std::string Hexadecimal(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "\\x";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

}  // namespace

std::string PostgresqlDialect::TypeText(Type type) {
  switch (type) {
    case Type::kInt64:
      return "bigint";
    case Type::kDouble:
      return "double precision";
    case Type::kDecimal:
      return "numeric";
    case Type::kBool:
      return "boolean";
    case Type::kJson:
      return "jsonb";
    case Type::kTime:
      return "timestamptz";
    case Type::kUuid:
      return "uuid";
    case Type::kBytes:
      return "bytea";
    default:
      return "text";
  }
}

std::string PostgresqlDialect::ValueText(const Value& value, Type type) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return type == Type::kBytes ? Hexadecimal(*text) : *text;
  }
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*integer);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    return NumberText(*number);
  }
  const auto* flag = std::get_if<bool>(&value);
  return flag != nullptr && *flag ? "t" : "f";
}

std::string PostgresqlDialect::Placeholder(std::size_t number, Type type) const {
  return "$" + std::to_string(number) + "::" + TypeText(type);
}

std::string PostgresqlDialect::Literal(const Value& value, Type type) const {
  if (std::holds_alternative<std::monostate>(value)) {
    return "NULL";
  }
  if (const auto* flag = std::get_if<bool>(&value)) {
    return Boolean(*flag);
  }
  const std::string text = ValueText(value, type);
  return std::holds_alternative<std::string>(value) ? QuoteLiteral(text) + "::" + TypeText(type) : text;
}

std::string PostgresqlDialect::Boolean(bool value) const {
  return value ? "TRUE" : "FALSE";
}

std::string PostgresqlDialect::ContainsFolded(const std::string& text, const std::string& needle) const {
  return "strpos(lower(" + text + " COLLATE \"C\"), lower(" + needle + " COLLATE \"C\")) > 0";
}

std::string PostgresqlDialect::Contains(const std::string& text, const std::string& needle) const {
  return "strpos(" + text + ", " + needle + ") > 0";
}

std::string PostgresqlDialect::StartsWith(const std::string& text, const std::string& prefix) const {
  return "starts_with(" + text + ", " + prefix + ")";
}

std::string PostgresqlDialect::ByBytes(const std::string& expression, Type type) const {
  return type == Type::kText ? expression + " COLLATE \"C\"" : expression;
}

std::string PostgresqlDialect::OrderTerm(const std::string& expression, bool descending, bool nullable) const {
  // Spelt out only where it matters: an index on a column that is never null keeps the server's own order.
  return expression + (descending ? " DESC" : "") + (nullable ? (descending ? " NULLS LAST" : " NULLS FIRST") : "");
}

std::string PostgresqlDialect::JsonValue(const std::string& expression, Type type) const {
  switch (type) {
    case Type::kDecimal:
      return "trim_scale(" + expression + ")";
    case Type::kTime:
      return "to_char(" + expression + " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')";
    case Type::kBytes:
      return "translate(encode(" + expression + ", 'base64'), E'\\n', '')";
    default:
      return expression;
  }
}

std::string PostgresqlDialect::JsonLiteral(const std::string& placeholder) const {
  return "(" + placeholder + ")::json";
}

std::string PostgresqlDialect::JsonObject(const std::vector<std::pair<std::string, std::string>>& members) const {
  std::string sql;
  for (const auto& [name, value] : members) {
    sql.append(sql.empty() ? "json_build_object(" : ", ").append(name).append(", ").append(value);
  }
  return sql + ")";
}

std::string PostgresqlDialect::JsonText(const std::string& object) const {
  return object + "::text";
}

std::string PostgresqlDialect::JsonMerge(const std::string& column, const std::string& patch) const {
  return "CASE WHEN jsonb_typeof(" + column + ") = 'object' THEN " + column + " ELSE '{}'::jsonb END || " + patch;
}

std::vector<std::string> PostgresqlDialect::PathKeys(const std::vector<std::string>& members,
                                                     const std::function<std::string(std::string)>& bind) const {
  std::vector<std::string> keys;
  for (const std::string& member : members) {
    keys.push_back(IsName(member) ? QuoteLiteral(member) : bind(member));
  }
  return keys;
}

std::string PostgresqlDialect::PathText(const std::string& column, const std::vector<std::string>& keys) const {
  std::string sql = "(" + column;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    sql += (i + 1 == keys.size() ? " ->> " : " -> ") + keys[i];
  }
  return sql + ")";
}

std::string PostgresqlDialect::PathJson(const std::string& column, const std::vector<std::string>& keys) const {
  std::string sql = "(" + column;
  for (const std::string& key : keys) {
    sql += " -> " + key;
  }
  return sql + ")";
}

std::string PostgresqlDialect::PathNumber(const std::string& column, const std::vector<std::string>& keys) const {
  return PathJson(column, keys);
}

std::string PostgresqlDialect::PathNumberOperand(const std::string& placeholder) const {
  return "to_jsonb(" + placeholder + ")";
}

std::string PostgresqlDialect::PathIs(const std::string& column, const std::vector<std::string>& keys,
                                      JsonKind kind) const {
  return "jsonb_typeof(" + PathJson(column, keys) + ")" + (kind == JsonKind::kString ? " = 'string'" : " = 'number'");
}

std::string PostgresqlDialect::PathIsBoolean(const std::string& column, const std::vector<std::string>& keys,
                                             bool value) const {
  return PathJson(column, keys) + (value ? " = 'true'::jsonb" : " = 'false'::jsonb");
}

std::string PostgresqlDialect::Add(const std::string& column, const std::string& amount, Type) const {
  return "coalesce(" + column + ", 0) + " + amount;
}

std::string PostgresqlDialect::Sum(const std::string& expression, Type) const {
  return "coalesce(sum(" + expression + "), 0)";
}

std::string PostgresqlDialect::AsText(const std::string& expression) const {
  return expression + "::text";
}

std::string PostgresqlDialect::Extreme(Type type, bool least) const {
  switch (type) {
    case Type::kTime:
      return least ? "'-infinity'::timestamptz" : "'infinity'::timestamptz";
    case Type::kInt64:
      return least ? "(-9223372036854775808)::bigint" : "9223372036854775807::bigint";
    default:
      return {};
  }
}

std::string PostgresqlDialect::JoinEach(const std::string& from, const std::string& alias, const std::string& condition,
                                        const std::string& tail) const {
  return " CROSS JOIN LATERAL (SELECT * FROM " + from + " WHERE " + condition + tail + ") AS " + alias;
}

std::string PostgresqlDialect::LockRows(bool skip_locked) const {
  return skip_locked ? " FOR UPDATE SKIP LOCKED" : " FOR UPDATE";
}

std::string PostgresqlDialect::RowIdentity() const {
  return {};
}

std::string PostgresqlDialect::Announcement(const std::string& stream, const std::string& head) const {
  if (announcer_.empty()) {
    return {};
  }
  return ", pg_notify('" + std::string(kHeadsChannel) + "', '" + announcer_ + " ' || " + head + " || ' ' || " + stream +
         ")";
}

}  // namespace tutti::storage::postgresql
