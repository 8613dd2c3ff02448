#include "sql_builder.h"

#include <algorithm>

#include "names.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

constexpr std::size_t kMostTerms = 500;
constexpr std::size_t kMostListed = 1000;
constexpr std::size_t kMostParameters = 20000;
constexpr std::size_t kMostPathMembers = 16;

const std::vector<std::string> kTests = {"eq", "ne", "lt", "le", "gt", "ge", "in", "contains", "prefix", "null"};

std::string Symbol(std::string_view comparison) {
  if (comparison == "lt") {
    return " < ";
  }
  if (comparison == "le") {
    return " <= ";
  }
  if (comparison == "gt") {
    return " > ";
  }
  return comparison == "ge" ? " >= " : " = ";
}

std::string Shown(std::string_view text) {
  return CleanUtf8(Utf8Prefix(text, 80));
}

bool IsMember(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::none_of(text.begin(), text.end(), [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  });
}

}  // namespace

std::string And(const std::string& left, const std::string& right) {
  return left.empty() ? right : right.empty() ? left : left + " AND " + right;
}

std::string SqlBuilder::Bind(Value value, Type type) {
  if (values_ == Values::kLiteral) {
    return dialect_.Literal(value, type);
  }
  parameters_.push_back({type, std::move(value)});
  return dialect_.Placeholder(parameters_.size(), type);
}

std::string SqlBuilder::Member(std::string_view name) {
  return IsName(name) ? QuoteLiteral(name) : Bind(CleanUtf8(name), Type::kText);
}

Result<ColumnReference> SqlBuilder::Resolve(std::string_view text) {
  ColumnReference reference;
  std::string_view head = text.substr(0, text.find("->"));
  for (std::string_view rest = text.substr(head.size()); rest.starts_with("->");) {
    rest.remove_prefix(2);
    const std::string_view member = rest.substr(0, rest.find("->"));
    if (!IsMember(member) || reference.path.size() == kMostPathMembers) {
      return Status::InvalidArgument("'" + Shown(text) +
                                     "' is no path: expected json_column->member->member, members "
                                     "without quotes and backslashes");
    }
    reference.path.emplace_back(member);
    rest.remove_prefix(member.size());
  }
  const std::size_t dot = head.find('.');
  const Source* source = &sources_.front();
  std::vector<std::string> aliases;
  if (dot != std::string_view::npos) {
    source = nullptr;
    for (const Source& candidate : sources_) {
      const std::string& name = candidate.alias.empty() ? candidate.table->name : candidate.alias;
      aliases.push_back(name);
      source = name == head.substr(0, dot) ? &candidate : source;
    }
    if (source == nullptr) {
      return Status::InvalidArgument("'" + Shown(text) + "': there is no table or alias '" +
                                     Shown(head.substr(0, dot)) + "' here" + Hint(head.substr(0, dot), aliases));
    }
    head.remove_prefix(dot + 1);
  }
  reference.column = source->table->Find(head);
  if (reference.column == nullptr) {
    return Status::InvalidArgument(source->table->full_name + " has no column '" + Shown(head) + "'" +
                                   Hint(head, source->table->ColumnNames()));
  }
  if (!reference.path.empty() && reference.column->type != Type::kJson) {
    return Status::InvalidArgument(source->table->full_name + "." + reference.column->name + " is of type " +
                                   std::string(TypeName(reference.column->type)) + ", a path needs json");
  }
  reference.sql = (source->alias.empty() ? "" : QuoteName(source->alias) + ".") + QuoteName(reference.column->name);
  return reference;
}

std::vector<std::string> SqlBuilder::PathKeys(const ColumnReference& reference) {
  return dialect_.PathKeys(reference.path, [this](std::string text) { return Bind(std::move(text), Type::kText); });
}

std::string SqlBuilder::AsJson(const ColumnReference& reference) {
  return reference.path.empty() ? dialect_.JsonValue(reference.sql, reference.column->type)
                                : dialect_.PathJson(reference.sql, PathKeys(reference));
}

Status SqlBuilder::CheckSize() const {
  return parameters_.size() <= kMostParameters
             ? Status()
             : Status::InvalidArgument("the operation has " + std::to_string(parameters_.size()) + " values, at most " +
                                       std::to_string(kMostParameters) + " fit; split it");
}

Result<std::string> SqlBuilder::Filter(JsonView filter) {
  if (!filter) {
    return std::string();
  }
  if (!filter.is_object()) {
    return Status::InvalidArgument("expected a filter object such as {\"column\": value}, found " +
                                   Shown(filter.Dump()));
  }
  std::string sql;
  Status status;
  filter.ForEachMember([&](std::string_view key, JsonView value) {
    if (!status.ok()) {
      return;
    }
    auto part = key == "and" || key == "or" ? Joined(value, key == "and" ? " AND " : " OR ")
                : key == "not"              ? Filter(value)
                                            : Condition(key, value);
    if (!part.ok()) {
      status = part.status();
      return;
    }
    if (key == "not") {
      *part = part->empty() ? dialect_.Boolean(false) + " = " + dialect_.Boolean(true) : "NOT (" + *part + ")";
    }
    sql = And(sql, *part);
  });
  if (status.ok() && ++terms_ > kMostTerms) {
    status =
        Status::InvalidArgument("the filter has more than " + std::to_string(kMostTerms) + " conditions; use `in`");
  }
  return status.ok() ? Result<std::string>(std::move(sql)) : status;
}

Result<std::string> SqlBuilder::Joined(JsonView list, std::string_view word) {
  if (!list.is_array() || list.size() == 0) {
    return Status::InvalidArgument("`and` and `or` expect an array of at least one filter");
  }
  std::string sql;
  Status status;
  list.ForEach([&](JsonView item) {
    auto part = status.ok() ? Filter(item) : Result<std::string>(status);
    if (!part.ok()) {
      status = part.status();
      return;
    }
    const std::string term = part->empty() ? dialect_.Boolean(true) + " = " + dialect_.Boolean(true) : *part;
    sql.append(sql.empty() ? "(" : word).append("(").append(term).append(")");
  });
  return status.ok() ? Result<std::string>(sql + ")") : status;
}

Result<std::string> SqlBuilder::Condition(std::string_view column, JsonView test) {
  auto reference = Resolve(column);
  if (!reference.ok()) {
    return reference.status();
  }
  if (++terms_ > kMostTerms) {
    return Status::InvalidArgument("the filter has more than " + std::to_string(kMostTerms) + " conditions; use `in`");
  }
  if (!test.is_object()) {
    return Compare(*reference, "eq", test);
  }
  std::string sql;
  Status status;
  test.ForEachMember([&](std::string_view name, JsonView value) {
    if (!status.ok()) {
      return;
    }
    auto part = name == "in"                                               ? InList(*reference, value)
                : name == "contains" || name == "prefix" || name == "null" ? TextTest(*reference, name, value)
                : std::find(kTests.begin(), kTests.end(), name) != kTests.end()
                    ? Compare(*reference, name, value)
                    : Result<std::string>(Status::InvalidArgument("unknown comparison '" + Shown(name) + "' on " +
                                                                  Shown(column) + Hint(name, kTests)));
    if (!part.ok()) {
      status = part.status();
      return;
    }
    sql = And(sql, *part);
  });
  if (status.ok() && sql.empty()) {
    status = Status::InvalidArgument("expected a comparison such as {\"eq\": value} on " + Shown(column));
  }
  return status.ok() ? Result<std::string>(std::move(sql)) : status;
}

Result<std::string> SqlBuilder::Compare(const ColumnReference& reference, std::string_view comparison, JsonView value) {
  if (value.is_null()) {
    if (comparison != "eq" && comparison != "ne") {
      return Status::InvalidArgument("null on " + reference.column->name + " can be compared with eq and ne only");
    }
    return TextTest(reference, comparison == "eq" ? "null" : "not null", value);
  }
  if (comparison == "ne") {
    auto equal = Compare(reference, "eq", value);
    return equal.ok() ? Result<std::string>("NOT (" + *equal + ")") : equal;
  }
  if (!reference.path.empty()) {
    return ComparePath(reference, Symbol(comparison), value);
  }
  const Type type = reference.column->type;
  if (type == Type::kJson) {
    return Status::InvalidArgument(reference.column->name + " is json: compare a member, such as " +
                                   reference.column->name + "->member, or with null");
  }
  auto canonical = Canonical(*value.raw(), type, reference.column->name);
  if (!canonical.ok()) {
    return canonical.status();
  }
  const bool equality = comparison == "eq";
  const std::string left = equality ? reference.sql : dialect_.ByBytes(reference.sql, type);
  const std::string right =
      type == Type::kBool ? dialect_.Boolean(std::get<bool>(*canonical)) : Bind(std::move(*canonical), type);
  const std::string test = left + Symbol(comparison) + right;
  return reference.column->nullable && values_ == Values::kBound
             ? "(" + reference.sql + " IS NOT NULL AND " + test + ")"
             : test;
}

Result<std::string> SqlBuilder::ComparePath(const ColumnReference& reference, const std::string& symbol,
                                            JsonView value) {
  const auto keys = PathKeys(reference);
  const std::string not_missing = dialect_.PathText(reference.sql, keys) + " IS NOT NULL AND ";
  if (value.is_string()) {
    const std::string text = Bind(CleanUtf8(value.AsString()), Type::kText);
    const std::string left = symbol == " = " ? dialect_.PathText(reference.sql, keys)
                                             : dialect_.ByBytes(dialect_.PathText(reference.sql, keys), Type::kText);
    return "(" + not_missing + left + symbol + text + " AND " +
           dialect_.PathIs(reference.sql, keys, Dialect::JsonKind::kString) + ")";
  }
  if (value.is_number()) {
    Value number = value.is_int() ? Value(value.AsInt()) : Value(value.AsDouble());
    const std::string right = dialect_.PathNumberOperand(Bind(std::move(number), Type::kDecimal));
    return "(" + not_missing + dialect_.PathIs(reference.sql, keys, Dialect::JsonKind::kNumber) + " AND " +
           dialect_.PathNumber(reference.sql, keys) + symbol + right + ")";
  }
  if (value.is_bool() && symbol == " = ") {
    return "(" + not_missing + dialect_.PathIsBoolean(reference.sql, keys, value.AsBool()) + ")";
  }
  return Status::InvalidArgument("a member of " + reference.column->name +
                                 " can be compared with text and numbers, and for equality with true and false");
}

Result<std::string> SqlBuilder::InList(const ColumnReference& reference, JsonView list) {
  if (!list.is_array() || list.size() > kMostListed) {
    return Status::InvalidArgument("`in` on " + reference.column->name + " expects an array of at most " +
                                   std::to_string(kMostListed) + " values");
  }
  std::string bound;
  std::string others;
  Status status;
  const bool plain =
      reference.path.empty() && reference.column->type != Type::kBool && reference.column->type != Type::kJson;
  list.ForEach([&](JsonView item) {
    if (!status.ok()) {
      return;
    }
    if (plain && !item.is_null()) {
      auto value = Canonical(*item.raw(), reference.column->type, reference.column->name);
      status = value.ok() ? status : value.status();
      if (value.ok()) {
        bound.append(bound.empty() ? "" : ", ").append(Bind(std::move(*value), reference.column->type));
      }
      return;
    }
    auto part = Compare(reference, "eq", item);
    status = part.ok() ? status : part.status();
    if (part.ok()) {
      others.append(others.empty() ? "" : " OR ").append(*part);
    }
  });
  if (!status.ok()) {
    return status;
  }
  std::string sql;
  if (!bound.empty()) {
    sql = reference.column->nullable && values_ == Values::kBound
              ? "(" + reference.sql + " IS NOT NULL AND " + reference.sql + " IN (" + bound + "))"
              : reference.sql + " IN (" + bound + ")";
  }
  if (!others.empty()) {
    sql.append(sql.empty() ? "" : " OR ").append(others);
  }
  return sql.empty() ? dialect_.Boolean(false) + " = " + dialect_.Boolean(true) : "(" + sql + ")";
}

Result<std::string> SqlBuilder::TextTest(const ColumnReference& reference, std::string_view test, JsonView value) {
  const auto keys = reference.path.empty() ? std::vector<std::string>() : PathKeys(reference);
  const std::string text = reference.path.empty() ? reference.sql : dialect_.PathText(reference.sql, keys);
  if (test == "null" || test == "not null") {
    if (!value.is_null() && !value.is_bool()) {
      return Status::InvalidArgument("`null` on " + reference.column->name + " expects true or false");
    }
    return text + (test == "null" && value.AsBool(true) ? " IS NULL" : " IS NOT NULL");
  }
  if (!value.is_string() || (reference.path.empty() && reference.column->type != Type::kText)) {
    return Status::InvalidArgument("`" + std::string(test) +
                                   "` expects a string and a text column or json member, on " + reference.column->name);
  }
  const std::string needle = Bind(CleanUtf8(value.AsString()), Type::kText);
  const std::string sql =
      test == "contains" ? dialect_.ContainsFolded(text, needle) : dialect_.StartsWith(text, needle);
  return "(" + text + " IS NOT NULL AND " + sql +
         (keys.empty() ? "" : " AND " + dialect_.PathIs(reference.sql, keys, Dialect::JsonKind::kString)) + ")";
}

}  // namespace tutti::storage
