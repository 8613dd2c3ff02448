// Group commit: takes what waits and commits it as one transaction, in which each batch fails alone.
//
// Used by the one writer thread; not thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commits.h"
#include "driver.h"
#include "health.h"
#include "job_queue.h"
#include "link.h"

namespace tutti::storage {

class Writer {
 public:
  // `most_wait`: of a batch for its turn. `settle_wait`: for the database to say how a commit ended whose answer was
  // lost, before its batches are told that nobody knows.
  Writer(Link& link, std::chrono::milliseconds most_wait,
         std::chrono::milliseconds settle_wait = std::chrono::milliseconds(5000))
      : link_(link), most_wait_(most_wait), settle_wait_(settle_wait) {}

  // Runs the jobs in order and answers every one. Answers of success come only after COMMIT.
  void Run(std::vector<Job> jobs);

  // The connection to write on, once it is known how earlier commits ended.
  Result<Connection*> Connect();

  // How the newest groups have ended. Any thread.
  [[nodiscard]] Health& health() { return health_; }

  [[nodiscard]] std::uint64_t batches() const { return batches_; }

  [[nodiscard]] std::uint64_t groups() const { return groups_; }

 private:
  using Outcomes = std::vector<std::optional<Result<std::string>>>;
  enum class Pass { kDone, kAgain, kLost };

  using Successes = std::vector<std::pair<std::size_t, std::string>>;

  Pass RunPass(Connection& connection, std::vector<Job>& jobs, Outcomes& outcomes);
  // The waiting jobs from `first` on that can run as one, at least two; else empty.
  static std::vector<std::size_t> MergeableRun(const std::vector<Job>& jobs, std::size_t first,
                                               const Outcomes& outcomes);
  // kAgain: the jobs have to run one by one, because one of them fails.
  Pass RunMerged(Connection& connection, const std::vector<Job>& jobs, const std::vector<std::size_t>& run,
                 Successes& succeeded);
  // kLost: the connection was lost and nothing was stored.
  Pass Commit(Connection& connection, const std::vector<Job>& jobs, Successes succeeded, Outcomes& outcomes);
  // Asks the database, over new connections, whether the commit was made; nullopt when it cannot be asked in time.
  std::optional<bool> WasCommitted(const CommitMark& mark);
  void AnswerKnown(const std::vector<Job>& jobs, Outcomes& outcomes);
  static void Expire(std::vector<Job>& jobs, std::chrono::milliseconds most_wait, Outcomes& outcomes);
  // What another host came between is left, and done again now that nothing is locked here.
  static Pass PassAfter(const Outcomes& outcomes);
  static void FailRest(const Status& status, Outcomes& outcomes);

  Link& link_;
  const std::chrono::milliseconds most_wait_;
  const std::chrono::milliseconds settle_wait_;
  Commits commits_;
  Health health_;
  int aborted_ = 0;    // batches of one group that another host came between, and that were tried again
  bool merge_ = true;  // within one group, until a merged run has failed
  std::string lost_reason_;
  std::atomic<std::uint64_t> batches_{0};
  std::atomic<std::uint64_t> groups_{0};
};

}  // namespace tutti::storage
