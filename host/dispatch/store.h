// The way to the storage plugin: puts the parts of a batch together, and announces its journal events once they are
// committed. A storage guard stands in front: while the database is away batches are refused at once.
//
// Threads: any.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/calls/call_table.h"
#include "host/dispatch/changeover.h"
#include "host/dispatch/routes.h"
#include "host/dispatch/storage_guard.h"
#include "host/events/event_bus.h"
#include "tutti/sdk/task.hpp"

namespace tutti::host {

// One plugin's operations in a batch; rights are checked under its id.
struct BatchPart {
  std::string by;
  std::string ops;  // JSON array
};

struct BatchOptions {
  bool is_urgent = false;  // recovery depends on it: it is tried although the database is known to be away
  std::string id;          // names the batch over its tries, so that one whose answer was lost is not applied twice
};

class Store {
 public:
  Store(Executor& executor, CallTable& calls, Routes& routes, EventBus& events,
        const StorageGuard::Settings& guard = {}, StorageGuard::OnChange on_change = {})
      : executor_(executor),
        calls_(calls),
        routes_(routes),
        changeover_(executor, routes),
        events_(events),
        guard_(guard, std::move(on_change)) {}

  // Applies the parts atomically. The result is the storage plugin's {"results": [[...], ...]}; by then the batch's
  // events have been handed to the bus. Journal events get the context's `tree` unless they have one. While the storage
  // is exchanged a batch waits. A batch is never cancelled
  // half-way: it outlives the call it is made for. While the database is away it fails with UNAVAILABLE and a retry
  // hint, at once unless it is urgent.
  Task<Result<std::string>> Execute(std::vector<BatchPart> parts, ContextPtr context, NodePtr parent,
                                    BatchOptions options);

  // The same without options. Apart, because gcc 12 destroys a default argument in a co_await twice.
  Task<Result<std::string>> Execute(std::vector<BatchPart> parts, ContextPtr context, NodePtr parent) {
    return Execute(std::move(parts), std::move(context), std::move(parent), BatchOptions());
  }

  // The results of part `index` as {"results": [...]}.
  static std::string PartOf(std::string_view results, std::size_t index);

  // {"healthy": ..., ...} of the storage plugin.
  [[nodiscard]] std::string Stats() const;

  // Counts what is overdue, and while the database is away asks the plugin about once per second whether it still is,
  // so that its return is noticed without anybody asking for anything. To be called a few times per second.
  void Look();

  [[nodiscard]] const StorageGuard& guard() const { return guard_; }

 private:
  // Execute, but for what a request with an Idempotency-Key adds to the first batch that writes.
  Task<Result<std::string>> Apply(std::vector<BatchPart> parts, ContextPtr context, NodePtr parent,
                                  BatchOptions options);
  void Announce(std::string_view results);

  Executor& executor_;
  CallTable& calls_;
  Routes& routes_;
  const Changeover changeover_;
  EventBus& events_;
  StorageGuard guard_;
  std::atomic<bool> is_asking_{false};
  std::atomic<std::int64_t> next_question_ms_{0};
};

}  // namespace tutti::host
