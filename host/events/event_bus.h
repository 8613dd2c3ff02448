// What has happened, on its way to those who listen: durable events after their commit, transient ones as they come, in
// one order.
//
// Threads: Publish from any thread; it only queues. Delivery runs on one worker at a time, in order.
// Bound: `queue` events wait; beyond that a transient event is dropped and a durable one becomes a gap, which its
// subscribers learn of.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/events/event.h"
#include "host/executor/executor.h"

namespace tutti::host {

// Receives batches of events of the streams it asked for, in order. Called on a worker; must not block. Events that
// were lost before it arrive as a gap: seq numbers `from` to `to` are in storage but will not come.
class Subscriber {
 public:
  virtual ~Subscriber() = default;
  virtual void OnEvents(const std::vector<EventPtr>& events) = 0;
  virtual void OnGap(const std::string& stream, std::uint64_t from, std::uint64_t to) = 0;
};

class EventBus {
 public:
  EventBus(Executor& executor, std::size_t queue) : executor_(executor), queue_limit_(queue) {}

  void Publish(Event event);

  // The subscriber gets all events of all streams published from now on; filtering is its own. Held until Unsubscribe.
  void Subscribe(std::shared_ptr<Subscriber> subscriber);
  void Unsubscribe(const Subscriber* subscriber);

  // Runs `fn` in delivery order: after all events published so far.
  void After(std::function<void()> fn);

  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(); }

 private:
  struct Item {
    EventPtr event;  // or
    std::function<void()> fn;
  };

  struct Gap {
    std::uint64_t from = 0, to = 0;
  };

  void Push(Item item);
  void Deliver();

  Executor& executor_;
  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::deque<Item> queue_;                                // guarded by mutex_
  std::map<std::string, Gap> gaps_;                       // guarded by mutex_; by stream
  bool is_delivering_ = false;                            // guarded by mutex_
  std::vector<std::shared_ptr<Subscriber>> subscribers_;  // guarded by mutex_
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace tutti::host
