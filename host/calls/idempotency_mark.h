// IdempotencyMark: goes with the calls of a request that carries an Idempotency-Key, so that the first batch they
// commit says in the key's row that something was applied.
//
// Threads: any.
#pragma once

#include <atomic>
#include <string>
#include <utility>

namespace tutti::host {

class IdempotencyMark {
 public:
  // `id` is the key's row, `owner` the process that runs the request.
  IdempotencyMark(std::string id, std::string owner) : id_(std::move(id)), owner_(std::move(owner)) {}

  // Whether the next batch that writes must say so: the request runs and nothing was committed for it.
  [[nodiscard]] bool is_wanted() const { return !is_over_.load() && !is_applied_.load(); }

  void SetApplied() { is_applied_.store(true); }

  // The request has ended: what its calls still do is theirs.
  void SetOver() { is_over_.store(true); }

  [[nodiscard]] bool is_applied() const { return is_applied_.load(); }

  [[nodiscard]] const std::string& id() const { return id_; }

  [[nodiscard]] const std::string& owner() const { return owner_; }

 private:
  const std::string id_;
  const std::string owner_;
  std::atomic<bool> is_applied_{false};
  std::atomic<bool> is_over_{false};
};

}  // namespace tutti::host
