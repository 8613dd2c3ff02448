// SQL of PostgreSQL 13 and later. Immutable; any thread.
//
// Text is compared by bytes (COLLATE "C"); json is JSONB, decimal NUMERIC without a bound, time TIMESTAMPTZ.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dialect.h"

namespace tutti::storage::postgresql {

// Where new heads of streams are announced, each as "<announcer> <head> <stream>".
inline constexpr const char* kHeadsChannel = "tutti_journal";

class PostgresqlDialect final : public Dialect {
 public:
  PostgresqlDialect() = default;

  // `announcer`: letters, digits and hyphens by which a listener knows its own announcements; empty announces nothing.
  explicit PostgresqlDialect(std::string announcer) : announcer_(std::move(announcer)) {}

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

  // The type as casts and arrays name it, such as "bigint".
  [[nodiscard]] static std::string TypeText(Type type);

  // A value in the text form the server reads; a null value has none.
  [[nodiscard]] static std::string ValueText(const Value& value, Type type);

 private:
  const std::string announcer_;
};

}  // namespace tutti::storage::postgresql
