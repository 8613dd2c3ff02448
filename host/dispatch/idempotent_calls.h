// Requests that carry an Idempotency-Key: the first runs, and a retry gets the first answer, across restarts.
//
// The key's row is there before the command runs, the answer in it before the client gets it. While the first runs, a
// retry waits for its answer, for a bounded time. After a crash a retry runs again when nothing was applied; when
// something was, nobody knows the answer, and it is told so (FAILED_PRECONDITION). What is applied is what the
// command's calls commit: the first such batch says so in the key's row, and fails when the row has been taken over.
// Threads: any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/calls/idempotency_mark.h"
#include "host/dispatch/dispatcher.h"
#include "host/dispatch/idempotency_rows.h"
#include "host/dispatch/store.h"
#include "host/executor/executor.h"
#include "tutti/sdk/task.hpp"

namespace tutti::host {

// What tells one request from another, and a retry from something else under the same key.
struct RequestKey {
  std::string id;           // hash of principal, method, path and key
  std::string fingerprint;  // hash of what was sent
  std::string request;      // "POST /v1/x"
};

class IdempotentCalls {
 public:
  struct Settings {
    std::chrono::milliseconds retention{86'400'000};  // of a row, from its first request on
    std::chrono::milliseconds wait{10'000};           // of a retry for the first request
    std::size_t max_keys = 100'000;                   // rows; further keys are refused
    std::size_t max_answer_bytes = 1 << 20;           // of an answer that is kept
    std::size_t max_waiting = 16;                     // retries waiting for one request
  };

  // `is_replayed`: the answer was given before.
  using Done = std::function<void(const Result<std::string>& result, bool is_replayed)>;

  IdempotentCalls(Executor& executor, Dispatcher& dispatcher, Store& store, Settings settings);

  // Before the first request. Rows of this host by another process are of one that is gone.
  void SetHost(std::string host) { host_ = std::move(host); }

  // `done` is called once. ABORTED: the first still runs (retry hint). INVALID_ARGUMENT: the key came with something
  // else. RESOURCE_EXHAUSTED: too many keys are kept. `on_start` gets the node when the command begins, for
  // cancelling; it may be empty.
  void Run(CommandCall call, RequestKey key, Done done, std::function<void(NodePtr)> on_start = {});

  // Renews what runs here and removes what is old; called a few times a second, returns at once.
  void Tick(std::int64_t now_ms);

 private:
  struct Waiter {
    std::function<void(const Result<std::string>&)> answer;
    std::shared_ptr<std::atomic<bool>> is_answered;
  };

  struct Running {
    std::string fingerprint;
    std::vector<Waiter> waiters;
  };

  enum class Claim { kOurs, kAnswered, kAgain };

  Task<void> Serve(CommandCall call, RequestKey key, Done done, std::function<void(NodePtr)> on_start);
  Task<Claim> Take(const RequestKey& key, const std::string& principal, Result<std::string>& answer);
  Task<Result<std::string>> RunOnce(CommandCall call, std::shared_ptr<IdempotencyMark> mark,
                                    std::function<void(NodePtr)> on_start);
  Task<Result<std::string>> Keep(std::shared_ptr<IdempotencyMark> mark, Result<std::string> result);
  Task<Result<std::string>> Execute(std::string ops);
  Task<void> Renew(std::int64_t now_us);
  Task<void> Clean(std::int64_t now_us);
  // true: the first request runs here, and `done` will be called.
  bool WaitFor(const RequestKey& key, const Done& done);
  void End(const std::string& id, const Result<std::string>& result);

  Executor& executor_;
  Dispatcher& dispatcher_;
  Store& store_;
  const Settings settings_;
  const std::string owner_;  // this process
  std::string host_;
  const ContextPtr context_;  // of the rows' own batches
  std::mutex mutex_;
  std::map<std::string, Running> running_;                 // guarded by mutex_; by id
  std::map<std::string, Result<std::string>> not_stored_;  // guarded by mutex_; answers of keys that could not be kept
  std::atomic<std::int64_t> keys_{0};                      // about how many rows there are
  std::atomic<std::int64_t> next_renewal_ms_{0};
  std::atomic<std::int64_t> next_cleaning_ms_{0};
};

}  // namespace tutti::host
