// A connection that is made when needed, thrown away when lost, and whose state others can ask for.
//
// Get and Discard belong to one thread; the health is any thread's.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "driver.h"

namespace tutti::storage {

class Link {
 public:
  Link(Driver& driver, Driver::Access access) : driver_(driver), access_(access) {}

  // The connection, made anew when there is none. After a failure the next attempts within a quarter of a second fail
  // at once, so that a full queue is answered quickly while the database is away.
  Result<Connection*> Get();

  void Discard() { connection_.reset(); }

  [[nodiscard]] Driver& driver() { return driver_; }

  [[nodiscard]] Driver::Access access() const { return access_; }

  // Why the last attempt to connect failed; empty when it did not.
  [[nodiscard]] std::string trouble() const;

 private:
  Driver& driver_;
  const Driver::Access access_;
  std::unique_ptr<Connection> connection_;
  Status failure_;
  std::chrono::steady_clock::time_point failed_at_;
  mutable std::mutex mutex_;
  std::string trouble_;  // guarded by mutex_
};

}  // namespace tutti::storage
