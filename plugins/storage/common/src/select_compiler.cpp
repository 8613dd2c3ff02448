// The part of QueryCompiler that turns SELECT, aggregates and groups into SQL.
#include <algorithm>

#include "names.h"
#include "query_compiler.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

constexpr std::size_t kMostSelected = 48;

Status Bad(std::string message) {
  return Status::InvalidArgument(std::move(message));
}

}  // namespace

Result<std::string> QueryCompiler::Select(JsonView select, SqlBuilder& builder) const {
  Aggregates aggregates;
  auto object = SelectObject(select, builder, aggregates);
  if (object.ok() && aggregates.used) {
    return Bad("aggregates belong to `query`");
  }
  return object;
}

Result<std::string> QueryCompiler::SelectObject(JsonView select, SqlBuilder& builder, Aggregates& aggregates) const {
  std::vector<std::pair<std::string, std::string>> members;
  std::vector<std::string> names;
  Status status;
  const auto add = [&](std::string_view name, Result<std::string> value) {
    if (!value.ok() || !status.ok()) {
      status = status.ok() ? value.status() : status;
      return;
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      status = Bad("`select` names '" + CleanUtf8(Utf8Prefix(name, 80)) + "' twice");
      return;
    }
    names.emplace_back(name);
    members.emplace_back(builder.Member(name), std::move(*value));
  };
  const auto add_column = [&](std::string_view text) {
    auto reference = builder.Resolve(text);
    if (!reference.ok()) {
      add(text, reference.status());
      return;
    }
    aggregates.plain.push_back(reference->sql);
    const std::string name = reference->path.empty() ? reference->column->name : reference->path.back();
    add(name, builder.AsJson(*reference));
  };
  if (select.is_null()) {
    for (const Column& column : builder.sources().front().table->columns) {
      add_column(builder.sources().front().alias.empty() ? column.name
                                                         : builder.sources().front().alias + "." + column.name);
    }
  } else if (select.is_array()) {
    select.ForEach([&](JsonView item) { add_column(item.AsString()); });
  } else if (select.is_object()) {
    select.ForEachMember(
        [&](std::string_view name, JsonView value) { add(name, SelectMember(name, value, builder, aggregates)); });
  } else {
    return Bad("`select` expects an array of columns or an object of {name: column}");
  }
  if (status.ok() && (members.empty() || members.size() > kMostSelected)) {
    status = Bad("`select` expects 1 to " + std::to_string(kMostSelected) + " members, found " +
                 std::to_string(members.size()));
  }
  return status.ok() ? Result<std::string>(dialect_.JsonObject(members)) : status;
}

Result<std::string> QueryCompiler::SelectMember(std::string_view name, JsonView value, SqlBuilder& builder,
                                                Aggregates& aggregates) const {
  if (value.is_string()) {
    auto reference = builder.Resolve(value.AsString());
    if (!reference.ok()) {
      return reference.status();
    }
    aggregates.plain.push_back(reference->sql);
    return builder.AsJson(*reference);
  }
  if (value["object"]) {
    return SelectObject(value["object"], builder, aggregates);
  }
  if (value["value"]) {
    return dialect_.JsonLiteral(builder.Bind(value["value"].Dump(), Type::kText));
  }
  if (value["count_of"]) {
    return CountOf(value, builder, aggregates);
  }
  return Aggregate(name, value, builder, aggregates);
}

Result<std::string> QueryCompiler::Aggregate(std::string_view name, JsonView value, SqlBuilder& builder,
                                             Aggregates& aggregates) const {
  if (value["count"].AsString() == "*") {
    aggregates.used = true;
    aggregates.named.emplace_back(name, OrderTerm{"count(*)", Type::kInt64, false, false});
    return std::string("count(*)");
  }
  for (const std::string_view function : {"sum", "min", "max"}) {
    if (!value[function]) {
      continue;
    }
    auto reference = builder.Resolve(value[function].AsString());
    if (!reference.ok()) {
      return reference.status();
    }
    const Type type = reference->column->type;
    const bool number = type == Type::kInt64 || type == Type::kDouble || type == Type::kDecimal;
    if (!reference->path.empty() || (!number && (function == "sum" || (type != Type::kText && type != Type::kTime)))) {
      return Bad(std::string(function) + " does not work on " + reference->sql + ": sum takes numbers, min and max " +
                 "numbers, times and text");
    }
    aggregates.used = true;
    const std::string sql = function == "sum"
                                ? dialect_.Sum(reference->sql, type)
                                : std::string(function) + "(" + dialect_.ByBytes(reference->sql, type) + ")";
    aggregates.named.emplace_back(name, OrderTerm{sql, type, false, true});
    return dialect_.JsonValue(sql, type);
  }
  return Bad("'" + CleanUtf8(Utf8Prefix(name, 80)) +
             "' in `select` expects a column, {\"value\"}, {\"count\": \"*\"}, "
             "{\"sum\" | \"min\" | \"max\": column}, {\"count_of\", \"match\"} or {\"object\"}");
}

Result<std::string> QueryCompiler::CountOf(JsonView value, SqlBuilder& builder, Aggregates& aggregates) const {
  auto table = catalog_.Allowed(value["count_of"].AsString(), plugin_, "query");
  if (!table.ok()) {
    return table.status();
  }
  if (value["match"].size() == 0) {
    return Bad("`count_of` expects \"match\": {\"its column\": \"outer column\"}");
  }
  std::string condition;
  Status status;
  value["match"].ForEachMember([&](std::string_view inner, JsonView outer) {
    const Column* column = (*table)->Find(inner);
    auto reference = builder.Resolve(outer.AsString());
    if (!reference.ok() || column == nullptr || column->type != reference->column->type || !reference->path.empty()) {
      status = !reference.ok() ? reference.status()
                               : Bad("`match` of count_of expects a column of " + (*table)->full_name +
                                     " and an outer column of the same type" +
                                     (column == nullptr ? Hint(inner, (*table)->ColumnNames()) : ""));
      return;
    }
    aggregates.plain.push_back(reference->sql);
    condition = And(condition, "\"counted of\"." + QuoteName(column->name) + " = " + reference->sql);
  });
  if (!status.ok()) {
    return status;
  }
  return "(SELECT count(*) FROM " + QuoteName((*table)->physical) + " AS \"counted of\" WHERE " + condition + ")";
}

Status QueryCompiler::Group(JsonView group, SqlBuilder& builder, Aggregates& aggregates) const {
  if (group && !group.is_array()) {
    return Bad("`group` expects an array of columns");
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    auto reference = builder.Resolve(group[i].AsString());
    if (!reference.ok()) {
      return reference.status();
    }
    if (!reference->path.empty() || reference->column->type == Type::kJson) {
      return Bad("`group` expects plain columns, found " + reference->sql);
    }
    aggregates.group.push_back({reference->sql, reference->column->type, false, true});
  }
  return {};
}

}  // namespace tutti::storage
