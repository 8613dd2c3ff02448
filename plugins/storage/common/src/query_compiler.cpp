#include "query_compiler.h"

#include <algorithm>
#include <optional>

#include "compiler.h"
#include "names.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

constexpr std::size_t kMostJoins = 8;
constexpr std::size_t kMostBranches = 16;
constexpr std::size_t kMostOrderTerms = 8;
constexpr int kMostDepth = 2;
// How many of the newest rows of all are looked at for those of a join with `each`, in multiples of the rows asked for.
constexpr std::int64_t kEachWindow = 8;

const std::vector<std::string> kQueryMembers = {"from",  "as",    "join",   "select", "where",   "group",
                                                "order", "limit", "offset", "after",  "reverse", "total"};

Status Bad(std::string message) {
  return Status::InvalidArgument(std::move(message));
}

}  // namespace

bool QueryCompiler::Aggregates::Grouped(const std::string& sql) const {
  return std::any_of(group.begin(), group.end(), [&](const OrderTerm& term) { return term.sql == sql; });
}

Result<CompiledOp> QueryCompiler::Compile(JsonView query) const {
  SqlBuilder builder(dialect_);
  auto rows = Rows(query, builder);
  if (!rows.ok()) {
    return rows.status();
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kRows;
  compiled.returns_rows = true;
  compiled.reversed = query["reverse"].AsBool();
  compiled.with_total = static_cast<bool>(query["total"]);
  if (compiled.with_total) {
    auto total = Total(query["total"], builder);
    if (!total.ok()) {
      return total.status();
    }
    *rows = "SELECT \"r\" FROM (SELECT 1 AS \"t\", row_number() OVER () AS \"n\", \"r\" FROM (" + *rows +
            ") AS \"rows\" UNION ALL SELECT 0, 0, (" + *total + ")) AS \"all\" ORDER BY \"t\", \"n\"";
  }
  if (Status status = builder.CheckSize(); !status.ok()) {
    return status;
  }
  compiled.main = {std::move(*rows), builder.TakeParameters()};
  return compiled;
}

Result<std::string> QueryCompiler::Rows(JsonView query, SqlBuilder& builder) const {
  if (query["branches"]) {
    if (Status status = CheckMembers(query, {"branches", "limit", "offset", "reverse", "total"}); !status.ok()) {
      return status;
    }
    auto merged = Merge(query, builder, 0);
    return merged.ok() ? Result<std::string>("SELECT \"r\" FROM (" + merged->sql + ") AS \"m\"") : merged.status();
  }
  if (Status status = CheckMembers(query, kQueryMembers); !status.ok()) {
    return status;
  }
  auto one = CompileOne(query, builder);
  return one.ok() ? Result<std::string>("SELECT " + dialect_.JsonText(one->object) + " AS \"r\"" + one->tail +
                                        OrderText(one->order) + one->limit)
                  : one.status();
}

Result<std::string> QueryCompiler::Total(JsonView total, SqlBuilder& builder) const {
  if (Status status = CheckMembers(total, {"from", "where"}); !status.ok()) {
    return status;
  }
  auto table = catalog_.Allowed(total["from"].AsString(), plugin_, "query");
  if (!table.ok()) {
    return table.status();
  }
  builder.ClearSources();
  builder.AddSource({(*table)->name, *table});
  auto where = builder.Filter(total["where"]);
  if (!where.ok()) {
    return where.status();
  }
  return "SELECT " + dialect_.AsText("count(*)") + " FROM " + QuoteName((*table)->physical) + " AS " +
         QuoteName((*table)->name) + (where->empty() ? "" : " WHERE " + *where);
}

Result<QueryCompiler::Merged> QueryCompiler::MergeBranch(JsonView branch, SqlBuilder& builder, int depth) const {
  if (branch["reverse"] || branch["total"]) {
    return Bad("`reverse` and `total` belong to the whole query, not to one of its branches");
  }
  if (branch["branches"]) {
    if (depth + 1 == kMostDepth) {
      return Bad("branches may be merges themselves, but not deeper than " + std::to_string(kMostDepth));
    }
    if (Status status = CheckMembers(branch, {"branches", "limit", "offset"}); !status.ok()) {
      return status;
    }
    return Merge(branch, builder, depth + 1);
  }
  if (Status status = CheckMembers(branch, kQueryMembers); !status.ok()) {
    return status;
  }
  builder.ClearSources();
  auto one = CompileOne(branch, builder);
  if (!one.ok()) {
    return one.status();
  }
  if (one->own_terms == 0) {
    return Bad("every branch needs an `order`: branches are merged by its first column");
  }
  const OrderTerm& key = one->order.front();
  return Merged{"SELECT " + key.sql + " AS \"k\", " + dialect_.JsonText(one->object) + " AS \"r\"" + one->tail +
                    OrderText(one->order) + one->limit,
                key};
}

Result<QueryCompiler::Merged> QueryCompiler::Merge(JsonView query, SqlBuilder& builder, int depth) const {
  const std::size_t count = query["branches"].size();
  if (!query["branches"].is_array() || count == 0 || count > kMostBranches) {
    return Bad("`branches` expects an array of 1 to " + std::to_string(kMostBranches) + " queries");
  }
  std::string unions;
  std::optional<OrderTerm> first;
  // Placeholders are numbered over the whole statement, so all branches share one builder and each brings its sources.
  for (std::size_t i = 0; i < count; ++i) {
    auto branch = MergeBranch(query["branches"][i], builder, depth);
    if (!branch.ok()) {
      return branch.status();
    }
    const OrderTerm& key = branch->key;
    if (first && first->type != key.type) {
      return Bad("branches are merged by their first order columns, which must be of one type; found " +
                 std::string(TypeName(first->type)) + " and " + std::string(TypeName(key.type)));
    }
    if (!first) {
      first = key;
    } else {
      first->nullable = first->nullable || key.nullable;
    }
    const std::string number = std::to_string(i);
    unions.append(unions.empty() ? "" : " UNION ALL ")
        .append("SELECT \"k\", " + number + " AS \"b\", row_number() OVER () AS \"n\", \"r\" FROM (" + branch->sql)
        .append(") AS \"q" + number + "\"");
  }
  auto limit = Limit(query, builder);
  if (!limit.ok()) {
    return limit.status();
  }
  return Merged{"SELECT \"k\", \"r\" FROM (" + unions + ") AS \"u\" ORDER BY " +
                    dialect_.OrderTerm(dialect_.ByBytes("\"k\"", first->type), first->descending, first->nullable) +
                    ", \"b\", \"n\"" + *limit,
                *first};
}

Result<QueryCompiler::Query> QueryCompiler::CompileOne(JsonView query, SqlBuilder& builder) const {
  auto table = catalog_.Allowed(query["from"].AsString(), plugin_, "query");
  if (!table.ok()) {
    return table.status();
  }
  const std::string alias(query["as"].AsString((*table)->name));
  if (!IsName(alias)) {
    return Bad("`as` expects a name of lower-case letters, digits and underscores");
  }
  builder.AddSource({alias, *table});
  auto joins = Joins(query["join"], builder);
  if (!joins.ok()) {
    return joins.status();
  }
  Query result;
  Aggregates aggregates;
  if (Status status = Group(query["group"], builder, aggregates); !status.ok()) {
    return status;
  }
  auto object = SelectObject(query["select"], builder, aggregates);
  const bool each = !joins->each_table.empty();
  auto where = Result<std::string>(object.status());
  if (object.ok() && each) {
    SqlBuilder::Scope scope(builder, builder.sources().front());
    where = builder.Filter(query["where"]);
    scope.End();
  } else if (object.ok()) {
    where = builder.Filter(query["where"]);
  }
  if (!where.ok()) {
    return where.status();
  }
  const bool grouped = aggregates.used || !aggregates.group.empty();
  if (each && (grouped || query["after"] || builder.sources().size() != 2)) {
    return Bad("a join with `each` is the only join of a query of plain rows, without `after`");
  }
  for (const std::string& plain : aggregates.plain) {
    if (grouped && !aggregates.Grouped(plain)) {
      return Bad(plain + " is selected beside an aggregate; name it in `group`, or take its min or max");
    }
  }
  result.object = std::move(*object);
  if (Status status = Order(query["order"], builder, aggregates, result); !status.ok()) {
    return status;
  }
  if (query["after"] && grouped) {
    return Bad("`after` works on plain rows, not on groups");
  }
  auto after = After(query["after"], builder, result);
  auto limit = after.ok() ? Limit(query, builder) : Result<std::string>(after.status());
  if (!limit.ok()) {
    return limit.status();
  }
  result.limit = std::move(*limit);
  if (each) {
    auto tail = EachTail(query, **table, *joins, *where, result, builder);
    if (!tail.ok()) {
      return tail.status();
    }
    result.tail = std::move(*tail);
    return result;
  }
  result.tail = " FROM " + QuoteName((*table)->physical) + " AS " + QuoteName(alias) + joins->sql;
  if (const std::string condition = And(*where, *after); !condition.empty()) {
    result.tail += " WHERE " + condition;
  }
  for (std::size_t i = 0; i < aggregates.group.size(); ++i) {
    result.tail += (i == 0 ? " GROUP BY " : ", ") + aggregates.group[i].sql;
  }
  return result;
}

Result<std::string> QueryCompiler::EachTail(JsonView query, const Table& table, const JoinClauses& joins,
                                            const std::string& where, const Query& shape, SqlBuilder& builder) const {
  const std::string alias = QuoteName(builder.sources().front().alias);
  const std::int64_t limit = query["limit"].AsInt(-1);
  const std::int64_t offset = query["offset"].AsInt();
  const bool outer = std::all_of(shape.order.begin(), shape.order.end(),
                                 [&](const OrderTerm& term) { return term.sql.starts_with(alias + "."); });
  if (shape.own_terms == 0 || !outer || limit < 0) {
    return Bad("a join with `each` needs a `limit` and an `order` by columns of `from`");
  }
  // What one row of the joined table can give at most; a sum that no table reaches need not be exact.
  const std::int64_t most = limit > INT64_MAX / kEachWindow - offset ? INT64_MAX / kEachWindow : limit + offset;
  const OrderTerm& first = shape.order.front();
  const std::string from = QuoteName(table.physical) + " AS " + alias;
  std::string condition = And(joins.each_on, where);
  // The place of the last row wanted among the first rows of all, when there are that many: nothing beyond it is
  // wanted from any. It spares reading `limit` rows for each when together they have enough of late.
  const std::string lowest = dialect_.Extreme(first.type, first.descending);
  if (!first.nullable && !lowest.empty() && most > 0) {
    const std::string key = dialect_.OrderTerm(first.sql, first.descending, false);
    condition += " AND " + first.sql + (first.descending ? " >= " : " <= ") + "coalesce((SELECT " + first.sql +
                 " FROM (SELECT * FROM " + from + (where.empty() ? "" : " WHERE " + where) + " ORDER BY " + key +
                 " LIMIT " + builder.Bind(most * kEachWindow, Type::kInt64) + ") AS " + alias + " CROSS JOIN " +
                 joins.each_table + " WHERE " + And(joins.each_on, joins.each_where) + " ORDER BY " + key +
                 " LIMIT 1 OFFSET " + builder.Bind(most - 1, Type::kInt64) + "), " + lowest + ")";
  }
  return " FROM " + joins.each_table +
         dialect_.JoinEach(from, alias, condition,
                           OrderText(shape.order) + " LIMIT " + builder.Bind(most, Type::kInt64)) +
         (joins.each_where.empty() ? "" : " WHERE " + joins.each_where);
}

Result<std::string> QueryCompiler::JoinCondition(JsonView on, SqlBuilder& builder) const {
  std::string condition;
  Status status;
  on.ForEachMember([&](std::string_view left, JsonView right) {
    auto first = builder.Resolve(left);
    auto second = builder.Resolve(right.AsString());
    if (!first.ok() || !second.ok()) {
      status = first.ok() ? second.status() : first.status();
      return;
    }
    if (first->column->type != second->column->type || !first->path.empty() || !second->path.empty()) {
      status = Bad("`on` compares two columns of one type; " + first->sql + " and " + second->sql + " are not");
      return;
    }
    condition = And(condition, first->sql + " = " + second->sql);
  });
  return status.ok() ? Result<std::string>(std::move(condition)) : status;
}

Result<QueryCompiler::JoinClauses> QueryCompiler::Joins(JsonView joins, SqlBuilder& builder) const {
  if (joins && (!joins.is_array() || joins.size() > kMostJoins)) {
    return Bad("`join` expects an array of at most " + std::to_string(kMostJoins) + " joins");
  }
  JoinClauses clauses;
  for (std::size_t i = 0; i < joins.size(); ++i) {
    const JsonView join = joins[i];
    if (Status status = CheckMembers(join, {"table", "as", "kind", "on", "where", "each"}); !status.ok()) {
      return status;
    }
    auto table = catalog_.Allowed(join["table"].AsString(), plugin_, "query");
    if (!table.ok()) {
      return table.status();
    }
    const std::string alias(join["as"].AsString((*table)->name));
    const std::string_view kind = join["kind"].AsString("inner");
    const bool taken = std::any_of(builder.sources().begin(), builder.sources().end(),
                                   [&](const Source& source) { return source.alias == alias; });
    if (!IsName(alias) || taken || (kind != "inner" && kind != "left") || join["on"].size() == 0) {
      return Bad("a join expects {table, as: a name not used yet, kind: inner or left, on: {\"a.col\": \"b.col\"}}");
    }
    if (join["each"].AsBool() && kind != "inner") {
      return Bad("a join with `each` expects kind inner, found left");
    }
    // Its own columns only: a bare name in `where` of a join is one of the joined table.
    SqlBuilder::Scope scope(builder, {alias, *table});
    auto where = builder.Filter(join["where"]);
    scope.End();
    builder.AddSource({alias, *table});
    auto on = where.ok() ? JoinCondition(join["on"], builder) : where;
    if (!on.ok()) {
      return on.status();
    }
    const std::string named = QuoteName((*table)->physical) + " AS " + QuoteName(alias);
    if (join["each"].AsBool()) {
      clauses.each_table = named;
      clauses.each_on = std::move(*on);
      clauses.each_where = std::move(*where);
      continue;
    }
    clauses.sql += (kind == "left" ? " LEFT JOIN " : " JOIN ") + named + " ON " + And(*on, *where);
  }
  return clauses;
}

Status QueryCompiler::Order(JsonView order, SqlBuilder& builder, const Aggregates& aggregates, Query& query) const {
  if (order && (!order.is_array() || order.size() > kMostOrderTerms)) {
    return Bad("`order` expects an array of at most " + std::to_string(kMostOrderTerms) +
               " terms {\"by\": column, \"desc\": bool}");
  }
  const bool grouped = aggregates.used || !aggregates.group.empty();
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (Status status = CheckMembers(order[i], {"by", "desc"}); !status.ok()) {
      return status;
    }
    const std::string_view by = order[i]["by"].AsString();
    const bool descending = order[i]["desc"].AsBool();
    const auto named = std::find_if(aggregates.named.begin(), aggregates.named.end(),
                                    [&](const auto& entry) { return entry.first == by; });
    if (named != aggregates.named.end()) {
      query.order.push_back(named->second);
      query.order.back().descending = descending;
      continue;
    }
    auto reference = builder.Resolve(by);
    if (!reference.ok()) {
      return reference.status();
    }
    if (!reference->path.empty() || reference->column->type == Type::kJson) {
      return Bad("`order` expects plain columns, found " + reference->sql);
    }
    if (grouped && !aggregates.Grouped(reference->sql)) {
      return Bad("groups can be ordered by their group columns and by aggregates they select, not by " +
                 reference->sql);
    }
    const bool outer = reference->sql.starts_with(QuoteName(builder.sources().front().alias) + ".");
    query.order.push_back({reference->sql, reference->column->type, descending, reference->column->nullable || !outer});
  }
  query.own_terms = query.order.size();
  const bool descending = !query.order.empty() && query.order.back().descending;
  const auto complete = [&](const std::string& sql, Type type, bool nullable) {
    const bool present =
        std::any_of(query.order.begin(), query.order.end(), [&](const OrderTerm& term) { return term.sql == sql; });
    if (!present) {
      query.order.push_back({sql, type, descending, nullable});
    }
  };
  if (grouped) {
    for (const OrderTerm& term : aggregates.group) {
      complete(term.sql, term.type, true);
    }
    return {};
  }
  const Source& from = builder.sources().front();
  for (const std::size_t index : from.table->primary_key) {
    complete(QuoteName(from.alias) + "." + QuoteName(from.table->columns[index].name), from.table->columns[index].type,
             false);
  }
  return {};
}

Result<std::string> QueryCompiler::After(JsonView after, SqlBuilder& builder, const Query& query) const {
  if (!after) {
    return std::string();
  }
  const std::size_t count = after.size();
  if (!after.is_array() || query.own_terms == 0 || (count != query.own_terms && count != query.order.size())) {
    return Bad("`after` expects an array with one value per order column (" + std::to_string(query.own_terms) +
               "), or that and the primary key (" + std::to_string(query.order.size()) + ")");
  }
  std::string equal;
  std::string sql;
  for (std::size_t i = 0; i < count; ++i) {
    const OrderTerm& term = query.order[i];
    auto value = Canonical(*after[i].raw(), term.type, "after");
    if (!value.ok()) {
      return value.status();
    }
    const bool null = std::holds_alternative<std::monostate>(*value);
    const std::string left = dialect_.ByBytes(term.sql, term.type);
    std::string beyond;
    if (null) {
      beyond = term.descending ? "" : term.sql + " IS NOT NULL";
    } else {
      beyond = left + (term.descending ? " < " : " > ") + builder.Bind(*value, term.type);
      if (term.descending && term.nullable) {
        beyond = "(" + beyond + " OR " + term.sql + " IS NULL)";
      }
    }
    if (!beyond.empty()) {
      sql += (sql.empty() ? "(" : " OR (") + And(equal, beyond) + ")";
    }
    if (i + 1 < count) {
      equal = And(equal, null ? term.sql + " IS NULL" : term.sql + " = " + builder.Bind(*value, term.type));
    }
  }
  if (sql.empty()) {
    return dialect_.Boolean(false) + " = " + dialect_.Boolean(true);
  }
  const OrderTerm& leading = query.order.front();
  auto bound = Canonical(*after[0].raw(), leading.type, "after");
  if (!leading.nullable && bound.ok() && !after[0].is_null()) {
    // Lets an index on the first order column bound the scan, which the OR hides.
    return dialect_.ByBytes(leading.sql, leading.type) + (leading.descending ? " <= " : " >= ") +
           builder.Bind(std::move(*bound), leading.type) + " AND (" + sql + ")";
  }
  return "(" + sql + ")";
}

Result<std::string> QueryCompiler::Limit(JsonView query, SqlBuilder& builder) const {
  std::string sql;
  for (const char* name : {"limit", "offset"}) {
    const JsonView value = query[name];
    if (value.is_null()) {
      continue;
    }
    if (!value.is_int() || value.AsInt() < 0) {
      return Bad("`" + std::string(name) + "` expects a whole number from 0 on, found " +
                 CleanUtf8(Utf8Prefix(value.Dump(), 40)));
    }
    if (std::string_view(name) == "offset" && sql.empty()) {
      sql = " LIMIT " + builder.Bind(std::int64_t{INT64_MAX}, Type::kInt64);
    }
    sql += (std::string_view(name) == "limit" ? " LIMIT " : " OFFSET ") + builder.Bind(value.AsInt(), Type::kInt64);
  }
  return sql;
}

std::string QueryCompiler::OrderText(const std::vector<OrderTerm>& order) const {
  std::string sql;
  for (const OrderTerm& term : order) {
    sql += (sql.empty() ? " ORDER BY " : ", ") +
           dialect_.OrderTerm(dialect_.ByBytes(term.sql, term.type), term.descending, term.nullable);
  }
  return sql;
}

}  // namespace tutti::storage
