// Workload: clients that store entries over HTTP while the database is in trouble, remember what was acknowledged, and
// compare it with what is there afterwards.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/http_client.h"

namespace tutti::test {

// Threads: the test's own only; has those of its clients.
class Workload {
 public:
  // `text_bytes`: of every entry, besides its id.
  explicit Workload(std::uint16_t port, std::size_t text_bytes = 100) : port_(port), text_(text_bytes, 'x') {}

  ~Workload() { Stop(); }

  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  void Start(int clients);
  void Stop();

  // One entry, in the caller's thread, counted like all others.
  HttpAnswer Put();

  // Waits until so many more were acknowledged, or refused with 503 and Retry-After. False: not in time.
  [[nodiscard]] bool WaitForAcknowledged(int more);
  [[nodiscard]] bool WaitForRefused(int more);

  [[nodiscard]] int acknowledged() const { return acknowledged_; }

  // Everything acknowledged is there: what is left to say of a server that was killed under the clients.
  void CheckKept(std::uint16_t port);

  // Everything acknowledged is there, every row has its one event, the numbers of the events begin at 1 and have no
  // gap, and no answer was anything but 200 or 503 with Retry-After. `port`: of the server that has the data now.
  void Check(std::uint16_t port);

 private:
  // What is stored. The numbers of the events are looked at on the way.
  static void ReadAll(std::uint16_t port, std::multiset<std::string>& rows, std::multiset<std::string>& events);
  [[nodiscard]] bool WaitFor(const std::atomic<int>& count, int more) const;

  const std::uint16_t port_;
  const std::string text_;
  std::vector<std::thread> clients_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<int> acknowledged_{0};
  std::atomic<int> refused_{0};
  std::mutex mutex_;
  std::set<std::string> ids_;         // guarded by mutex_; acknowledged
  std::vector<std::string> strange_;  // guarded by mutex_; other answers
};

}  // namespace tutti::test
