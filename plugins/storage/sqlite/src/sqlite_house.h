// What keeping house needs of SQLite.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "house_driver.h"

namespace tutti::storage::sqlite {

class SqliteHouse final : public HouseDriver {
 public:
  explicit SqliteHouse(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] std::string place() const override { return file_; }

  // A database in memory is the connection's own.
  [[nodiscard]] Status CheckShared() const override;
  Status SetUnhurried(Connection& connection) override;
  Result<Inventory> TakeInventory(Connection& connection) override;
  Status BeginLoad(Connection& connection, const Tables& tables) override;

  // The commit looks at references itself.
  Status EndLoad(Connection&, const Tables&) override { return {}; }

  void AfterLoad(Connection& connection) override;
  Status Inspect(Connection& connection, std::vector<std::string>& findings) override;
  Result<std::string> Scrub(Connection& connection, const std::vector<std::string>& tables, bool compact) override;

 private:
  const std::string file_;
};

}  // namespace tutti::storage::sqlite
