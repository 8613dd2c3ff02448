#include "schema.h"

#include <algorithm>

#include "names.h"
#include "tutti/sdk/text.hpp"

namespace tutti::storage {
namespace {

constexpr std::size_t kMostColumns = 48;

const std::vector<std::string> kVerbs = {"query", "insert", "update", "upsert", "delete", "claim"};
const std::vector<std::string> kReservedColumns = {"and", "or", "not", "rowid", "oid", "_rowid_"};
const std::vector<std::string> kReservedPhysical = {"tutti_streams", "tutti_journal", "tutti_schema"};

bool Contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

Status Bad(std::string place, std::string_view problem) {
  return Status::InvalidArgument("schema: " + place.append(": ").append(problem));
}

Status CheckMembers(JsonView object, const std::string& place, const std::vector<std::string>& known) {
  if (!object.is_object()) {
    return Bad(place, "expected an object");
  }
  Status status;
  object.ForEachMember([&](std::string_view key, JsonView) {
    if (status.ok() && !Contains(known, key)) {
      status = Bad(place, "unknown member '" + std::string(key) + "'" + Hint(key, known));
    }
  });
  return status;
}

class Parser {
 public:
  explicit Parser(const Catalog& known) : known_(known) {}

  Result<Namespace> Run(JsonView root) {
    if (Status status = ReadHead(root); !status.ok()) {
      return status;
    }
    Status status;
    root["tables"].ForEachMember([&](std::string_view name, JsonView declared) {
      if (status.ok()) {
        status = ReadTable(std::string(name), declared);
      }
    });
    if (status.ok()) {
      status = ReadGrants(root["grants"]);
    }
    return status.ok() ? Result<Namespace>(std::move(space_)) : status;
  }

 private:
  Status ReadHead(JsonView root) {
    if (Status status =
            CheckMembers(root, "the storage section", {"namespace", "version", "owner", "grants", "tables"});
        !status.ok()) {
      return status;
    }
    space_.name = root["namespace"].AsString();
    space_.owner = root["owner"].AsString();
    space_.version = root["version"].AsInt(0);
    if (!IsName(space_.name)) {
      return Bad("namespace", "expected a name of lower-case letters, digits and underscores");
    }
    if (space_.version < 1) {
      return Bad(space_.name + ".version", "expected a whole number from 1 on");
    }
    return root["tables"].is_object() ? Status() : Bad(space_.name + ".tables", "expected an object of tables");
  }

  Status ReadGrants(JsonView grants) {
    Status status;
    grants.ForEachMember([&](std::string_view plugin, JsonView tables) {
      tables.ForEachMember([&](std::string_view table, JsonView verbs) {
        const std::string place = space_.name + ".grants." + std::string(plugin) + "." + std::string(table);
        if (!FindTable(table) && status.ok()) {
          status = Bad(place, "there is no such table" + Hint(table, TableNames()));
        }
        verbs.ForEach([&](JsonView verb) {
          if (!Contains(kVerbs, verb.AsString()) && status.ok()) {
            status = Bad(place, "unknown right '" + std::string(verb.AsString()) + "'" + Hint(verb.AsString(), kVerbs));
          }
          space_.grants[std::string(plugin)][std::string(table)].insert(std::string(verb.AsString()));
        });
      });
    });
    return status;
  }

  Status ReadTable(const std::string& name, JsonView declared) {
    table_ = std::make_shared<Table>();
    table_->name = name;
    table_->space = space_.name;
    table_->full_name = space_.name + "." + name;
    const std::string place = table_->full_name;
    if (!IsName(name)) {
      return Bad(place, "a table name has lower-case letters, digits and underscores only");
    }
    if (Status status = CheckMembers(declared, place,
                                     {"physical", "columns", "unique", "checks", "indexes", "touch", "agent", "rules"});
        !status.ok()) {
      return status;
    }
    table_->physical = declared["physical"].AsString(space_.name + "_" + name);
    if (!IsName(table_->physical) || Contains(kReservedPhysical, table_->physical) ||
        table_->physical.starts_with("sqlite_") || table_->physical.starts_with("pg_")) {
      return Bad(place + ".physical", "'" + table_->physical + "' is not a free table name");
    }
    if (Status status = ReadColumns(declared["columns"]); !status.ok()) {
      return status;
    }
    if (Status status = ReadIndexes(declared); !status.ok()) {
      return status;
    }
    if (Status status = ReadAgent(declared["agent"]); !status.ok()) {
      return status;
    }
    if (Status status = ReadRules(declared["rules"]); !status.ok()) {
      return status;
    }
    space_.tables.push_back(table_);
    return {};
  }

  // The declared table behind a column that refers to one; nullptr when it does not.
  [[nodiscard]] const Table* Referenced(std::string_view column) const {
    const Column* found = table_->Find(column);
    if (found == nullptr || !found->reference) {
      return nullptr;
    }
    for (const auto& table : space_.tables) {
      if (table->physical == found->reference->table) {
        return table.get();
      }
    }
    return known_.FindPhysical(found->reference->table).get();
  }

  Status ReadAgent(JsonView declared) {
    if (!declared) {
      return {};
    }
    const std::string place = table_->full_name + ".agent";
    AgentLink link;
    if (declared.is_string()) {
      link.column = declared.AsString();
    } else {
      if (Status status = CheckMembers(declared, place, {"column", "through", "busy"}); !status.ok()) {
        return status;
      }
      link.is_through = static_cast<bool>(declared["through"]);
      if (link.is_through == static_cast<bool>(declared["column"])) {
        return Bad(place,
                   "expected either `column`, which holds the agent's id, or `through`, a column that refers to "
                   "a table with an `agent` of its own");
      }
      link.column = declared[link.is_through ? "through" : "column"].AsString();
      link.busy = declared["busy"] ? declared["busy"].Dump() : "";
    }
    const Column* column = table_->Find(link.column);
    if (column == nullptr) {
      return Bad(place, "there is no column '" + link.column + "'" + Hint(link.column, table_->ColumnNames()));
    }
    if (!link.is_through && column->type != Type::kText && column->type != Type::kUuid) {
      return Bad(place, "an agent's id is of type text or uuid, " + link.column + " is of type " +
                            std::string(TypeName(column->type)));
    }
    if (link.is_through) {
      const Table* target = Referenced(link.column);
      if (target == nullptr || !target->agent) {
        return Bad(place, "'" + link.column + "' does not refer to another table that says whose its rows are");
      }
    }
    table_->agent = std::move(link);
    return {};
  }

  Status ReadRules(JsonView declared) {
    Status status;
    declared.ForEach([&](JsonView item) {
      if (status.ok()) {
        status = ReadRule(item);
      }
    });
    return status;
  }

  Status ReadRule(JsonView item) {
    const std::string place = table_->full_name + ".rules";
    if (Status status = CheckMembers(item, place, {"name", "says", "dense", "within", "where", "through", "expect"});
        !status.ok()) {
      return status;
    }
    Rule rule{.name = std::string(item["name"].AsString()),
              .says = std::string(item["says"].AsString()),
              .dense = std::string(item["dense"].AsString()),
              .within = {},
              .where = item["where"] ? item["where"].Dump() : "",
              .through = std::string(item["through"].AsString()),
              .expect = item["expect"] ? item["expect"].Dump() : ""};
    item["within"].ForEach([&](JsonView column) { rule.within.emplace_back(column.AsString()); });
    if (!IsName(rule.name) || rule.dense.empty() == rule.through.empty() ||
        rule.through.empty() != rule.expect.empty()) {
      return Bad(place, "expected {name, dense, within} or {name, where, through, expect: FILTER}");
    }
    std::vector<std::string> columns = rule.within;
    columns.push_back(rule.dense.empty() ? rule.through : rule.dense);
    for (const std::string& column : columns) {
      if (table_->Find(column) == nullptr) {
        return Bad(place + "." + rule.name,
                   "there is no column '" + column + "'" + Hint(column, table_->ColumnNames()));
      }
    }
    if (!rule.dense.empty() && table_->Find(rule.dense)->type != Type::kInt64) {
      return Bad(place + "." + rule.name, "'" + rule.dense + "' is not of type int64");
    }
    if (!rule.through.empty() && Referenced(rule.through) == nullptr) {
      return Bad(place + "." + rule.name, "'" + rule.through + "' does not refer to another table");
    }
    table_->rules.push_back(std::move(rule));
    return {};
  }

  Status ReadColumns(JsonView columns) {
    const std::string place = table_->full_name + ".columns";
    if (columns.size() == 0 || columns.size() > kMostColumns) {
      return Bad(place, "expected an object of 1 to " + std::to_string(kMostColumns) + " columns");
    }
    Status status;
    columns.ForEachMember([&](std::string_view name, JsonView declared) {
      if (status.ok()) {
        status = ReadColumn(std::string(name), declared);
      }
    });
    if (!status.ok()) {
      return status;
    }
    if (table_->primary_key.size() == 1) {
      Column& key = table_->columns[table_->primary_key[0]];
      if (key.type == Type::kUuid && !key.reference && key.default_value.kind == Default::Kind::kNone) {
        key.default_value.kind = Default::Kind::kRandom;
      }
    }
    return table_->primary_key.empty() ? Bad(place, "no column is primary; mark one, or several for a joint key")
                                       : Status();
  }

  Status ReadColumn(const std::string& name, JsonView declared) {
    const std::string place = table_->full_name + "." + name;
    if (!IsName(name) || Contains(kReservedColumns, name)) {
      return Bad(place, "this is not a free column name of lower-case letters, digits and underscores");
    }
    if (Status status = CheckMembers(declared, place,
                                     {"type", "primary", "null", "default", "unique", "in", "references", "on_delete"});
        !status.ok()) {
      return status;
    }
    Column column;
    column.name = name;
    const auto type = TypeFromName(declared["type"].AsString());
    if (!type) {
      return Bad(place + ".type", "expected text, int64, double, decimal, bool, json, time, uuid or bytes, found '" +
                                      std::string(declared["type"].AsString()) + "'");
    }
    column.type = *type;
    column.primary = declared["primary"].AsBool();
    column.nullable = !column.primary && declared["null"].AsBool(true);
    column.unique = declared["unique"].AsBool();
    if (Status status = ReadDefault(declared["default"], place, column); !status.ok()) {
      return status;
    }
    Status status;
    declared["in"].ForEach([&](JsonView allowed) {
      auto value = Canonical(*allowed.raw(), column.type, place + ".in");
      status = value.ok() ? status : value.status();
      column.allowed.push_back(value.ok() ? *value : Value());
    });
    if (status.ok() && declared["references"]) {
      status = ReadReference(declared, place, column);
    }
    if (column.unique) {
      table_->indexes.push_back({.name = table_->physical + "_" + name + "_key",
                                 .unique = true,
                                 .parts = {{name, {}, false}},
                                 .where = {},
                                 .replaces = {}});
    }
    if (column.primary) {
      table_->primary_key.push_back(table_->columns.size());
    }
    table_->columns.push_back(std::move(column));
    return status;
  }

  static Status ReadDefault(JsonView declared, const std::string& place, Column& column) {
    if (declared.is_null()) {
      return {};
    }
    if (column.type == Type::kTime && declared.AsString() == "now") {
      column.default_value.kind = Default::Kind::kNow;
      return {};
    }
    if (column.type == Type::kUuid && declared.AsString() == "random") {
      column.default_value.kind = Default::Kind::kRandom;
      return {};
    }
    auto value = Canonical(*declared.raw(), column.type, place + ".default");
    if (!value.ok()) {
      return value.status();
    }
    column.default_value = {Default::Kind::kValue, std::move(*value)};
    return {};
  }

  Status ReadReference(JsonView declared, const std::string& place, Column& column) {
    const std::string text(declared["references"].AsString());
    const std::size_t dot = text.rfind('.');
    const std::string target = dot == std::string::npos ? "" : text.substr(0, dot);
    const std::string target_column = dot == std::string::npos ? "" : text.substr(dot + 1);
    const Table* table = nullptr;
    std::shared_ptr<const Table> elsewhere;
    if (target == table_->name || target == table_->full_name) {
      table = table_.get();
    } else if (const Table* own =
                   FindTable(target.starts_with(space_.name + ".") ? target.substr(space_.name.size() + 1) : target)) {
      table = own;
    } else {
      elsewhere = known_.Find(target);
      table = elsewhere.get();
    }
    const Column* found = table == nullptr ? nullptr : table->Find(target_column);
    if (found == nullptr && !(table == table_.get() && target_column == column.name)) {
      return Bad(place + ".references", "'" + text +
                                            "' is no column of a table declared before this one; expected "
                                            "table.column or namespace.table.column");
    }
    if (found != nullptr && found->type != column.type) {
      return Bad(place + ".references", "'" + text + "' is of type " + std::string(TypeName(found->type)) + ", not " +
                                            std::string(TypeName(column.type)));
    }
    const std::string_view action = declared["on_delete"].AsString("restrict");
    if (action != "cascade" && action != "restrict" && action != "set_null") {
      return Bad(place + ".on_delete", "expected cascade, restrict or set_null");
    }
    column.reference = Reference{table->physical, target_column,
                                 action == "cascade"    ? "CASCADE"
                                 : action == "set_null" ? "SET NULL"
                                                        : "RESTRICT"};
    return {};
  }

  Status ReadIndexes(JsonView declared) {
    Status status;
    const auto add = [&](JsonView item, bool unique) {
      if (status.ok()) {
        status = ReadIndex(item, unique);
      }
    };
    declared["unique"].ForEach([&](JsonView item) { add(item, true); });
    declared["indexes"].ForEach([&](JsonView item) { add(item, false); });
    declared["checks"].ForEach([&](JsonView item) {
      Check check{std::string(item["name"].AsString()), item["check"].Dump()};
      if (status.ok() && (!IsName(check.name) || !item["check"].is_object())) {
        status = Bad(table_->full_name + ".checks", "expected {name, check: FILTER}");
      }
      table_->checks.push_back(std::move(check));
    });
    declared["touch"].ForEach([&](JsonView item) {
      const Column* column = table_->Find(item.AsString());
      if (status.ok() && (column == nullptr || column->type != Type::kTime)) {
        status = Bad(table_->full_name + ".touch", "'" + std::string(item.AsString()) + "' is no time column");
      }
      table_->touch.emplace_back(item.AsString());
    });
    return status;
  }

  Status ReadIndex(JsonView item, bool unique) {
    const std::string place = table_->full_name + (unique ? ".unique" : ".indexes");
    if (Status status = CheckMembers(item, place, {"name", "columns", "where", "replaces"}); !status.ok()) {
      return status;
    }
    Index index;
    index.name = item["name"].AsString();
    index.unique = unique;
    index.where = item["where"] ? item["where"].Dump() : "";
    item["replaces"].ForEach([&](JsonView name) { index.replaces.emplace_back(name.AsString()); });
    if (!IsName(index.name) || item["columns"].size() == 0) {
      return Bad(place, "expected {name, columns: [...]}");
    }
    Status status;
    item["columns"].ForEach([&](JsonView text) {
      if (status.ok()) {
        status = ReadIndexPart(std::string(text.AsString()), place + "." + index.name, index);
      }
    });
    table_->indexes.push_back(std::move(index));
    return status;
  }

  Status ReadIndexPart(std::string text, const std::string& place, Index& index) {
    IndexPart part;
    if (text.ends_with(" desc")) {
      part.descending = true;
      text.resize(text.size() - 5);
    }
    for (std::size_t arrow = text.find("->"); arrow != std::string::npos; arrow = text.find("->")) {
      (part.column.empty() ? part.column : part.path.emplace_back()) = text.substr(0, arrow);
      text.erase(0, arrow + 2);
    }
    (part.column.empty() ? part.column : part.path.emplace_back()) = text;
    const Column* column = table_->Find(part.column);
    if (column == nullptr) {
      return Bad(place, "there is no column '" + part.column + "'" + Hint(part.column, table_->ColumnNames()));
    }
    if (!part.path.empty() &&
        (column->type != Type::kJson || !std::all_of(part.path.begin(), part.path.end(), IsName))) {
      return Bad(place, "a path needs a json column and members of lower-case letters, digits and underscores");
    }
    index.parts.push_back(std::move(part));
    return {};
  }

  [[nodiscard]] const Table* FindTable(std::string_view name) const {
    for (const auto& table : space_.tables) {
      if (table->name == name) {
        return table.get();
      }
    }
    return nullptr;
  }

  [[nodiscard]] std::vector<std::string> TableNames() const {
    std::vector<std::string> names;
    for (const auto& table : space_.tables) {
      names.push_back(table->name);
    }
    return names;
  }

  const Catalog& known_;
  Namespace space_;
  std::shared_ptr<Table> table_;
};

}  // namespace

const Column* Table::Find(std::string_view column) const {
  for (const Column& candidate : columns) {
    if (candidate.name == column) {
      return &candidate;
    }
  }
  return nullptr;
}

std::vector<std::string> Table::ColumnNames() const {
  std::vector<std::string> names;
  for (const Column& column : columns) {
    names.push_back(column.name);
  }
  return names;
}

Result<Namespace> ParseNamespace(std::string_view json, const Catalog& known) {
  auto document = Json::Parse(json);
  if (!document.ok()) {
    return document.status();
  }
  return Parser(known).Run(document->view());
}

Result<std::shared_ptr<const Catalog>> Catalog::With(Namespace space) const {
  auto next = std::make_shared<Catalog>(*this);
  auto shared = std::make_shared<const Namespace>(std::move(space));
  const auto of_this = [&](const auto& entry) { return entry.second->space == shared->name; };
  std::erase_if(next->tables_, of_this);
  std::erase_if(next->physical_, of_this);
  for (const auto& table : shared->tables) {
    const auto [position, inserted] = next->physical_.emplace(table->physical, table);
    if (!inserted) {
      return Status::AlreadyExists("schema: " + table->full_name + " and " + position->second->full_name +
                                   " both claim the table '" + table->physical + "'; give one another `physical` name");
    }
    next->tables_.emplace(table->full_name, table);
  }
  next->spaces_.insert_or_assign(shared->name, shared);
  return std::shared_ptr<const Catalog>(std::move(next));
}

std::shared_ptr<const Table> Catalog::Find(std::string_view full_name) const {
  const auto found = tables_.find(full_name);
  return found == tables_.end() ? nullptr : found->second;
}

std::string Catalog::ConstraintName(std::string_view reported) const {
  const auto table = FindPhysical(reported.substr(0, reported.find('.')));
  if (table == nullptr) {
    return std::string(reported);
  }
  const auto listed = [&](const std::vector<std::string>& columns) {
    std::string text;
    for (const std::string& column : columns) {
      text.append(text.empty() ? "" : ", ").append(table->physical).append(".").append(column);
    }
    return text;
  };
  for (const Index& index : table->indexes) {
    std::vector<std::string> columns;
    for (const IndexPart& part : index.parts) {
      columns.push_back(part.column);
    }
    if (index.unique && listed(columns) == reported) {
      return index.name;
    }
  }
  std::vector<std::string> key;
  for (const std::size_t index : table->primary_key) {
    key.push_back(table->columns[index].name);
  }
  return listed(key) == reported ? table->physical + "_pkey" : std::string(reported);
}

std::shared_ptr<const Table> Catalog::FindPhysical(std::string_view physical) const {
  const auto found = physical_.find(physical);
  return found == physical_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<const Table>> Catalog::Allowed(std::string_view full_name, const std::string& plugin,
                                                      const std::string& verb) const {
  auto table = Find(full_name);
  if (table == nullptr) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : tables_) {
      names.push_back(name);
    }
    return Status::InvalidArgument("there is no table '" + CleanUtf8(Utf8Prefix(full_name, 80)) + "'" +
                                   Hint(full_name, names) + "; expected namespace.table");
  }
  const Namespace& space = *spaces_.find(table->space)->second;
  if (plugin == space.owner) {
    return table;
  }
  const auto grants = space.grants.find(plugin);
  if (grants != space.grants.end()) {
    const auto verbs = grants->second.find(table->name);
    if (verbs != grants->second.end() && verbs->second.count(verb) != 0) {
      return table;
    }
  }
  return Status::PermissionDenied("plugin '" + plugin + "' has no right to " + verb + " on " + table->full_name +
                                  "; its owner '" + space.owner + "' can grant it");
}

}  // namespace tutti::storage
