// SQL of SQLite 3.37 and later (STRICT tables, RETURNING, ->>). Immutable; any thread.
//
// Storage: bool 0/1; decimal and double REAL; json, time and uuid TEXT in canonical form; bytes BLOB.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dialect.h"

namespace tutti::storage::sqlite {

class SqliteDialect final : public Dialect {
 public:
  [[nodiscard]] std::string Placeholder(std::size_t number, Type type) const override;
  [[nodiscard]] std::string Literal(const Value& value, Type type) const override;
  [[nodiscard]] std::string Boolean(bool value) const override;
  [[nodiscard]] std::string ContainsFolded(const std::string& text, const std::string& needle) const override;
  [[nodiscard]] std::string Contains(const std::string& text, const std::string& needle) const override;
  [[nodiscard]] std::string StartsWith(const std::string& text, const std::string& prefix) const override;
  [[nodiscard]] std::string ByBytes(const std::string& expression, Type type) const override;
  [[nodiscard]] std::string OrderTerm(const std::string& expression, bool descending, bool nullable) const override;
  [[nodiscard]] std::string JsonValue(const std::string& expression, Type type) const override;
  [[nodiscard]] std::string JsonLiteral(const std::string& placeholder) const override;
  [[nodiscard]] std::string JsonObject(const std::vector<std::pair<std::string, std::string>>& members) const override;
  [[nodiscard]] std::string JsonText(const std::string& object) const override;
  [[nodiscard]] std::string JsonMerge(const std::string& column, const std::string& patch) const override;
  [[nodiscard]] std::vector<std::string> PathKeys(const std::vector<std::string>& members,
                                                  const std::function<std::string(std::string)>& bind) const override;
  [[nodiscard]] std::string PathText(const std::string& column, const std::vector<std::string>& keys) const override;
  [[nodiscard]] std::string PathJson(const std::string& column, const std::vector<std::string>& keys) const override;
  [[nodiscard]] std::string PathNumber(const std::string& column, const std::vector<std::string>& keys) const override;
  [[nodiscard]] std::string PathNumberOperand(const std::string& placeholder) const override;
  [[nodiscard]] std::string PathIs(const std::string& column, const std::vector<std::string>& keys,
                                   JsonKind kind) const override;
  [[nodiscard]] std::string PathIsBoolean(const std::string& column, const std::vector<std::string>& keys,
                                          bool value) const override;
  [[nodiscard]] std::string Add(const std::string& column, const std::string& amount, Type type) const override;
  [[nodiscard]] std::string Sum(const std::string& expression, Type type) const override;
  [[nodiscard]] std::string AsText(const std::string& expression) const override;
  [[nodiscard]] std::string Extreme(Type type, bool least) const override;
  [[nodiscard]] std::string JoinEach(const std::string& from, const std::string& alias, const std::string& condition,
                                     const std::string& tail) const override;
  [[nodiscard]] std::string LockRows(bool skip_locked) const override;
  [[nodiscard]] std::string Announcement(const std::string& stream, const std::string& head) const override;
  [[nodiscard]] std::string RowIdentity() const override;

  // The declared type of a column in a STRICT table.
  [[nodiscard]] static std::string ColumnType(Type type);
};

}  // namespace tutti::storage::sqlite
