// What the database itself knows of its tables: the declaration of every namespace, kept beside its version. Whoever
// keeps house reads it from there, so that an archive is whole without any manifest.
//
// Used within a transaction, on its connection.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "house_driver.h"

namespace tutti::storage {

// Writes version and declaration of a namespace.
Status Remember(Connection& connection, const Dialect& dialect, const Namespace& space, std::string_view declared);

struct RememberedSchemas {
  std::vector<std::string> declared;  // JSON, in an order in which references resolve
  std::shared_ptr<const Catalog> catalog;

  // Every declared table, those that are referred to first.
  [[nodiscard]] std::vector<std::shared_ptr<const Table>> Tables() const;
};

// Puts declarations into an order in which their references resolve. FAILED_PRECONDITION when there is none.
Result<RememberedSchemas> ArrangeSchemas(std::vector<std::string> declared);

// FAILED_PRECONDITION when the database is none of Tutti's, or is older than this and holds no declarations.
Result<RememberedSchemas> ReadRemembered(const HouseDriver& house, Connection& connection, const Inventory& inventory);

}  // namespace tutti::storage
