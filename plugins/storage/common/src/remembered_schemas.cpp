#include "remembered_schemas.h"

#include "tutti/sdk/text.hpp"

namespace tutti::storage {

Status Remember(Connection& connection, const Dialect& dialect, const Namespace& space, std::string_view declared) {
  // In one line, as archives take it.
  auto json = Json::Parse(declared);
  if (!json.ok()) {
    return json.status();
  }
  return connection
      .Run({"INSERT INTO \"tutti_schema\" (\"namespace\", \"version\", \"declared\") VALUES (" +
                dialect.Placeholder(1, Type::kText) + ", " + dialect.Placeholder(2, Type::kInt64) + ", " +
                dialect.Placeholder(3, Type::kText) +
                ") ON CONFLICT (\"namespace\") DO UPDATE SET \"version\" = excluded.\"version\", \"declared\" = "
                "excluded.\"declared\"",
            {{Type::kText, space.name}, {Type::kInt64, space.version}, {Type::kText, CleanUtf8(json->view().Dump())}}},
           nullptr)
      .status();
}

std::vector<std::shared_ptr<const Table>> RememberedSchemas::Tables() const {
  std::vector<std::shared_ptr<const Table>> tables;
  for (const std::string& text : declared) {
    auto json = Json::Parse(text);
    const auto space = catalog->spaces().find(json.ok() ? (*json)["namespace"].AsString() : std::string_view());
    if (space != catalog->spaces().end()) {
      tables.insert(tables.end(), space->second->tables.begin(), space->second->tables.end());
    }
  }
  return tables;
}

Result<RememberedSchemas> ArrangeSchemas(std::vector<std::string> declared) {
  RememberedSchemas schemas;
  schemas.catalog = std::make_shared<const Catalog>();
  Status failure;
  while (!declared.empty()) {
    std::vector<std::string> left;
    for (std::string& text : declared) {
      auto space = ParseNamespace(text, *schemas.catalog);
      auto next = space.ok() ? schemas.catalog->With(std::move(*space))
                             : Result<std::shared_ptr<const Catalog>>(space.status());
      if (next.ok()) {
        schemas.catalog = std::move(*next);
        schemas.declared.push_back(std::move(text));
      } else {
        failure = next.status();
        left.push_back(std::move(text));
      }
    }
    if (left.size() == declared.size()) {
      return Status::FailedPrecondition(
          "a declaration of tables cannot be understood: " + std::string(failure.message()) +
          "; it was written by another version of Tutti, use that one");
    }
    declared = std::move(left);
  }
  return schemas;
}

Result<RememberedSchemas> ReadRemembered(const HouseDriver& house, Connection& connection, const Inventory& inventory) {
  const auto table = inventory.tables.find("tutti_schema");
  if (table == inventory.tables.end()) {
    return Status::FailedPrecondition("the database " + house.place() +
                                      " holds nothing of Tutti; name the one that a server has used");
  }
  const Status too_old = Status::FailedPrecondition(
      "the database " + house.place() +
      " was last used by an earlier version, which did not keep the declarations of its tables; start the server once "
      "with this version, then try again");
  if (!table->second.contains("declared")) {
    return too_old;
  }
  std::vector<std::string> declared;
  bool is_missing = false;
  auto run = connection.Run({"SELECT \"declared\" FROM \"tutti_schema\" ORDER BY \"namespace\"", {}},
                            [&](std::span<const std::string_view> fields) {
                              is_missing = is_missing || fields[0].data() == nullptr;
                              declared.emplace_back(fields[0]);
                              return Status();
                            });
  if (!run.ok()) {
    return run.status();
  }
  return is_missing ? Result<RememberedSchemas>(too_old) : ArrangeSchemas(std::move(declared));
}

}  // namespace tutti::storage
