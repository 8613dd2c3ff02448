// Keeps the journal and the host's own tables from growing for ever: takes away what is too old or too much, rarely, in
// small batches with pauses between them.
//
// Threads: any. One round at a time. A round that meets an error ends and leaves the rest to the next one.
#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/dispatch/store.h"

namespace tutti::host {

class JournalKeeper {
 public:
  struct Settings {
    std::chrono::hours max_age{24 * 30};        // of an event; 0: any
    std::int64_t max_events = 1000000;          // of a stream; 0: any number
    std::chrono::hours audit_max_age{24 * 90};  // of a row of host.audit; 0: any
    std::chrono::milliseconds every{3600000};   // between two rounds
    std::chrono::milliseconds first{60000};     // after the start, at most
    std::chrono::milliseconds pause{50};        // between two batches
    std::int64_t batch = 1000;                  // events or rows that one batch takes away
  };

  struct Report {
    std::int64_t events = 0, audit_rows = 0;
  };

  // `on_round` learns of every round that has ended, with what stopped it.
  using OnRound = std::function<void(const Status& status, const Report& report)>;

  JournalKeeper(Executor& executor, CallTable& calls, Store& store, Settings settings, OnRound on_round);

  // To be called now and then; begins a round when one is due.
  void Tick();

  // A round that rests goes on at once, to find that the host stops; none rests any more. Before the executor stops.
  void Stop();

 private:
  // co_await: the time between two batches.
  struct Rest {
    JournalKeeper& keeper;

    bool await_ready() const noexcept { return false; }

    bool await_suspend(std::coroutine_handle<> round) const { return keeper.LetRest(round); }

    void await_resume() const noexcept {}
  };

  using Clock = std::chrono::steady_clock;

  struct Head {
    std::string stream;
    std::int64_t first = 0, last = 0;
  };

  // false: it is to go on at once.
  bool LetRest(std::coroutine_handle<> round);
  void WakeUp();
  Task<void> Round();
  Task<Status> TrimStreams(Report& report);
  // Those of `heads` whose oldest event is too old.
  Task<Result<std::vector<Head>>> TooOld(const std::vector<Head>& heads, const std::string& limit);
  // Until there is no more; `measure` is a member of the operation `trim`.
  Task<Status> Trim(const std::string& stream, const std::string& measure, Report& report);
  Task<Status> PruneAudit(Report& report);
  Task<Result<std::string>> Run(std::string ops);
  [[nodiscard]] std::string Before(std::chrono::hours age) const;

  Executor& executor_;
  CallTable& calls_;
  Store& store_;
  const Settings settings_;
  const OnRound on_round_;
  std::atomic<bool> is_running_{false};
  std::mutex mutex_;
  Clock::time_point next_;           // guarded by mutex_
  std::coroutine_handle<> resting_;  // guarded by mutex_; the round, while it rests
  bool is_stopped_ = false;          // guarded by mutex_
};

}  // namespace tutti::host
