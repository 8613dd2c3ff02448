#include "host/manifest/storage_section.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "host/manifest/schema.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {
namespace {

const Schema& SectionSchema() {
  static const Schema kSchema = Schema::BuiltIn(std::string(R"(
type: object
required: [namespace, version, tables]
properties:
  namespace: {type: string, pattern: "^[a-z_]+$"}
  version: {type: integer, minimum: 1}
  grants: )") + std::string(kGrantsSchema) + R"(
  tables:
    type: object
    minProperties: 1
    additionalProperties:
      type: object
      required: [columns]
      properties:
        physical: {type: string, pattern: "^[A-Za-z_][A-Za-z0-9_]*$"}
        columns:
          type: object
          minProperties: 1
          additionalProperties:
            type: object
            required: [type]
            properties:
              type: {enum: [text, int64, double, decimal, bool, json, time, uuid, bytes]}
              primary: {type: boolean}
              "null": {type: boolean}
              default: {}
              unique: {type: boolean}
              in: {type: array, minItems: 1}
              references: {type: string, pattern: "^[a-z0-9_]+([.][a-z0-9_]+){1,2}$"}
              on_delete: {enum: [cascade, restrict, set_null]}
        unique:
          type: array
          items:
            type: object
            required: [name, columns]
            properties:
              name: {type: string, minLength: 1}
              columns: {type: array, minItems: 1, items: {type: string}}
              where: {type: object}
              replaces: {type: array, items: {type: string}}
        checks:
          type: array
          items:
            type: object
            required: [name, check]
            properties:
              name: {type: string, minLength: 1}
              check: {type: object}
        indexes:
          type: array
          items:
            type: object
            required: [name, columns]
            properties:
              name: {type: string, minLength: 1}
              columns: {type: array, minItems: 1, items: {type: string}}
              where: {type: object}
        touch: {type: array, items: {type: string}}
        agent:
          anyOf:
            - {type: string, minLength: 1}
            - type: object
              additionalProperties: false
              properties:
                column: {type: string, minLength: 1}
                through: {type: string, minLength: 1}
                busy: {type: object}
        rules:
          type: array
          items:
            type: object
            required: [name]
            additionalProperties: false
            properties:
              name: {type: string, minLength: 1}
              says: {type: string}
              dense: {type: string}
              within: {type: array, items: {type: string}}
              where: {type: object}
              through: {type: string}
              expect: {type: object}
)");
  return kSchema;
}

std::vector<std::string> KeysOf(const Node* node) {
  std::vector<std::string> keys;
  if (node != nullptr) {
    for (const Member& member : node->members) {
      keys.push_back(member.key);
    }
  }
  return keys;
}

// "created_at desc" and "payload->key" name a column first.
std::string ColumnName(const std::string& text) {
  return text.substr(0, text.find_first_of(" -"));
}

class TableChecker {
 public:
  TableChecker(const Node& section, const Member& table, Problems& problems)
      : section_(section), table_(table), columns_(KeysOf(table.value.Find("columns"))), problems_(problems) {}

  void Check() {
    for (const char* list : {"unique", "indexes"}) {
      CheckConstraints(list);
    }
    CheckColumnList(table_.value.Find("touch"));
    if (const Node* agent = table_.value.Find("agent")) {
      CheckColumn(*agent);
      CheckColumnAt(*agent, "column");
      CheckColumnAt(*agent, "through");
    }
    if (const Node* rules = table_.value.Find("rules")) {
      for (const Node& rule : rules->items) {
        CheckColumnList(rule.Find("within"));
        CheckColumnAt(rule, "dense");
        CheckColumnAt(rule, "through");
      }
    }
    CheckPrimary();
    CheckReferences();
  }

 private:
  void CheckConstraints(const char* list) {
    const Node* constraints = table_.value.Find(list);
    if (constraints == nullptr) {
      return;
    }
    for (const Node& constraint : constraints->items) {
      CheckColumnList(constraint.Find("columns"));
    }
  }

  void CheckColumnList(const Node* list) {
    if (list == nullptr) {
      return;
    }
    for (const Node& item : list->items) {
      CheckColumn(item);
    }
  }

  void CheckColumnAt(const Node& node, const char* key) {
    if (const Node* named = node.Find(key)) {
      CheckColumn(*named);
    }
  }

  void CheckColumn(const Node& item) {
    const std::string name = ColumnName(item.text);
    if (item.is_scalar() && std::find(columns_.begin(), columns_.end(), name) == columns_.end()) {
      problems_.push_back(ProblemAt(
          item, "expected a column of table " + table_.key + " (" + JoinNames(columns_) + "), found '" + name + "'",
          Nearest(name, columns_)));
    }
  }

  void CheckPrimary() {
    const Node* columns = table_.value.Find("columns");
    if (columns == nullptr || columns->members.empty()) {
      return;
    }
    for (const Member& column : columns->members) {
      if (column.value.TextAt("primary") == "true") {
        return;
      }
    }
    problems_.push_back(ProblemAt(table_, "table " + table_.key + " has no primary key; mark a column primary: true"));
  }

  // Foreign keys must resolve in the order in which the tables are created; those into other namespaces are the
  // engine's to check.
  void CheckReferences() {
    const Node* columns = table_.value.Find("columns");
    if (columns == nullptr) {
      return;
    }
    for (const Member& column : columns->members) {
      const Node* reference = column.value.Find("references");
      if (reference != nullptr && reference->is_scalar()) {
        CheckReference(*reference);
      }
    }
  }

  void CheckReference(const Node& reference) {
    const std::size_t dot = reference.text.find('.');
    if (dot == std::string::npos || reference.text.find('.', dot + 1) != std::string::npos) {
      return;
    }
    const std::string table = reference.text.substr(0, dot);
    const Node* tables = section_.Find("tables");
    const std::vector<std::string> all = KeysOf(tables);
    const auto target = std::find(all.begin(), all.end(), table);
    if (target == all.end()) {
      problems_.push_back(
          ProblemAt(reference, "expected a table of this namespace, found '" + table + "'", Nearest(table, all)));
      return;
    }
    if (target > std::find(all.begin(), all.end(), table_.key)) {
      problems_.push_back(ProblemAt(
          reference, "table " + table + " stands after " + table_.key + ", which refers to it; move it before"));
    }
    const std::vector<std::string> targets = KeysOf(tables->Find(table)->Find("columns"));
    const std::string column = reference.text.substr(dot + 1);
    if (std::find(targets.begin(), targets.end(), column) == targets.end()) {
      problems_.push_back(ProblemAt(reference, "expected a column of table " + table + ", found '" + column + "'",
                                    Nearest(column, targets)));
    }
  }

  const Node& section_;
  const Member& table_;
  const std::vector<std::string> columns_;
  Problems& problems_;
};

void CheckGrantedTables(const Node& grants, const std::vector<std::string>& tables, Problems& problems) {
  for (const Member& grantee : grants.members) {
    for (const Member& table : grantee.value.members) {
      if (std::find(tables.begin(), tables.end(), table.key) == tables.end()) {
        problems.push_back(ProblemAt(table,
                                     "expected one of the tables " + JoinNames(tables) + ", found '" + table.key + "'",
                                     Nearest(table.key, tables)));
      }
    }
  }
}

using Grants = std::map<std::string, std::map<std::string, std::set<std::string>>>;

void Collect(JsonView from, Grants& into) {
  from.ForEachMember([&](std::string_view plugin, JsonView tables) {
    tables.ForEachMember([&](std::string_view table, JsonView verbs) {
      verbs.ForEach([&](JsonView verb) { into[std::string(plugin)][std::string(table)].emplace(verb.AsString()); });
    });
  });
}

std::string Write(const Grants& grants) {
  JsonWriter writer;
  writer.BeginObject();
  for (const auto& [plugin, tables] : grants) {
    writer.Key(plugin).BeginObject();
    for (const auto& [table, verbs] : tables) {
      writer.Key(table).BeginArray();
      for (const std::string& verb : verbs) {
        writer.Value(verb);
      }
      writer.EndArray();
    }
    writer.EndObject();
  }
  return writer.EndObject().Take();
}

}  // namespace

std::string ReadStorageSection(const Node& section, const std::string& owner, Problems& problems) {
  const std::string json = SectionSchema().Apply(section, nullptr, problems);
  const Node* tables = section.Find("tables");
  if (tables != nullptr) {
    for (const Member& table : tables->members) {
      TableChecker(section, table, problems).Check();
    }
  }
  if (const Node* grants = section.Find("grants")) {
    CheckGrantedTables(*grants, KeysOf(tables), problems);
  }
  const Result<Json> parsed = Json::Parse(json);
  if (!parsed.ok()) {
    return {};
  }
  JsonObject out;
  out("owner", owner);
  parsed->view().ForEachMember([&](std::string_view key, JsonView value) { out.Raw(key, value.Dump()); });
  return out.Take();
}

std::string AddGrants(const std::string& storage_json, const Node& grants, Problems& problems) {
  static const Schema kSchema = Schema::BuiltIn(kGrantsSchema);
  const Result<Json> section = Json::Parse(storage_json);
  Problems ignored;  // The manifest's own schema reports the shape.
  const Result<Json> added = Json::Parse(kSchema.Apply(grants, nullptr, ignored));
  if (!section.ok() || !added.ok()) {
    return storage_json;
  }
  std::vector<std::string> tables;
  (*section)["tables"].ForEachMember([&](std::string_view name, JsonView) { tables.emplace_back(name); });
  CheckGrantedTables(grants, tables, problems);
  Grants all;
  Collect((*section)["grants"], all);
  Collect(added->view(), all);
  JsonObject out;
  section->view().ForEachMember([&](std::string_view key, JsonView value) {
    if (key != "grants") {
      out.Raw(key, value.Dump());
    }
  });
  return out.Raw("grants", Write(all)).Take();
}

}  // namespace tutti::host
