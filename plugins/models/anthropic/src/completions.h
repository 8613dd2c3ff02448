// All completions that run or wait: starts them on a bounded pool, cancels them one by one or all.
//
// Threads: Start and Cancel from any thread; Stop from the control thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "cancellation.h"
#include "client.h"
#include "worker_pool.h"

namespace tutti::anthropic {

class Completions {
 public:
  using OnEnd = std::function<void(Result<std::string>)>;

  // One completion, for as long as somebody holds it.
  class Job {
   public:
    // Ends it: with CANCELLED at once when it still waits, else as soon as the exchange has stopped. Any thread.
    void Cancel();

   private:
    friend class Completions;

    // True for the one who may end the job or run it.
    bool Claim();

    Cancellation cancellation_;
    OnEnd on_end_;
    std::mutex mutex_;
    bool is_claimed_ = false;  // guarded by mutex_
  };

  // `client` must outlive this.
  Completions(Client& client, std::size_t max_concurrent, std::size_t max_queued);
  ~Completions();

  // Prepares a completion, so that its cancellation can be wired up before it starts.
  std::shared_ptr<Job> Prepare(OnEnd on_end);

  // Runs it; `on_end` is called once, on a thread of the pool, or here with RESOURCE_EXHAUSTED when the pool and its
  // queue are full.
  void Start(const std::shared_ptr<Job>& job, std::string request, MessageAssembler::Emit emit);

  // Cancels all and waits until they have ended. Nothing can be started afterwards.
  void Stop();

 private:
  Client& client_;
  std::mutex mutex_;
  std::set<std::weak_ptr<Job>, std::owner_less<>> jobs_;  // guarded by mutex_
  WorkerPool pool_;
};

}  // namespace tutti::anthropic
