#include "database.h"

#include <algorithm>
#include <initializer_list>

#include "tutti/sdk/text.hpp"

namespace keyvalue {
namespace {

using tutti::Code;
using tutti::Json;
using tutti::JsonObject;
using tutti::JsonWriter;
using tutti::Result;

// What is not known is refused rather than ignored: half of an operation is worse than none.
void OnlyMembers(JsonView object, const std::string& place, std::initializer_list<std::string_view> allowed) {
  if (!object.is_object()) {
    throw Failure{.message = place + ": expected an object, found " + object.Dump().substr(0, 60)};
  }
  object.ForEachMember([&](std::string_view key, JsonView) {
    if (std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
      throw Failure{.message = place + ": this storage (level basic) does not know '" + std::string(key) + "'"};
    }
  });
}

// A member of an operation that may be absent, but not of another kind.
JsonView ObjectAt(JsonView op, const char* key) {
  if (op[key] && !op[key].is_object()) {
    throw Failure{.message = std::string(key) + ": expected an object, found " + op[key].Dump().substr(0, 60)};
  }
  return op[key];
}

JsonView ArrayAt(JsonView op, const char* key) {
  if (op[key] && !op[key].is_array()) {
    throw Failure{.message = std::string(key) + ": expected an array, found " + op[key].Dump().substr(0, 60)};
  }
  return op[key];
}

std::int64_t NumberAt(JsonView op, const char* key, std::int64_t fallback) {
  if (op[key] && (!op[key].is_int() || op[key].AsInt() < 0)) {
    throw Failure{.message =
                      std::string(key) + ": expected a whole number from 0 on, found " + op[key].Dump().substr(0, 60)};
  }
  return op[key].AsInt(fallback);
}

void CheckName(std::string_view name, const char* of) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";
  if (name.empty() || name.size() > 63 || name.find_first_not_of(kLetters) != name.npos) {
    throw Failure{.message = "expected a name of a-z, 0-9 and _ for a " + std::string(of) + ", found '" +
                             std::string(name) + "'"};
  }
}

Code CodeNamed(std::string_view name) {
  for (tutti_code code = TUTTI_CANCELLED; code <= TUTTI_UNAUTHENTICATED; ++code) {
    if (name == tutti_status_find(code)->name) {
      return static_cast<Code>(code);
    }
  }
  throw Failure{.message = "expect: there is no code named '" + std::string(name) + "'"};
}

}  // namespace

// ---- tables

std::size_t Table::Find(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) {
      return i;
    }
  }
  throw Failure{.message = name + ": there is no column '" + std::string(column) + "'"};
}

Cells Table::KeyOf(const Row& row, const Key& key) const {
  Cells cells;
  for (const std::size_t column : key.columns) {
    cells.push_back(row[column]);
  }
  return cells;
}

Cell Table::Value(std::size_t column, JsonView json) const {
  const Column& of = columns[column];
  const std::string place = name + "." + of.name;
  Cell cell = ToCell(json, of.type, place);
  const auto* text = std::get_if<std::string>(&cell);
  if (text != nullptr && !of.allowed.empty() &&
      std::find(of.allowed.begin(), of.allowed.end(), *text) == of.allowed.end()) {
    throw Failure{.message = place + ": '" + *text + "' is none of the allowed values"};
  }
  return cell;
}

Cell Table::Default(std::size_t column) const {
  const std::string& json = columns[column].default_json;
  if (json == "\"now\"" && columns[column].type == "time") {
    return tutti::NowIso();
  }
  if (json == "\"random\"" && columns[column].type == "uuid") {
    return tutti::NewUuid();
  }
  return json.empty() ? Cell() : Value(column, Json::Parse(json)->view());
}

std::string Table::RowJson(const Row& row, const std::vector<std::size_t>& chosen) const {
  JsonObject object;
  for (const std::size_t column : chosen) {
    object.Raw(columns[column].name, ToJson(row[column], columns[column].type));
  }
  return object.Take();
}

// ---- schema

Table Database::ReadTable(const std::string& space, const std::string& name, JsonView json) const {
  const std::string place = space + "." + name;
  CheckName(name, "table");
  OnlyMembers(json, place, {"physical", "columns", "unique", "indexes", "touch", "agent", "rules"});
  const std::string physical(json["physical"].AsString(space + "_" + name));
  Table table;
  table.name = place;
  Key primary{physical + "_pkey", {}};
  std::vector<Key> unique;
  json["columns"].ForEachMember([&](std::string_view column_name, JsonView column) {
    const std::string at = place + "." + std::string(column_name);
    CheckName(column_name, "column");
    OnlyMembers(column, at, {"type", "primary", "null", "default", "unique", "in"});
    Column read{std::string(column_name), std::string(column["type"].AsString())};
    static const std::set<std::string> kTypes{"text", "int64", "double", "decimal", "bool",
                                              "json", "time",  "uuid",   "bytes"};
    if (!kTypes.contains(read.type)) {
      throw Failure{.message = at + ".type: expected a type of column, found '" + read.type + "'"};
    }
    read.is_null_allowed = column["null"].AsBool(true) && !column["primary"].AsBool();
    read.default_json = column["default"] ? column["default"].Dump() : "";
    column["in"].ForEach([&](JsonView item) { read.allowed.emplace_back(item.AsString()); });
    if (column["primary"].AsBool()) {
      primary.columns.push_back(table.columns.size());
    }
    if (column["unique"].AsBool()) {
      unique.push_back({physical + "_" + read.name + "_key", {table.columns.size()}});
    }
    table.columns.push_back(std::move(read));
  });
  if (primary.columns.empty()) {
    throw Failure{.message = place + ": expected at least one column with primary: true, found none"};
  }
  Column& first = table.columns[primary.columns[0]];
  if (primary.columns.size() == 1 && first.type == "uuid" && first.default_json.empty()) {
    first.default_json = "\"random\"";
  }
  json["unique"].ForEach([&](JsonView item) {
    OnlyMembers(item, place + ".unique", {"name", "columns"});
    Key key{std::string(item["name"].AsString()), {}};
    item["columns"].ForEach([&](JsonView column) { key.columns.push_back(table.Find(column.AsString())); });
    unique.push_back(std::move(key));
  });
  json["touch"].ForEach([&](JsonView column) { table.touch.push_back(table.Find(column.AsString())); });
  table.keys.push_back(std::move(primary));
  table.keys.insert(table.keys.end(), unique.begin(), unique.end());
  return table;
}

// That rows from before obey unique indexes that are new.
static void CheckUnique(const Table& table) {
  for (const Key& key : table.keys) {
    std::set<Cells> seen;
    for (const auto& [primary, row] : table.rows) {
      const Cells cells = table.KeyOf(row, key);
      const bool has_null = std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.index() == 0; });
      if (!has_null && !seen.insert(cells).second) {
        throw Failure{.code = Code::kFailedPrecondition,
                      .message = table.name + ": two rows have the same value for " + key.constraint +
                                 "; change one of them first"};
      }
    }
  }
}

std::string Database::EnsureSchema(JsonView schema, std::string& line) {
  OnlyMembers(schema, "schema", {"namespace", "version", "owner", "grants", "tables"});
  const std::string name(schema["namespace"].AsString());
  CheckName(name, "namespace");
  Namespace space{schema["version"].AsInt(), std::string(schema["owner"].AsString()), {}};
  const auto known = spaces_.find(name);
  if (known != spaces_.end() && known->second.version > space.version) {
    throw Failure{.code = Code::kFailedPrecondition,
                  .message = "the log holds version " + std::to_string(known->second.version) + " of namespace '" +
                             name + "', this program knows version " + std::to_string(space.version) +
                             "; start the newer program"};
  }
  schema["grants"].ForEachMember([&](std::string_view plugin, JsonView tables) {
    tables.ForEachMember([&](std::string_view table, JsonView verbs) {
      verbs.ForEach(
          [&](JsonView verb) { space.grants[std::string(plugin)][std::string(table)].emplace(verb.AsString()); });
    });
  });
  JsonWriter created;
  created.BeginArray();
  std::vector<Table> tables;
  bool is_changed = known == spaces_.end() || known->second.version != space.version;
  schema["tables"].ForEachMember([&](std::string_view table_name, JsonView json) {
    Table table = ReadTable(name, std::string(table_name), json);
    const auto old = tables_.find(table.name);
    if (old == tables_.end()) {
      created.Value("table " + table.name);
      is_changed = true;
    } else {
      const std::vector<Column>& before = old->second.columns;
      for (std::size_t i = 0; i < before.size(); ++i) {
        if (i >= table.columns.size() || table.columns[i].name != before[i].name ||
            table.columns[i].type != before[i].type || table.columns[i].is_null_allowed != before[i].is_null_allowed) {
          throw Failure{.code = Code::kFailedPrecondition,
                        .message = table.name + ": column '" + before[i].name +
                                   "' is not what it was; this storage only adds columns, at the end"};
        }
      }
      for (std::size_t i = before.size(); i < table.columns.size(); ++i) {
        created.Value("column " + table.name + "." + table.columns[i].name);
        is_changed = true;
      }
      for (auto [key, row] : old->second.rows) {
        for (std::size_t i = row.size(); i < table.columns.size(); ++i) {
          row.push_back(table.Default(i));
          if (row.back().index() == 0 && !table.columns[i].is_null_allowed) {
            throw Failure{.code = Code::kFailedPrecondition,
                          .message = table.name + "." + table.columns[i].name +
                                     ": expected a default, because there are rows and the column takes no null"};
          }
        }
        table.rows.emplace(key, std::move(row));
      }
      CheckUnique(table);
    }
    tables.push_back(std::move(table));
  });
  // Nothing fails from here on.
  for (Table& table : tables) {
    std::string table_name = table.name;
    tables_.insert_or_assign(std::move(table_name), std::move(table));
  }
  JsonObject answer;
  answer("namespace", name)("version", space.version).Raw("created", created.EndArray().Take()).Raw("changed", "[]");
  spaces_.insert_or_assign(name, std::move(space));
  line = is_changed ? JsonObject().Raw("schema", schema.Dump()).Take() : "";
  return answer.Take();
}

// ---- batches

std::string Database::Execute(const std::string& caller, JsonView batch, Commit& commit) {
  std::size_t part_number = 0;
  std::size_t op_number = 0;
  JsonView current;
  try {
    OnlyMembers(batch, "batch", {"parts"});
    if (!batch["parts"].is_array()) {
      throw Failure{.message = "expected a batch {\"parts\": [...]}, found no parts"};
    }
    std::vector<std::vector<std::string>> results;

    struct Waiting {
      std::size_t part, op;
      JsonView json;
    };

    std::vector<Waiting> appends;
    batch["parts"].ForEach([&](JsonView part) {
      part_number = results.size();
      results.emplace_back();
      OnlyMembers(part, "part", {"by", "ops"});
      if (!part["ops"].is_array()) {
        throw Failure{.message = "expected a part {\"ops\": [...]}, found no ops"};
      }
      const std::string by(part["by"].AsString(caller));
      part["ops"].ForEach([&](JsonView op) {
        op_number = results.back().size();
        current = op;
        const bool is_append = op["op"].AsString() == "append";
        if (is_append) {
          appends.push_back({part_number, op_number, op});
        }
        results.back().push_back(is_append ? "" : Run(by, op, commit));
      });
    });
    // The numbers of a stream are taken last.
    for (const Waiting& append : appends) {
      part_number = append.part;
      op_number = append.op;
      current = append.json;
      results[append.part][append.op] = Append(append.json, commit);
    }
    JsonWriter writer;
    writer.BeginObject().Key("results").BeginArray();
    for (const auto& part : results) {
      writer.BeginArray();
      for (const std::string& result : part) {
        writer.Raw(result);
      }
      writer.EndArray();
    }
    return writer.EndArray().EndObject().Take();
  } catch (Failure& failure) {
    Undo(commit);
    commit = {};
    JsonObject details;
    details("part", part_number)("op", op_number);
    const std::string_view table = current[current["op"].AsString() == "query" ? "from" : "table"].AsString();
    if (!table.empty()) {
      details("table", table);
    }
    if (!failure.constraint.empty()) {
      details("constraint", failure.constraint);
    }
    failure.details = details.Take();
    throw;
  }
}

void Database::Undo(const Commit& commit) {
  for (auto event = commit.events.rbegin(); event != commit.events.rend(); ++event) {
    journal_[event->first].pop_back();
  }
  for (auto change = commit.changes.rbegin(); change != commit.changes.rend(); ++change) {
    if (change->before) {
      change->table->rows.insert_or_assign(change->key, *change->before);
    } else {
      change->table->rows.erase(change->key);
    }
  }
}

std::string Database::Run(const std::string& by, JsonView op, Commit& commit) {
  const std::string_view verb = op["op"].AsString();
  std::string result;
  if (verb == "insert") {
    result = Insert(by, op, commit);
  } else if (verb == "upsert") {
    result = Upsert(by, op, commit);
  } else if (verb == "update") {
    result = Update(by, op, commit);
  } else if (verb == "delete") {
    result = Delete(by, op, commit);
  } else if (verb == "get") {
    return Get(by, op);
  } else if (verb == "query") {
    return Query(by, op);
  } else if (verb == "journal") {
    return Journal(op);
  } else if (verb == "heads") {
    return Heads(op);
  } else {
    throw Failure{.message = "this storage (level basic) does not know the operation " + op["op"].Dump().substr(0, 60)};
  }
  if (op["expect"]) {
    OnlyMembers(op["expect"], "expect", {"affected", "code", "message", "version"});
    const JsonView expect = op["expect"];
    const std::int64_t affected = (*Json::Parse(result))["affected"].AsInt();
    const std::int64_t wanted = NumberAt(expect, "affected", affected);
    if (affected != wanted || (expect["version"] && affected == 0)) {
      throw Failure{.code = expect["code"] ? CodeNamed(expect["code"].AsString()) : Code::kFailedPrecondition,
                    .message = std::string(expect["message"].AsString("expected other rows than the " +
                                                                      std::to_string(affected) + " found"))};
    }
  }
  return result;
}

Table& Database::Find(std::string_view name) {
  const auto found = tables_.find(name);
  if (found == tables_.end()) {
    throw Failure{.message = "there is no table '" + std::string(name) + "'"};
  }
  return found->second;
}

Table& Database::Allowed(std::string_view name, const std::string& by, const char* verb) {
  Table& table = Find(name);
  const std::size_t dot = name.find('.');
  const Namespace& space = spaces_.find(name.substr(0, dot))->second;
  const auto plugin = space.grants.find(by);
  if (by != space.owner) {
    const auto granted = plugin == space.grants.end() ? decltype(plugin->second.begin())()
                                                      : plugin->second.find(std::string(name.substr(dot + 1)));
    if (plugin == space.grants.end() || granted == plugin->second.end() || !granted->second.contains(verb)) {
      throw Failure{.code = Code::kPermissionDenied,
                    .message = by + " may not " + verb + " " + std::string(name) + ", which belongs to " + space.owner};
    }
  }
  return table;
}

Row Database::NewRow(const Table& table, JsonView json) {
  Row row;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const JsonView given = json[table.columns[i].name];
    row.push_back(given ? table.Value(i, given) : table.Default(i));
  }
  json.ForEachMember([&](std::string_view column, JsonView) { (void)table.Find(column); });
  return row;
}

const Row* Database::FindBy(const Table& table, const Key& key, const Cells& cells) {
  if (&key == &table.keys[0]) {
    const auto found = table.rows.find(cells);
    return found == table.rows.end() ? nullptr : &found->second;
  }
  for (const auto& [primary, row] : table.rows) {
    if (table.KeyOf(row, key) == cells) {
      return &row;
    }
  }
  return nullptr;
}

// Puts a row in the place of another, or as a new one, when no constraint is against it.
void Database::Put(Table& table, const std::optional<Cells>& former, Row row, Commit& commit) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i].index() == 0 && !table.columns[i].is_null_allowed) {
      throw Failure{.message = table.name + "." + table.columns[i].name + ": expected a value, found null"};
    }
  }
  for (const Key& key : table.keys) {
    const Cells cells = table.KeyOf(row, key);
    if (std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.index() == 0; })) {
      continue;  // null is not equal to null here
    }
    const Row* other = FindBy(table, key, cells);
    if (other != nullptr && (!former || table.KeyOf(*other, table.keys[0]) != *former)) {
      throw Failure{.code = Code::kAlreadyExists,
                    .message = table.name + ": a row with this key is there already",
                    .constraint = key.constraint};
    }
  }
  const auto change = [&](const Cells& key, std::optional<Row> now) {
    const auto found = table.rows.find(key);
    commit.changes.push_back({&table, key, found == table.rows.end() ? std::nullopt : std::optional(found->second)});
    if (now) {
      table.rows.insert_or_assign(key, std::move(*now));
    } else {
      table.rows.erase(key);
    }
  };
  const Cells key = table.KeyOf(row, table.keys[0]);
  if (former && *former != key) {
    change(*former, std::nullopt);
  }
  change(key, std::move(row));
}

static std::string Affected(std::size_t count) {
  return JsonObject()("affected", count).Take();
}

std::string Database::Insert(const std::string& by, JsonView op, Commit& commit) {
  OnlyMembers(op, "insert", {"op", "label", "table", "row", "rows", "ignore_conflict", "expect"});
  Table& table = Allowed(op["table"].AsString(), by, "insert");
  std::size_t count = 0;
  const auto insert = [&](JsonView json) {
    if (!json.is_object()) {
      throw Failure{.message = table.name + ": expected a row, found " + json.Dump().substr(0, 60)};
    }
    try {
      Put(table, std::nullopt, NewRow(table, json), commit);
      ++count;
    } catch (const Failure& failure) {
      if (failure.code != Code::kAlreadyExists || !op["ignore_conflict"].AsBool()) {
        throw;
      }
    }
  };
  if (op["row"].is_object() == op["rows"].is_array()) {
    throw Failure{.message = "insert: expected either `row`, an object, or `rows`, an array"};
  }
  if (op["row"]) {
    insert(op["row"]);
  }
  op["rows"].ForEach(insert);
  return Affected(count);
}

const Key& Database::KeyOver(const Table& table, std::set<std::string> columns, const char* place) {
  for (const Key& key : table.keys) {
    std::set<std::string> names;
    for (const std::size_t column : key.columns) {
      names.insert(table.columns[column].name);
    }
    if (names == columns) {
      return key;
    }
  }
  throw Failure{.message = std::string(place) + ": expected the columns of the primary key or of a unique index of " +
                           table.name + ", found others"};
}

static void Touch(const Table& table, Row& row, const std::set<std::size_t>& set) {
  for (const std::size_t column : table.touch) {
    if (!set.contains(column)) {
      row[column] = tutti::NowIso();
    }
  }
}

std::string Database::Upsert(const std::string& by, JsonView op, Commit& commit) {
  OnlyMembers(op, "upsert", {"op", "label", "table", "row", "key", "set", "expect"});
  Table& table = Allowed(op["table"].AsString(), by, "upsert");
  std::set<std::string> names;
  ArrayAt(op, "key").ForEach([&](JsonView name) { names.emplace(name.AsString()); });
  const Key& key = KeyOver(table, names, "upsert");
  Row row = NewRow(table, ObjectAt(op, "row"));
  const Cells cells = table.KeyOf(row, key);
  const bool has_null = std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.index() == 0; });
  const Row* old = has_null ? nullptr : FindBy(table, key, cells);
  if (old == nullptr) {
    Put(table, std::nullopt, std::move(row), commit);
    return Affected(1);
  }
  std::set<std::size_t> set;
  if (op["set"]) {
    ArrayAt(op, "set").ForEach([&](JsonView name) { set.insert(table.Find(name.AsString())); });
  } else {
    op["row"].ForEachMember([&](std::string_view name, JsonView) {
      if (!names.contains(std::string(name))) {
        set.insert(table.Find(name));
      }
    });
  }
  Row changed = *old;
  for (const std::size_t column : set) {
    changed[column] = row[column];
  }
  if (changed == *old) {
    return Affected(set.empty() ? 0 : 1);
  }
  Touch(table, changed, set);
  Put(table, table.KeyOf(*old, table.keys[0]), std::move(changed), commit);
  return Affected(1);
}

// Primary keys of the rows that have all of these values.
std::vector<Cells> Database::Matching(const Table& table, JsonView where) {
  std::vector<std::pair<std::size_t, Cell>> wanted;
  where.ForEachMember([&](std::string_view name, JsonView value) {
    const std::size_t column = table.Find(name);
    if (value.is_object() || value.is_array() || table.columns[column].type == "json") {
      throw Failure{.message = table.name + "." + std::string(name) +
                               ": this storage (level basic) compares plain columns with one value"};
    }
    wanted.emplace_back(column, ToCell(value, table.columns[column].type, table.name + "." + std::string(name)));
  });
  std::vector<Cells> keys;
  for (const auto& [key, row] : table.rows) {
    if (std::all_of(wanted.begin(), wanted.end(), [&r = row](const auto& one) { return r[one.first] == one.second; })) {
      keys.push_back(key);
    }
  }
  return keys;
}

static JsonView Where(JsonView op) {
  if (!op["where"].is_object()) {
    throw Failure{.message =
                      "expected `where` as an object ({} for every row), found " + op["where"].Dump().substr(0, 60)};
  }
  return op["where"];
}

static std::vector<std::size_t> Chosen(const Table& table, JsonView names) {
  std::vector<std::size_t> chosen;
  if (!names) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      chosen.push_back(i);
    }
  } else if (!names.is_array()) {
    throw Failure{.message = table.name + ": this storage (level basic) selects by an array of columns"};
  }
  names.ForEach([&](JsonView name) { chosen.push_back(table.Find(name.AsString())); });
  return chosen;
}

// The sum, as the column's type keeps it; null counts as 0.
static Cell Sum(const Table& table, std::size_t column, const Cell& cell, JsonView addend) {
  const std::string place = table.name + "." + table.columns[column].name;
  const Cell add = ToCell(addend, table.columns[column].type, place);
  if (const auto* more = std::get_if<std::int64_t>(&add)) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(cell.index() == 0 ? 0 : std::get<std::int64_t>(cell), *more, &sum)) {
      throw Failure{.message = place + ": the sum is out of the range of int64"};
    }
    return sum;
  }
  if (const auto* more = std::get_if<double>(&add)) {
    const double sum = (cell.index() == 0 ? 0.0 : std::get<double>(cell)) + *more;
    return table.columns[column].type == "decimal" ? RoundDecimal(sum) : sum;
  }
  throw Failure{.message = place + ": expected a column of numbers and a number at `add`"};
}

std::string Database::Update(const std::string& by, JsonView op, Commit& commit) {
  OnlyMembers(op, "update", {"op", "label", "table", "where", "set", "add", "return", "expect"});
  Table& table = Allowed(op["table"].AsString(), by, "update");
  const std::vector<std::size_t> returned = op["return"] ? Chosen(table, op["return"]) : std::vector<std::size_t>();
  const JsonView version = ObjectAt(op, "expect")["version"];
  std::set<std::size_t> set;
  ObjectAt(op, "set").ForEachMember([&](std::string_view name, JsonView) { set.insert(table.Find(name)); });
  std::size_t count = 0;
  JsonWriter rows;
  rows.BeginArray();
  for (const Cells& key : Matching(table, Where(op))) {
    const Row old = table.rows.at(key);
    Row row = old;
    if (version) {
      const std::size_t column = table.Find("version");
      if (old[column] != Cell(version.AsInt())) {
        continue;
      }
      row[column] = version.AsInt() + 1;
    }
    op["set"].ForEachMember(
        [&](std::string_view name, JsonView value) { row[table.Find(name)] = table.Value(table.Find(name), value); });
    ObjectAt(op, "add").ForEachMember([&](std::string_view name, JsonView value) {
      row[table.Find(name)] = Sum(table, table.Find(name), row[table.Find(name)], value);
    });
    Touch(table, row, set);
    rows.Raw(JsonObject().Raw("old", table.RowJson(old, returned)).Raw("new", table.RowJson(row, returned)).Take());
    Put(table, key, std::move(row), commit);
    ++count;
  }
  JsonObject answer;
  answer("affected", count);
  return op["return"] ? answer.Raw("rows", rows.EndArray().Take()).Take() : answer.Take();
}

std::string Database::Delete(const std::string& by, JsonView op, Commit& commit) {
  OnlyMembers(op, "delete", {"op", "label", "table", "where", "expect"});
  Table& table = Allowed(op["table"].AsString(), by, "delete");
  const std::vector<Cells> keys = Matching(table, Where(op));
  for (const Cells& key : keys) {
    commit.changes.push_back({&table, key, table.rows.at(key)});
    table.rows.erase(key);
  }
  return Affected(keys.size());
}

static std::string Found(const Table& table, const std::vector<const Row*>& rows, JsonView select) {
  const std::vector<std::size_t> chosen = Chosen(table, select);
  JsonWriter writer;
  writer.BeginObject().Key("count").Value(rows.size()).Key("rows").BeginArray();
  for (const Row* row : rows) {
    writer.Raw(table.RowJson(*row, chosen));
  }
  return writer.EndArray().EndObject().Take();
}

std::string Database::Get(const std::string& by, JsonView op) {
  OnlyMembers(op, "get", {"op", "label", "table", "key", "select"});
  const Table& table = Allowed(op["table"].AsString(), by, "query");
  std::set<std::string> names;
  ObjectAt(op, "key").ForEachMember([&](std::string_view name, JsonView) { names.emplace(name); });
  const Key& key = KeyOver(table, names, "get");
  Cells cells;
  for (const std::size_t column : key.columns) {
    const Column& of = table.columns[column];
    cells.push_back(ToCell(op["key"][of.name], of.type, table.name + "." + of.name));
  }
  const Row* row = FindBy(table, key, cells);
  return Found(table, row == nullptr ? std::vector<const Row*>() : std::vector{row}, op["select"]);
}

std::string Database::Query(const std::string& by, JsonView op) {
  OnlyMembers(op, "query", {"op", "label", "from", "select", "where", "order", "limit"});
  const Table& table = Allowed(op["from"].AsString(), by, "query");
  std::vector<const Row*> rows;
  for (const Cells& key : Matching(table, ObjectAt(op, "where"))) {
    rows.push_back(&table.rows.at(key));
  }
  std::vector<std::pair<std::size_t, bool>> terms;  // column, descending
  ArrayAt(op, "order").ForEach([&](JsonView term) {
    OnlyMembers(term, "order", {"by", "desc"});
    terms.emplace_back(table.Find(term["by"].AsString()), term["desc"].AsBool());
  });
  const bool is_descending = !terms.empty() && terms.back().second;
  for (const std::size_t column : table.keys[0].columns) {
    terms.emplace_back(column, is_descending);
  }
  std::sort(rows.begin(), rows.end(), [&](const Row* a, const Row* b) {
    for (const auto& [column, descending] : terms) {
      if ((*a)[column] != (*b)[column]) {
        return ((*a)[column] < (*b)[column]) != descending;
      }
    }
    return false;
  });
  const std::int64_t limit = NumberAt(op, "limit", static_cast<std::int64_t>(rows.size()));
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(limit)));
  return Found(table, rows, op["select"]);
}

// ---- journal

// The texts of an array, none when it is not there.
std::set<std::string> Texts(JsonView op, const char* name) {
  std::set<std::string> texts;
  if (op[name].is_null()) {
    return texts;
  }
  bool is_good = op[name].is_array();
  op[name].ForEach([&](JsonView text) {
    is_good = is_good && !text.AsString().empty();
    texts.emplace(text.AsString());
  });
  if (!is_good || texts.empty()) {
    throw Failure{.message = std::string(name) + ": expected an array of texts, found " + op[name].Dump()};
  }
  return texts;
}

// What an event must have; empty lets everything through.
struct JournalFilter {
  std::string run, agent, tree;
  std::set<std::string> types;

  [[nodiscard]] bool LetsThrough(const std::string& event) const {
    if (run.empty() && agent.empty() && tree.empty() && types.empty()) {
      return true;
    }
    const auto json = Json::Parse(event);
    const std::string_view above = (*json)["tree"].AsString();
    return (run.empty() || (*json)["run"].AsString() == run) &&
           (agent.empty() || (*json)["agent"].AsString() == agent) &&
           (types.empty() || types.contains(std::string((*json)["type"].AsString()))) &&
           (tree.empty() || above.find("/" + tree + "/") != std::string_view::npos ||
            (above.empty() && (*json)["agent"].AsString() == tree));
  }
};

JournalFilter ReadFilter(JsonView op) {
  for (const char* name : {"run", "agent", "tree"}) {
    if (!op[name].is_null() && op[name].AsString().empty()) {
      throw Failure{.message = std::string("journal: expected a text at ") + name + ", found " + op[name].Dump()};
    }
  }
  return {std::string(op["run"].AsString()), std::string(op["agent"].AsString()), std::string(op["tree"].AsString()),
          Texts(op, "types")};
}

std::string Database::Append(JsonView op, Commit& commit) {
  OnlyMembers(op, "append", {"op", "label", "stream", "type", "run", "agent", "tree", "data"});
  const std::string stream = tutti::CleanUtf8(op["stream"].AsString());
  if (stream.empty() || op["type"].AsString().empty()) {
    throw Failure{.message = "append: expected a stream and a type"};
  }
  std::vector<std::string>& events = journal_[stream];
  JsonObject event;
  event("stream", stream)("seq", events.size() + 1)("time", tutti::NowIso());
  event("type", tutti::CleanUtf8(op["type"].AsString())).OrNull("run", tutti::CleanUtf8(op["run"].AsString()));
  event.OrNull("agent", tutti::CleanUtf8(op["agent"].AsString()));
  event.OrNull("tree", tutti::CleanUtf8(op["tree"].AsString()));
  event.Raw("data", op["data"] ? tutti::CleanJson(op["data"].Dump()) : "{}");
  events.push_back(event.Take());
  commit.events.emplace_back(stream, events.back());
  return JsonObject().Raw("event", events.back()).Take();
}

std::string Database::Journal(JsonView op) const {
  OnlyMembers(op, "journal", {"op", "label", "stream", "since", "limit", "run", "agent", "tree", "types"});
  constexpr std::int64_t kMost = 10000;
  static const std::vector<std::string> kNone;
  const JournalFilter filter = ReadFilter(op);
  const auto found = journal_.find(op["stream"].AsString());
  const std::vector<std::string>& events = found == journal_.end() ? kNone : found->second;
  const auto since = static_cast<std::size_t>(NumberAt(op, "since", 0));
  const auto limit = static_cast<std::size_t>(std::min(NumberAt(op, "limit", 1000), kMost));
  std::vector<const std::string*> page;
  std::size_t next = since;
  for (; next < events.size() && page.size() < limit; ++next) {
    if (filter.LetsThrough(events[next])) {
      page.push_back(&events[next]);
    }
  }
  JsonWriter writer;
  writer.BeginObject().Key("count").Value(page.size()).Key("first").Value(1).Key("last").Value(events.size());
  writer.Key("next").Value(next).Key("events").BeginArray();
  for (const std::string* event : page) {
    writer.Raw(*event);
  }
  return writer.EndArray().EndObject().Take();
}

std::string Database::Heads(JsonView op) const {
  OnlyMembers(op, "heads", {"op", "label", "streams", "after", "limit"});
  const std::set<std::string> wanted = Texts(op, "streams");
  const std::int64_t limit = NumberAt(op, "limit", 1000);
  std::vector<std::string> heads;
  for (auto at = journal_.upper_bound(op["after"].AsString()); at != journal_.end(); ++at) {
    if (static_cast<std::int64_t>(heads.size()) < limit && (wanted.empty() || wanted.contains(at->first))) {
      heads.push_back(JsonObject()("stream", at->first)("first", 1)("last", at->second.size()).Take());
    }
  }
  JsonWriter writer;
  writer.BeginObject().Key("count").Value(heads.size()).Key("heads").BeginArray();
  for (const std::string& head : heads) {
    writer.Raw(head);
  }
  return writer.EndArray().EndObject().Take();
}

// ---- log

// {"rows": [{"table", "key": {..}, "row": {..} | null}], "events": [EVENT]}: the rows as they are now.
std::string Database::Line(const Commit& commit) {
  JsonWriter writer;
  writer.BeginObject().Key("rows").BeginArray();
  for (const Change& change : commit.changes) {
    const Table& table = *change.table;
    Row key(table.columns.size());
    for (std::size_t i = 0; i < change.key.size(); ++i) {
      key[table.keys[0].columns[i]] = change.key[i];
    }
    const auto now = table.rows.find(change.key);
    writer.Raw(JsonObject()("table", table.name)
                   .Raw("key", table.RowJson(key, table.keys[0].columns))
                   .Raw("row", now == table.rows.end() ? "null" : table.RowJson(now->second, Chosen(table, JsonView())))
                   .Take());
  }
  writer.EndArray().Key("events").BeginArray();
  for (const auto& [stream, event] : commit.events) {
    writer.Raw(event);
  }
  return writer.EndArray().EndObject().Take();
}

void Database::Replay(JsonView line) {
  if (line["schema"]) {
    std::string ignored;
    (void)EnsureSchema(line["schema"], ignored);
    return;
  }
  line["rows"].ForEach([&](JsonView item) {
    Table& table = Find(item["table"].AsString());
    Cells key;
    for (const std::size_t column : table.keys[0].columns) {
      key.push_back(table.Value(column, item["key"][table.columns[column].name]));
    }
    table.rows.erase(key);
    if (!item["row"].is_null()) {
      table.rows.emplace(std::move(key), NewRow(table, item["row"]));
    }
  });
  line["events"].ForEach(
      [&](JsonView event) { journal_[std::string(event["stream"].AsString())].push_back(event.Dump()); });
}

}  // namespace keyvalue
