// The declared tables of one namespace, as tutti/abi/storage.h describes them, and the catalog of all namespaces.
//
// Both are immutable once built and shared by pointer, so any thread may read them. Parsing fails with
// INVALID_ARGUMENT, naming table and column.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "value.h"

namespace tutti::storage {

class Catalog;

// How a column gets its value when an insert does not give one.
struct Default {
  enum class Kind { kNone, kValue, kNow, kRandom };
  Kind kind = Kind::kNone;
  Value value;
};

struct Reference {
  std::string table;  // physical name
  std::string column;
  std::string on_delete;  // SQL action
};

struct Column {
  std::string name;
  Type type = Type::kText;
  bool primary = false;
  bool nullable = true;
  bool unique = false;
  Default default_value;
  std::vector<Value> allowed;
  std::optional<Reference> reference;
};

struct IndexPart {
  std::string column;
  std::vector<std::string> path;  // members below a JSON column
  bool descending = false;
};

struct Index {
  std::string name;
  bool unique = false;
  std::vector<IndexPart> parts;
  std::string where;  // FILTER as JSON, empty: every row
  std::vector<std::string> replaces;
};

struct Check {
  std::string name;
  std::string filter;  // FILTER as JSON
};

// Whose data a row is.
struct AgentLink {
  std::string column;  // holds the agent's id or, with `is_through`, refers to a row of a table that has a link itself
  bool is_through = false;
  std::string busy;  // FILTER as JSON: rows that mean the agent is at work; empty: none do
};

// What is promised of rows and no constraint can hold.
struct Rule {
  std::string name;
  std::string says;   // a sentence for whoever reads that it is broken
  std::string dense;  // an int64 column whose numbers have no gap among rows that are equal in `within`
  std::vector<std::string> within;
  std::string where;    // FILTER as JSON: the rows it is about
  std::string through;  // else: the row this column refers to meets `expect`
  std::string expect;   // FILTER as JSON
};

struct Table {
  std::string name;       // "agents"
  std::string full_name;  // "orchestrator.agents"
  std::string space;
  std::string physical;
  std::vector<Column> columns;
  std::vector<std::size_t> primary_key;
  std::vector<Index> indexes;
  std::vector<Check> checks;
  std::vector<std::string> touch;
  std::optional<AgentLink> agent;
  std::vector<Rule> rules;

  [[nodiscard]] const Column* Find(std::string_view column) const;
  [[nodiscard]] std::vector<std::string> ColumnNames() const;
};

struct Namespace {
  std::string name;
  std::int64_t version = 0;
  std::string owner;
  std::map<std::string, std::map<std::string, std::set<std::string>>> grants;  // plugin, table, verbs
  std::vector<std::shared_ptr<const Table>> tables;
};

// `known` resolves references to other namespaces.
Result<Namespace> ParseNamespace(std::string_view json, const Catalog& known);

// Every namespace that has been ensured.
class Catalog {
 public:
  // The same with `space` added or replaced; ALREADY_EXISTS when a physical table belongs to another namespace.
  [[nodiscard]] Result<std::shared_ptr<const Catalog>> With(Namespace space) const;

  // "namespace.table"; nullptr when not declared.
  [[nodiscard]] std::shared_ptr<const Table> Find(std::string_view full_name) const;

  // The table, or INVALID_ARGUMENT with the nearest name, or PERMISSION_DENIED when `plugin` may not do `verb` there.
  [[nodiscard]] Result<std::shared_ptr<const Table>> Allowed(std::string_view full_name, const std::string& plugin,
                                                             const std::string& verb) const;

  // The name of the constraint behind "physical.col, physical.col", which is how SQLite reports one; else as given.
  [[nodiscard]] std::string ConstraintName(std::string_view reported) const;

  [[nodiscard]] const std::map<std::string, std::shared_ptr<const Namespace>, std::less<>>& spaces() const {
    return spaces_;
  }

  // The table with that name in the database; nullptr when not declared.
  [[nodiscard]] std::shared_ptr<const Table> FindPhysical(std::string_view physical) const;

 private:
  std::map<std::string, std::shared_ptr<const Namespace>, std::less<>> spaces_;
  std::map<std::string, std::shared_ptr<const Table>, std::less<>> tables_;
  std::map<std::string, std::shared_ptr<const Table>, std::less<>> physical_;
};

}  // namespace tutti::storage
