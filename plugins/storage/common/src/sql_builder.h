// Turns the untrusted parts of an operation into SQL text and bound parameters: column references, filters, selections
// and orders. A name enters SQL only after it was found in the declared schema (or satisfies IsName, for aliases);
// values never do.
//
// One builder per statement; not thread-safe. Failures are INVALID_ARGUMENT with the nearest name.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialect.h"
#include "schema.h"

namespace tutti::storage {

// A table a statement reads, under its alias; an empty alias writes column names bare.
struct Source {
  std::string alias;
  std::shared_ptr<const Table> table;
};

struct ColumnReference {
  const Column* column = nullptr;
  std::string sql;
  std::vector<std::string> path;
};

class SqlBuilder {
 public:
  enum class Values { kBound, kLiteral };

  explicit SqlBuilder(const Dialect& dialect, Values values = Values::kBound) : dialect_(dialect), values_(values) {}

  void AddSource(Source source) { sources_.push_back(std::move(source)); }

  void ClearSources() { sources_.clear(); }

  // While it lasts, one table is all there is to name.
  class Scope {
   public:
    Scope(SqlBuilder& builder, Source only) : builder_(builder), kept_(std::move(builder.sources_)) {
      builder_.sources_ = {std::move(only)};
    }

    void End() { builder_.sources_ = std::move(kept_); }

   private:
    SqlBuilder& builder_;
    std::vector<Source> kept_;
  };

  [[nodiscard]] const std::vector<Source>& sources() const { return sources_; }

  [[nodiscard]] const Dialect& dialect() const { return dialect_; }

  // A placeholder for the value (the value itself as a literal in declarations).
  std::string Bind(Value value, Type type);

  // A member name of a result object: a literal when it is a plain name, else bound.
  std::string Member(std::string_view name);

  // "col", "alias.col", "json_col->member->member"; a bare name is a column of the first source.
  Result<ColumnReference> Resolve(std::string_view text);

  // A condition that is true or false, never null; "" when the filter holds for every row.
  Result<std::string> Filter(JsonView filter);

  // The value of JSON path or column as a JSON object takes it.
  std::string AsJson(const ColumnReference& reference);

  [[nodiscard]] std::vector<std::string> PathKeys(const ColumnReference& reference);

  // Fails when the statement has grown past what engines take.
  [[nodiscard]] Status CheckSize() const;

  std::vector<Parameter> TakeParameters() { return std::move(parameters_); }

 private:
  Result<std::string> Condition(std::string_view column, JsonView test);
  Result<std::string> Compare(const ColumnReference& reference, std::string_view comparison, JsonView value);
  Result<std::string> ComparePath(const ColumnReference& reference, const std::string& symbol, JsonView value);
  Result<std::string> InList(const ColumnReference& reference, JsonView list);
  Result<std::string> TextTest(const ColumnReference& reference, std::string_view test, JsonView value);
  Result<std::string> Joined(JsonView list, std::string_view word);

  const Dialect& dialect_;
  const Values values_;
  std::vector<Source> sources_;
  std::vector<Parameter> parameters_;
  std::size_t terms_ = 0;
};

// "a" AND "b" without the empty ones.
std::string And(const std::string& left, const std::string& right);

}  // namespace tutti::storage
