// The way to the storage plugin: puts the parts of a batch together, and announces its journal events once they are
// committed.
//
// Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/calls/call_table.h"
#include "host/dispatch/changeover.h"
#include "host/dispatch/routes.h"
#include "host/events/event_bus.h"
#include "tutti/sdk/task.hpp"

namespace tutti::host {

// One plugin's operations in a batch; rights are checked under its id.
struct BatchPart {
  std::string by;
  std::string ops;  // JSON array
};

class Store {
 public:
  Store(Executor& executor, CallTable& calls, Routes& routes, EventBus& events)
      : executor_(executor), calls_(calls), routes_(routes), changeover_(executor, routes), events_(events) {}

  // Applies the parts atomically. The result is the storage plugin's {"results": [[...], ...]}; by then the batch's
  // events have been handed to the bus. Journal events get the context's `tree` unless they have one. While the storage
  // is exchanged a batch waits. A batch is never cancelled half-way: it outlives the call it is made for.
  Task<Result<std::string>> Execute(std::vector<BatchPart> parts, ContextPtr context, NodePtr parent);

  // The results of part `index` as {"results": [...]}.
  static std::string PartOf(std::string_view results, std::size_t index);

  // {"healthy": ..., ...} of the storage plugin.
  [[nodiscard]] std::string Stats() const;

 private:
  // Execute, but for what a request with an Idempotency-Key adds to the first batch that writes.
  Task<Result<std::string>> Apply(std::vector<BatchPart> parts, ContextPtr context, NodePtr parent);
  void Announce(std::string_view results);

  Executor& executor_;
  CallTable& calls_;
  Routes& routes_;
  const Changeover changeover_;
  EventBus& events_;
};

}  // namespace tutti::host
