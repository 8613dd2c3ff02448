// One transaction of keeping house: a connection of its own, which takes as long as it needs.
//
// One thread. The transaction is rolled back unless Commit was called.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "house_driver.h"
#include "remembered_schemas.h"

namespace tutti::storage {

// Who asked for it: hears how far it is and may have had enough.
struct HouseAsker {
  std::function<void(std::string_view event)> tell;  // JSON
  std::function<bool()> is_cancelled;

  // CANCELLED when nobody wants the result any more.
  [[nodiscard]] Status CheckWanted() const;

  void Tell(std::string_view table, std::int64_t rows) const;
};

class HouseSession {
 public:
  // Begins a transaction; for reading it is one snapshot. UNAVAILABLE when the database is away.
  static Result<std::unique_ptr<HouseSession>> Begin(Driver& driver, Driver::Access access, const HouseAsker& asker);
  ~HouseSession();
  HouseSession(const HouseSession&) = delete;
  HouseSession& operator=(const HouseSession&) = delete;

  Status Commit();

  [[nodiscard]] Connection& connection() { return *connection_; }

  [[nodiscard]] Driver& driver() { return driver_; }

  [[nodiscard]] HouseDriver& house() { return *driver_.house(); }

  [[nodiscard]] const Dialect& dialect() const { return driver_.dialect(); }

  [[nodiscard]] const HouseAsker& asker() const { return asker_; }

  // Runs a statement without parameters.
  Result<std::int64_t> Run(const std::string& sql, const RowVisitor& visit) {
    return connection_->Run({sql, {}}, visit);
  }

 private:
  HouseSession(Driver& driver, std::unique_ptr<Connection> connection, const HouseAsker& asker)
      : driver_(driver), connection_(std::move(connection)), asker_(asker) {}

  Driver& driver_;
  const std::unique_ptr<Connection> connection_;
  const HouseAsker& asker_;
  bool is_open_ = true;
};

// A snapshot of everything that is stored.
struct HouseView {
  std::unique_ptr<HouseSession> session;
  Inventory inventory;
  RememberedSchemas schemas;
};

// FAILED_PRECONDITION when the database is none of Tutti's; UNAVAILABLE when it is away.
Result<HouseView> ViewHouse(Driver& driver, const HouseAsker& asker);

}  // namespace tutti::storage
