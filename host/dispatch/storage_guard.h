// What stands in front of the storage plugin: a circuit breaker for batches that write and one for batches that only
// read, and a bound for the batches that wait for their answer.
//
// Two breakers, because a full disk or a standby server still answers readers. A failure is an answer UNAVAILABLE, or
// none within `slow`. Threads: any.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "host/dispatch/circuit_breaker.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class StorageGuard {
 public:
  enum class Lane { kWrite, kRead };

  struct Settings {
    CircuitBreaker::Settings breaker;
    std::chrono::milliseconds slow{10000};  // an answer that takes longer counts as a failure; 0: none does
    std::size_t waiting = 8192;             // batches that may wait for their answers

    bool operator==(const Settings&) const = default;
  };

  // Told of every opening and closing, with what is known of the lane then. Any thread; must not call back.
  using OnChange = std::function<void(Lane, CircuitBreaker::Change, const CircuitBreaker::View&)>;

  struct Ticket {
    Lane lane = Lane::kWrite;
    CircuitBreaker::Pass pass;
    std::uint64_t flight = 0;
  };

  StorageGuard(
      const Settings& settings, OnChange on_change,
      CircuitBreaker::Clock clock = [] { return std::chrono::steady_clock::now(); });

  // Every ticket is given back with Leave. `is_urgent`: what recovery depends on (the step of a run, a lease) is not
  // refused. UNAVAILABLE with a retry hint, and why.
  Result<Ticket> Enter(Lane lane, bool is_urgent);

  // How it ended.
  void Leave(const Ticket& ticket, const Status& status);

  // It never got to the database, or to its end.
  void Abandon(const Ticket& ticket);

  // The database was asked in another way and is well.
  void SetHealthy();

  // Counts answers that are overdue as failures. To be called now and then.
  void Look();

  // A lane is open and its pause over: whoever can shall ask the database.
  [[nodiscard]] bool IsDue() const { return write_.IsDue() || read_.IsDue(); }

  [[nodiscard]] CircuitBreaker::View view(Lane lane) const { return OfConst(lane).view(); }

  [[nodiscard]] std::size_t waiting() const;

  // What is wrong, since when and what to do, in one sentence; empty when both lanes are closed.
  [[nodiscard]] std::string Reason() const;

  // {"write": {"state","opened","refused","failing_ms","last_error"}, "read": {...}}
  [[nodiscard]] std::string ToJson() const;

 private:
  struct Flight {
    Lane lane;
    CircuitBreaker::Time began;
    bool is_overdue = false;
  };

  CircuitBreaker& Of(Lane lane) { return lane == Lane::kWrite ? write_ : read_; }

  [[nodiscard]] const CircuitBreaker& OfConst(Lane lane) const { return lane == Lane::kWrite ? write_ : read_; }

  void Tell(Lane lane, CircuitBreaker::Change change);
  // Whether it was overdue.
  bool Land(std::uint64_t flight);

  const Settings settings_;
  const OnChange on_change_;
  const CircuitBreaker::Clock clock_;
  CircuitBreaker write_;
  CircuitBreaker read_;
  mutable std::mutex mutex_;
  std::uint64_t next_ = 0;                   // guarded by mutex_
  std::map<std::uint64_t, Flight> flights_;  // guarded by mutex_; in the order they began
};

// "write" or "read".
[[nodiscard]] std::string_view ToString(StorageGuard::Lane lane);

// Whether these operations (a JSON array) only read. What is not known is taken to write.
[[nodiscard]] bool OnlyReads(std::string_view ops);

}  // namespace tutti::host
