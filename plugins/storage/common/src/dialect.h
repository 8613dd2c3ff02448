// What differs between the SQL of two engines. Every function returns SQL text made of its arguments, which are SQL
// text themselves (column references, placeholders, literals), never values.
//
// Implementations are immutable; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "value.h"

namespace tutti::storage {

// One statement with its values in placeholder order.
struct Statement {
  std::string sql;
  std::vector<Parameter> parameters;
};

class Dialect {
 public:
  enum class JsonKind { kString, kNumber };

  virtual ~Dialect() = default;

  [[nodiscard]] virtual std::string Placeholder(std::size_t number, Type type) const = 0;
  // For declarations only.
  [[nodiscard]] virtual std::string Literal(const Value& value, Type type) const = 0;
  [[nodiscard]] virtual std::string Boolean(bool value) const = 0;
  [[nodiscard]] virtual std::string ContainsFolded(const std::string& text, const std::string& needle) const = 0;
  // By bytes; false for null.
  [[nodiscard]] virtual std::string Contains(const std::string& text, const std::string& needle) const = 0;
  [[nodiscard]] virtual std::string StartsWith(const std::string& text, const std::string& prefix) const = 0;
  // The expression compared and sorted by bytes when it is text.
  [[nodiscard]] virtual std::string ByBytes(const std::string& expression, Type type) const = 0;
  // One term of ORDER BY or of an index: nulls come first ascending and last descending.
  [[nodiscard]] virtual std::string OrderTerm(const std::string& expression, bool descending, bool nullable) const = 0;

  // What a JSON object takes as the canonical form of a column.
  [[nodiscard]] virtual std::string JsonValue(const std::string& expression, Type type) const = 0;
  [[nodiscard]] virtual std::string JsonLiteral(const std::string& placeholder) const = 0;
  [[nodiscard]] virtual std::string JsonObject(
      const std::vector<std::pair<std::string, std::string>>& members) const = 0;
  [[nodiscard]] virtual std::string JsonText(const std::string& object) const = 0;
  // Adds the members of one object to another.
  [[nodiscard]] virtual std::string JsonMerge(const std::string& column, const std::string& patch) const = 0;

  // The members of a path as the other Path functions take them; `bind` binds a text.
  [[nodiscard]] virtual std::vector<std::string> PathKeys(
      const std::vector<std::string>& members, const std::function<std::string(std::string)>& bind) const = 0;
  [[nodiscard]] virtual std::string PathText(const std::string& column, const std::vector<std::string>& keys) const = 0;
  [[nodiscard]] virtual std::string PathJson(const std::string& column, const std::vector<std::string>& keys) const = 0;
  [[nodiscard]] virtual std::string PathNumber(const std::string& column,
                                               const std::vector<std::string>& keys) const = 0;
  [[nodiscard]] virtual std::string PathNumberOperand(const std::string& placeholder) const = 0;
  [[nodiscard]] virtual std::string PathIs(const std::string& column, const std::vector<std::string>& keys,
                                           JsonKind kind) const = 0;
  [[nodiscard]] virtual std::string PathIsBoolean(const std::string& column, const std::vector<std::string>& keys,
                                                  bool value) const = 0;

  [[nodiscard]] virtual std::string Add(const std::string& column, const std::string& amount, Type type) const = 0;
  [[nodiscard]] virtual std::string Sum(const std::string& expression, Type type) const = 0;
  // A whole number as text, for a column that holds JSON text.
  [[nodiscard]] virtual std::string AsText(const std::string& expression) const = 0;
  // The least value of a type, or the greatest; empty when it has none that is told here.
  [[nodiscard]] virtual std::string Extreme(Type type, bool least) const = 0;
  // Joins to each row of what stands before it the rows of `from` (a table AS `alias`) that meet the condition, as many
  // as `tail` (ORDER BY ... LIMIT ...) lets through for that row.
  [[nodiscard]] virtual std::string JoinEach(const std::string& from, const std::string& alias,
                                             const std::string& condition, const std::string& tail) const = 0;
  // Keeps chosen rows from others until the transaction ends, passing over those that are taken; empty when one writer
  // makes that needless.
  [[nodiscard]] virtual std::string LockRows(bool skip_locked) const = 0;
  // What stands behind RETURNING, beginning with a comma, to tell other hosts of a stream's new head once the
  // transaction is committed; empty when the database tells nobody.
  [[nodiscard]] virtual std::string Announcement(const std::string& stream, const std::string& head) const = 0;
  // A row's identity within a statement pair, when UPDATE cannot return former values; empty when it can.
  [[nodiscard]] virtual std::string RowIdentity() const = 0;
};

}  // namespace tutti::storage
