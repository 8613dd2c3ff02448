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

const std::vector<std::string> kQueryMembers = {"from",  "as",    "join",   "select", "where",  "group",
                                                "order", "limit", "offset", "after",  "reverse"};

Status Bad(std::string message) {
  return Status::InvalidArgument(std::move(message));
}

}  // namespace

bool QueryCompiler::Aggregates::Grouped(const std::string& sql) const {
  return std::any_of(group.begin(), group.end(), [&](const OrderTerm& term) { return term.sql == sql; });
}

Result<CompiledOp> QueryCompiler::Compile(JsonView query) const {
  if (query["branches"]) {
    return CompileBranches(query);
  }
  if (Status status = CheckMembers(query, kQueryMembers); !status.ok()) {
    return status;
  }
  SqlBuilder builder(dialect_);
  auto one = CompileOne(query, builder);
  if (!one.ok()) {
    return one.status();
  }
  if (Status status = builder.CheckSize(); !status.ok()) {
    return status;
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kRows;
  compiled.returns_rows = true;
  compiled.reversed = query["reverse"].AsBool();
  compiled.main = {"SELECT " + dialect_.JsonText(one->object) + one->tail + OrderText(one->order) + one->limit,
                   builder.TakeParameters()};
  return compiled;
}

Result<CompiledOp> QueryCompiler::CompileBranches(JsonView query) const {
  if (Status status = CheckMembers(query, {"branches", "limit", "offset", "reverse"}); !status.ok()) {
    return status;
  }
  const std::size_t count = query["branches"].size();
  if (!query["branches"].is_array() || count == 0 || count > kMostBranches) {
    return Bad("`branches` expects an array of 1 to " + std::to_string(kMostBranches) + " queries");
  }
  std::vector<Parameter> parameters;
  std::string unions;
  std::optional<OrderTerm> first;
  // Placeholders are numbered over the whole statement, so all branches share one builder and each brings its sources.
  SqlBuilder builder(dialect_);
  for (std::size_t i = 0; i < count; ++i) {
    const JsonView branch = query["branches"][i];
    if (Status status = CheckMembers(branch, kQueryMembers); !status.ok()) {
      return status;
    }
    if (branch["reverse"]) {
      return Bad("`reverse` belongs to the whole query, not to one of its branches");
    }
    builder.ClearSources();
    auto one = CompileOne(branch, builder);
    if (!one.ok()) {
      return one.status();
    }
    if (one->own_terms == 0) {
      return Bad("every branch needs an `order`: branches are merged by its first column");
    }
    const OrderTerm& term = one->order.front();
    if (first && first->type != term.type) {
      return Bad("branches are merged by their first order columns, which must be of one type; found " +
                 std::string(TypeName(first->type)) + " and " + std::string(TypeName(term.type)));
    }
    if (!first) {
      first = term;
    } else {
      first->nullable = first->nullable || term.nullable;
    }
    unions.append(unions.empty() ? "" : " UNION ALL ")
        .append("SELECT \"k\", ")
        .append(std::to_string(i))
        .append(" AS \"b\", row_number() OVER () AS \"n\", \"r\" FROM (SELECT ")
        .append(term.sql)
        .append(" AS \"k\", ")
        .append(dialect_.JsonText(one->object))
        .append(" AS \"r\"")
        .append(one->tail)
        .append(OrderText(one->order))
        .append(one->limit)
        .append(") AS \"q")
        .append(std::to_string(i))
        .append("\"");
  }
  auto limit = Limit(query, builder);
  if (!limit.ok()) {
    return limit.status();
  }
  if (Status status = builder.CheckSize(); !status.ok()) {
    return status;
  }
  CompiledOp compiled;
  compiled.kind = OpKind::kRows;
  compiled.returns_rows = true;
  compiled.reversed = query["reverse"].AsBool();
  compiled.main = {"SELECT \"r\" FROM (" + unions + ") AS \"u\" ORDER BY " +
                       dialect_.OrderTerm(dialect_.ByBytes("\"k\"", first->type), first->descending, first->nullable) +
                       ", \"b\", \"n\"" + *limit,
                   builder.TakeParameters()};
  return compiled;
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
  auto where = object.ok() ? builder.Filter(query["where"]) : Result<std::string>(object.status());
  if (!where.ok()) {
    return where.status();
  }
  const bool grouped = aggregates.used || !aggregates.group.empty();
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
  result.tail = " FROM " + QuoteName((*table)->physical) + " AS " + QuoteName(alias) + *joins;
  if (const std::string condition = And(*where, *after); !condition.empty()) {
    result.tail += " WHERE " + condition;
  }
  for (std::size_t i = 0; i < aggregates.group.size(); ++i) {
    result.tail += (i == 0 ? " GROUP BY " : ", ") + aggregates.group[i].sql;
  }
  return result;
}

Result<std::string> QueryCompiler::Joins(JsonView joins, SqlBuilder& builder) const {
  if (joins && (!joins.is_array() || joins.size() > kMostJoins)) {
    return Bad("`join` expects an array of at most " + std::to_string(kMostJoins) + " joins");
  }
  std::string sql;
  for (std::size_t i = 0; i < joins.size(); ++i) {
    const JsonView join = joins[i];
    if (Status status = CheckMembers(join, {"table", "as", "kind", "on"}); !status.ok()) {
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
    builder.AddSource({alias, *table});
    std::string condition;
    Status status;
    join["on"].ForEachMember([&](std::string_view left, JsonView right) {
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
    if (!status.ok()) {
      return status;
    }
    sql += (kind == "left" ? " LEFT JOIN " : " JOIN ") + QuoteName((*table)->physical) + " AS " + QuoteName(alias) +
           " ON " + condition;
  }
  return sql;
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
