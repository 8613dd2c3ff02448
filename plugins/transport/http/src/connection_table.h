// Hands out connection slots and finds them again by number.
//
// Threads: any. Slots live as long as the table.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "connection.h"

namespace tutti::transport::http {

class ConnectionTable {
 public:
  explicit ConnectionTable(std::size_t limit);

  // Before the first Acquire, once.
  void ServeWith(std::vector<IoLoop*> loops);

  // A free slot, of each loop in turn, or nullptr when all are used.
  [[nodiscard]] Connection* Acquire();

  void Release(Connection& connection);

  // A number that no exchange of any table has had, for the connection in this slot.
  [[nodiscard]] std::uint64_t NewNumber(const Connection& connection);

  // The slot the number was made for; the caller locks it and compares `number`. nullptr: no such number was made.
  [[nodiscard]] Connection* Find(std::uint64_t number) const;

  [[nodiscard]] std::size_t used() const;

  // False when slots are still used at the end of the wait.
  [[nodiscard]] bool WaitUntilEmpty(std::chrono::steady_clock::time_point deadline);

  // Calls fn for every slot made so far, used or not.
  void ForEach(const std::function<void(Connection&)>& fn) const;

 private:
  static constexpr unsigned kSlotBits = 21;

  const std::size_t limit_;
  // Each is written once, before its first number is made.
  std::vector<std::atomic<Connection*>> slots_;
  mutable std::mutex mutex_;
  std::condition_variable emptied_;
  std::vector<std::unique_ptr<Connection>> owned_;  // guarded by mutex_
  std::vector<IoLoop*> loops_;                      // guarded by mutex_
  std::vector<std::vector<Connection*>> free_;      // one list per loop, guarded by mutex_
  std::size_t used_ = 0;                            // guarded by mutex_
  std::size_t turn_ = 0;                            // guarded by mutex_
};

}  // namespace tutti::transport::http
