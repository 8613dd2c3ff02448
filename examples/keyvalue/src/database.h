// Database: tables, rows and journal in memory, and the level basic of tutti/abi/storage.h over them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tutti/sdk/json.hpp"
#include "values.h"

namespace keyvalue {

using tutti::JsonView;

struct Column {
  std::string name, type;
  bool is_null_allowed = true;
  std::string default_json;  // empty: null
  std::vector<std::string> allowed;
};

struct Key {
  std::string constraint;
  std::vector<std::size_t> columns;
};

using Row = Cells;  // by number of column

struct Table {
  [[nodiscard]] std::size_t Find(std::string_view column) const;
  [[nodiscard]] Cells KeyOf(const Row& row, const Key& key) const;
  // The JSON as the column keeps it.
  [[nodiscard]] Cell Value(std::size_t column, JsonView json) const;
  [[nodiscard]] Cell Default(std::size_t column) const;
  [[nodiscard]] std::string RowJson(const Row& row, const std::vector<std::size_t>& chosen) const;

  std::string name;  // "namespace.table"
  std::vector<Column> columns;
  std::vector<Key> keys;  // the primary one first
  std::vector<std::size_t> touch;
  std::map<Cells, Row> rows;  // by primary key
};

struct Namespace {
  std::int64_t version = 0;
  std::string owner;
  std::map<std::string, std::map<std::string, std::set<std::string>>> grants;  // plugin -> table -> verbs
};

// One change of one row, with what was there before.
struct Change {
  Table* table = nullptr;
  Cells key;
  std::optional<Row> before;
};

// What a batch did: enough to undo it, and to write it down.
struct Commit {
  std::vector<Change> changes;
  std::vector<std::pair<std::string, std::string>> events;  // stream, EVENT
};

// Everything there is. One thread at a time.
class Database {
 public:
  // Adds what is missing; `line` is what the log needs to do it again, empty when nothing changed.
  std::string EnsureSchema(JsonView schema, std::string& line);

  // Applies a batch and returns its result; on a Failure nothing has changed.
  std::string Execute(const std::string& caller, JsonView batch, Commit& commit);

  void Undo(const Commit& commit);
  [[nodiscard]] static std::string Line(const Commit& commit);
  // A line of the log.
  void Replay(JsonView line);

 private:
  Table ReadTable(const std::string& space, const std::string& name, JsonView json) const;
  Table& Find(std::string_view name);
  Table& Allowed(std::string_view name, const std::string& by, const char* verb);
  std::string Run(const std::string& by, JsonView op, Commit& commit);
  std::string Insert(const std::string& by, JsonView op, Commit& commit);
  std::string Upsert(const std::string& by, JsonView op, Commit& commit);
  std::string Update(const std::string& by, JsonView op, Commit& commit);
  std::string Delete(const std::string& by, JsonView op, Commit& commit);
  std::string Query(const std::string& by, JsonView op);
  std::string Get(const std::string& by, JsonView op);
  std::string Journal(JsonView op) const;
  std::string Heads(JsonView op) const;
  std::string Append(JsonView op, Commit& commit);

  static Row NewRow(const Table& table, JsonView json);
  static std::vector<Cells> Matching(const Table& table, JsonView where);
  static const Key& KeyOver(const Table& table, std::set<std::string> columns, const char* place);
  static const Row* FindBy(const Table& table, const Key& key, const Cells& cells);
  static void Put(Table& table, const std::optional<Cells>& former, Row row, Commit& commit);

  std::map<std::string, Namespace, std::less<>> spaces_;
  std::map<std::string, Table, std::less<>> tables_;
  std::map<std::string, std::vector<std::string>, std::less<>> journal_;  // stream -> EVENT
};

}  // namespace keyvalue
