#include "archived_rows.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "encoding.h"
#include "journal.h"
#include "names.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

constexpr std::size_t kShown = 60;

// Numbers must come back as they were, to the last bit: the quick parser of batches may be off by one there.
Result<rapidjson::Document> ParseExactly(std::string_view text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag |
                 rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  if (document.HasParseError()) {
    return Status::InvalidArgument("expected a row in JSON, found an error at byte " +
                                   std::to_string(document.GetErrorOffset()));
  }
  return document;
}

// One number, one text: databases write 100, 100.0 and 1e2 for the same.
std::string PlainNumber(const rapidjson::Value& value) {
  constexpr double kWhole = 9007199254740992.0;
  if (value.IsInt64()) {
    return std::to_string(value.GetInt64());
  }
  if (value.IsUint64()) {
    return std::to_string(value.GetUint64());
  }
  const double number = value.GetDouble();
  return number == std::trunc(number) && std::abs(number) < kWhole ? std::to_string(static_cast<std::int64_t>(number))
                                                                   : NumberText(number);
}

void WritePlainly(const rapidjson::Value& value, JsonWriter& out) {
  if (value.IsArray()) {
    out.BeginArray();
    for (const auto& item : value.GetArray()) {
      WritePlainly(item, out);
    }
    out.EndArray();
  } else if (value.IsObject()) {
    std::vector<const rapidjson::Value::Member*> members;
    for (const auto& member : value.GetObject()) {
      members.push_back(&member);
    }
    const auto name = [](const rapidjson::Value::Member* member) {
      return std::string_view(member->name.GetString(), member->name.GetStringLength());
    };
    std::stable_sort(members.begin(), members.end(),
                     [&](const auto* one, const auto* other) { return name(one) < name(other); });
    out.BeginObject();
    for (std::size_t i = 0; i < members.size(); ++i) {
      // Of members of one name databases keep the last.
      if (i + 1 == members.size() || name(members[i]) != name(members[i + 1])) {
        out.Key(name(members[i]));
        WritePlainly(members[i]->value, out);
      }
    }
    out.EndObject();
  } else if (value.IsNumber()) {
    out.Raw(PlainNumber(value));
  } else {
    out.Value(value);
  }
}

std::string PlainJson(const std::string& text) {
  auto document = ParseExactly(text);
  if (!document.ok()) {
    return text;
  }
  JsonWriter out;
  WritePlainly(*document, out);
  return out.Take();
}

bool IsSame(Type type, const Value& one, const Value& other) {
  if (one == other) {
    return true;
  }
  const auto* left = std::get_if<std::string>(&one);
  const auto* right = std::get_if<std::string>(&other);
  return type == Type::kJson && left != nullptr && right != nullptr && PlainJson(*left) == PlainJson(*right);
}

Table MadeTable(const std::string& physical, std::vector<Column> columns, const std::vector<std::string>& key) {
  Table table;
  table.name = table.full_name = table.physical = physical;
  table.columns = std::move(columns);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    Column& column = table.columns[i];
    column.primary = std::find(key.begin(), key.end(), column.name) != key.end();
    column.nullable = !column.primary;
    if (column.primary) {
      table.primary_key.push_back(i);
    }
  }
  return table;
}

std::string Select(const Table& table, const Dialect& dialect, const std::string& where,
                   const std::function<std::string(const Column&)>& value) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const Column& column : table.columns) {
    members.emplace_back(QuoteLiteral(column.name), value(column));
  }
  std::string order;
  for (const std::size_t index : table.primary_key) {
    const Column& column = table.columns[index];
    order += (order.empty() ? " ORDER BY " : ", ") + dialect.ByBytes(QuoteName(column.name), column.type);
  }
  return "SELECT " + dialect.JsonText(dialect.JsonObject(members)) + " FROM " + QuoteName(table.physical) +
         (where.empty() ? "" : " WHERE " + where) + order;
}

}  // namespace

std::shared_ptr<const Table> StreamsArchived() {
  static const auto table = [] {
    std::vector<Column> columns(3);
    columns[0].name = "stream";
    columns[1].name = "head";
    columns[2].name = "floor";
    columns[1].type = columns[2].type = Type::kInt64;
    return std::make_shared<const Table>(MadeTable("tutti_streams", std::move(columns), {"stream"}));
  }();
  return table;
}

std::shared_ptr<const Table> JournalArchived() {
  static const auto table =
      std::make_shared<const Table>(MadeTable(JournalTable().physical, JournalTable().columns, {"stream", "seq"}));
  return table;
}

std::string SelectRows(const Dialect& dialect, const Table& table, const std::string& where) {
  return Select(table, dialect, where,
                [&](const Column& column) { return dialect.JsonValue(QuoteName(column.name), column.type); });
}

std::string SelectEvents(const Dialect& dialect, const std::string& where) {
  return Select(*JournalArchived(), dialect, where, [&](const Column& column) {
    return column.name == "data" ? dialect.JsonLiteral(QuoteName(column.name))
                                 : dialect.JsonValue(QuoteName(column.name), column.type);
  });
}

Result<Row> ParseRow(const Table& table, std::string_view json) {
  auto document = ParseExactly(json);
  if (!document.ok()) {
    return Status::InvalidArgument(table.full_name + ": " + std::string(document.status().message()));
  }
  const JsonView view(&*document);
  if (!view.is_object()) {
    return Status::InvalidArgument(table.full_name + ": expected a row as an object {column: value}");
  }
  Row row;
  row.reserve(table.columns.size());
  for (const Column& column : table.columns) {
    const JsonView given = view[column.name];
    if (!given) {
      row.emplace_back();
      continue;
    }
    auto value = Canonical(*given.raw(), column.type, table.full_name + "." + column.name);
    if (!value.ok()) {
      return value.status();
    }
    row.push_back(std::move(*value));
  }
  return row;
}

std::string KeyOf(const Table& table, const Row& row) {
  std::string text = "{";
  for (const std::size_t index : table.primary_key) {
    const Column& column = table.columns[index];
    text += (text.size() > 1 ? "," : "") + ("\"" + column.name + "\":") + ShownValue(column, row[index]);
  }
  return text + "}";
}

std::optional<std::size_t> FirstDifference(const Table& table, const Row& one, const Row& other) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!IsSame(table.columns[i].type, one[i], other[i])) {
      return i;
    }
  }
  return std::nullopt;
}

std::string ShownValue(const Column& column, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    const std::string shown = column.type == Type::kBytes ? EncodeBase64(*text) : *text;
    return JsonQuote(shown.size() <= kShown ? CleanUtf8(shown) : CleanUtf8(Utf8Prefix(shown, kShown)) + "...");
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*number);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    return NumberText(*number);
  }
  const auto* flag = std::get_if<bool>(&value);
  return flag == nullptr ? "null" : *flag ? "true" : "false";
}

}  // namespace tutti::storage
