// What keeping house needs of an engine's library beside Driver: archives, checks and erasure work on connections of
// their own, beside whatever else uses the database.
//
// Threads: any, each with a connection of its own. Every connection is one of the driver's Connect.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "driver.h"

namespace tutti::storage {

// What there is in a database.
struct Inventory {
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> tables;  // columns by table
  std::set<std::string, std::less<>> indexes;
};

class HouseDriver {
 public:
  using Tables = std::vector<std::shared_ptr<const Table>>;

  virtual ~HouseDriver() = default;

  // Where the database is, for sentences; no password.
  [[nodiscard]] virtual std::string place() const = 0;

  // FAILED_PRECONDITION when a further connection would not reach the same database.
  [[nodiscard]] virtual Status CheckShared() const { return {}; }

  // From now on statements and transactions of the connection may take as long as they need.
  virtual Status SetUnhurried(Connection& connection) = 0;

  virtual Result<Inventory> TakeInventory(Connection& connection) = 0;

  // Within a transaction: keeps others from writing to the table until it ends.
  virtual Status LockTable(Connection&, const Table&) { return {}; }

  // Within a transaction: rows may refer to rows that come later, until EndLoad looks at all of them.
  virtual Status BeginLoad(Connection& connection, const Tables& tables) = 0;
  virtual Status EndLoad(Connection& connection, const Tables& tables) = 0;

  // Outside of a transaction, once a load is committed: what makes reading quick.
  virtual void AfterLoad(Connection& connection) = 0;

  // Adds a sentence for everything the database itself finds wrong.
  virtual Status Inspect(Connection& connection, std::vector<std::string>& findings) = 0;

  // Outside of a transaction, once rows of these tables are erased: makes their bytes go, as far as the database can.
  // `compact`: may take the time to write everything anew. Returns a sentence on what is left, or nothing.
  virtual Result<std::string> Scrub(Connection& connection, const std::vector<std::string>& tables, bool compact) = 0;
};

}  // namespace tutti::storage
