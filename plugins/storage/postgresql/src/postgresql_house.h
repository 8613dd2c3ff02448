// What keeping house needs of PostgreSQL.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "house_driver.h"

namespace tutti::storage::postgresql {

class PostgresqlHouse final : public HouseDriver {
 public:
  explicit PostgresqlHouse(std::string place) : place_(std::move(place)) {}

  [[nodiscard]] std::string place() const override { return place_; }

  Status SetUnhurried(Connection& connection) override;
  Result<Inventory> TakeInventory(Connection& connection) override;
  Status LockTable(Connection& connection, const Table& table) override;
  Status BeginLoad(Connection& connection, const Tables& tables) override;
  Status EndLoad(Connection& connection, const Tables& tables) override;
  void AfterLoad(Connection& connection) override;
  Status Inspect(Connection& connection, std::vector<std::string>& findings) override;
  Result<std::string> Scrub(Connection& connection, const std::vector<std::string>& tables, bool compact) override;

 private:
  // Only references of a table to itself can name a row that comes later.
  static Status AlterOwnReferences(Connection& connection, const Tables& tables, const std::string& how);

  const std::string place_;
};

}  // namespace tutti::storage::postgresql
