// The reads that are running for HTTP clients, so that one whose client has gone can be stopped. Writes are not held
// here: what was begun for a client is finished without it.
//
// Threads: any.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "host/calls/call_table.h"
#include "host/gateway/connection_key.h"

namespace tutti::host {

class PendingExchanges {
 public:
  explicit PendingExchanges(CallTable& calls) : calls_(calls) {}

  // `is_answered` is set by whoever answers; an exchange answered by now is not tracked at all.
  void Track(const ConnectionKey& key, NodePtr node, const std::atomic<bool>& is_answered) {
    const std::lock_guard lock(mutex_);
    if (!is_answered.load()) {
      running_[key] = std::move(node);
    }
  }

  // After the answered flag is set.
  void Forget(const ConnectionKey& key) {
    const std::lock_guard lock(mutex_);
    running_.erase(key);
  }

  void Cancel(const ConnectionKey& key) {
    NodePtr node;
    {
      const std::lock_guard lock(mutex_);
      const auto found = running_.find(key);
      if (found == running_.end()) {
        return;
      }
      node = std::move(found->second);
      running_.erase(found);
    }
    calls_.Cancel(node);
  }

 private:
  CallTable& calls_;
  std::mutex mutex_;
  std::map<ConnectionKey, NodePtr> running_;  // guarded by mutex_
};

}  // namespace tutti::host
