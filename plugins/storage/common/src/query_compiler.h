// Compiles a QUERY: joins, selections, grouped aggregates, keyset cursors and merged branches become one statement that
// returns one JSON text per row. Pure; any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiled.h"
#include "sql_builder.h"

namespace tutti::storage {

class QueryCompiler {
 public:
  // All must outlive the compiler. `plugin` needs "query" on every table touched.
  QueryCompiler(const Catalog& catalog, const Dialect& dialect, const std::string& plugin)
      : catalog_(catalog), dialect_(dialect), plugin_(plugin) {}

  [[nodiscard]] Result<CompiledOp> Compile(JsonView query) const;

  // SELECT as the SQL of a JSON object over the builder's sources. `columns` absent: every column of the first source.
  [[nodiscard]] Result<std::string> Select(JsonView select, SqlBuilder& builder) const;

 private:
  struct OrderTerm {
    std::string sql;
    Type type = Type::kText;
    bool descending = false;
    bool nullable = true;
  };

  struct Query {
    std::string object;
    std::string tail;  // FROM ... WHERE ... GROUP BY ...
    std::vector<OrderTerm> order;
    std::size_t own_terms = 0;  // those asked for; the key makes the rest
    std::string limit;
  };

  // Joined tables as SQL, in the order they were named.
  struct JoinClauses {
    std::string sql;         // " JOIN ... ON ..."
    std::string each_table;  // of a join with `each`: "table" AS "alias"
    std::string each_on;
    std::string each_where;
  };

  // Rows of several branches as a statement of "k", by which they are merged, and "r".
  struct Merged {
    std::string sql;
    OrderTerm key;
  };

  struct Aggregates {
    [[nodiscard]] bool Grouped(const std::string& sql) const;

    bool used = false;
    std::vector<OrderTerm> group;  // the grouped columns
    std::vector<std::pair<std::string, OrderTerm>> named;
    std::vector<std::string> plain;  // SQL of columns selected outside of aggregates
  };

  [[nodiscard]] Result<Query> CompileOne(JsonView query, SqlBuilder& builder) const;
  // The rows of a query or of branches as a statement of one column "r".
  [[nodiscard]] Result<std::string> Rows(JsonView query, SqlBuilder& builder) const;
  [[nodiscard]] Result<Merged> Merge(JsonView query, SqlBuilder& builder, int depth) const;
  [[nodiscard]] Result<Merged> MergeBranch(JsonView branch, SqlBuilder& builder, int depth) const;
  // "SELECT count(*) ..." of `total`.
  [[nodiscard]] Result<std::string> Total(JsonView total, SqlBuilder& builder) const;
  [[nodiscard]] Result<JoinClauses> Joins(JsonView joins, SqlBuilder& builder) const;
  [[nodiscard]] Result<std::string> JoinCondition(JsonView on, SqlBuilder& builder) const;
  // FROM and WHERE of a query whose join says `each`.
  [[nodiscard]] Result<std::string> EachTail(JsonView query, const Table& table, const JoinClauses& joins,
                                             const std::string& where, const Query& shape, SqlBuilder& builder) const;
  [[nodiscard]] Result<std::string> SelectObject(JsonView select, SqlBuilder& builder, Aggregates& aggregates) const;
  [[nodiscard]] Result<std::string> SelectMember(std::string_view name, JsonView value, SqlBuilder& builder,
                                                 Aggregates& aggregates) const;
  [[nodiscard]] Result<std::string> Aggregate(std::string_view name, JsonView value, SqlBuilder& builder,
                                              Aggregates& aggregates) const;
  [[nodiscard]] Result<std::string> CountOf(JsonView value, SqlBuilder& builder, Aggregates& aggregates) const;
  [[nodiscard]] Status Group(JsonView group, SqlBuilder& builder, Aggregates& aggregates) const;
  [[nodiscard]] Status Order(JsonView order, SqlBuilder& builder, const Aggregates& aggregates, Query& query) const;
  [[nodiscard]] Result<std::string> After(JsonView after, SqlBuilder& builder, const Query& query) const;
  [[nodiscard]] Result<std::string> Limit(JsonView query, SqlBuilder& builder) const;
  [[nodiscard]] std::string OrderText(const std::vector<OrderTerm>& order) const;

  const Catalog& catalog_;
  const Dialect& dialect_;
  const std::string& plugin_;
};

}  // namespace tutti::storage
