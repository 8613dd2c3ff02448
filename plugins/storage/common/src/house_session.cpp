#include "house_session.h"

namespace tutti::storage {

Status HouseAsker::CheckWanted() const {
  return is_cancelled && is_cancelled() ? Status::Cancelled("it was interrupted; nothing was changed") : Status();
}

void HouseAsker::Tell(std::string_view table, std::int64_t rows) const {
  if (tell) {
    tell(JsonObject()("table", table)("rows", rows).Take());
  }
}

Result<std::unique_ptr<HouseSession>> HouseSession::Begin(Driver& driver, Driver::Access access,
                                                          const HouseAsker& asker) {
  if (driver.house() == nullptr) {
    return Status::Unimplemented("the storage engine " + driver.engine_name() + " does not keep house");
  }
  if (Status status = driver.house()->CheckShared(); !status.ok()) {
    return status;
  }
  auto connection = driver.Connect(access);
  if (!connection.ok()) {
    return connection.status();
  }
  Status status = driver.house()->SetUnhurried(**connection);
  if (status.ok()) {
    status = (*connection)->Control(driver.Begin(access));
  }
  if (!status.ok()) {
    return status;
  }
  return std::unique_ptr<HouseSession>(new HouseSession(driver, std::move(*connection), asker));
}

HouseSession::~HouseSession() {
  if (is_open_ && connection_->usable() && connection_->in_transaction()) {
    (void)connection_->Control("ROLLBACK");
  }
}

Result<HouseView> ViewHouse(Driver& driver, const HouseAsker& asker) {
  auto session = HouseSession::Begin(driver, Driver::Access::kRead, asker);
  if (!session.ok()) {
    return session.status();
  }
  auto inventory = driver.house()->TakeInventory((*session)->connection());
  auto schemas = inventory.ok() ? ReadRemembered(*driver.house(), (*session)->connection(), *inventory)
                                : Result<RememberedSchemas>(inventory.status());
  if (!schemas.ok()) {
    return schemas.status();
  }
  return HouseView{std::move(*session), std::move(*inventory), std::move(*schemas)};
}

Status HouseSession::Commit() {
  is_open_ = false;
  return connection_->Control("COMMIT");
}

}  // namespace tutti::storage
