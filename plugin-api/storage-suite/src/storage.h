// What the suite needs of a storage: the three functions of tutti/abi/storage.h, waited for.
#pragma once

#include <memory>
#include <string>

#include "tutti/sdk/status.hpp"

namespace tutti::storage_suite {

// An open storage. Execute from any thread, concurrently; the rest from one.
class Storage {
 public:
  virtual ~Storage() = default;
  // `caller` is the plugin that the host names as caller; `batch` is {"parts": [...]}.
  virtual Result<std::string> Execute(const std::string& caller, const std::string& batch) = 0;
  virtual Result<std::string> EnsureSchema(const std::string& schema) = 0;
};

// One fresh database. Storages opened on it one after the other see the same data.
class Backend {
 public:
  virtual ~Backend() = default;
  // Several may be open at once, when the storage can do that; otherwise it says why not.
  virtual Result<std::unique_ptr<Storage>> Open() = 0;
};

}  // namespace tutti::storage_suite
