// What has happened, on its way to those who listen: durable events after their commit, transient ones as they come, in
// one order. Of streams that are followed also what other hosts commit to the same database, in number order, each
// event once.
//
// Threads: Publish from any thread; it only queues. Delivery runs on one worker at a time, in order.
// Bound: `queue` events wait; beyond that a transient event is dropped and a durable one becomes a gap, which its
// subscribers learn of.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/events/event.h"
#include "host/events/stream_sequencer.h"
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

class EventBus : private StreamSequencer::Outlet {
 public:
  static constexpr std::size_t kMostHeld = 4096;  // events of a stream that wait for those of other hosts

  EventBus(Executor& executor, std::size_t queue)
      : executor_(executor), queue_limit_(queue), sequencer_(*this, kMostHeld) {}

  // Of this host.
  void Publish(Event event) { sequencer_.Publish(std::make_shared<const Event>(std::move(event))); }

  // Whoever wants a stream's events of other hosts too follows it; the events go to all subscribers. Counted: each
  // Follow wants its Unfollow. `on_begin`, which may be empty, runs in delivery order once the stream's head is known:
  // from there on every event with a higher number than it is given comes, in order, or a gap that names it.
  void Follow(const std::string& stream, StreamSequencer::OnBegin on_begin = {}) {
    sequencer_.Follow(stream, std::move(on_begin));
  }

  void Unfollow(const std::string& stream) { sequencer_.Unfollow(stream); }

  // For whoever brings news of other hosts.
  [[nodiscard]] StreamSequencer& sequencer() { return sequencer_; }

  // The subscriber gets all events of all streams published from now on; filtering is its own. Held until Unsubscribe.
  void Subscribe(std::shared_ptr<Subscriber> subscriber);
  void Unsubscribe(const Subscriber* subscriber);

  // Runs `fn` in delivery order: after all events published so far, save those that wait for another host's.
  void After(std::function<void()> fn) override;

  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(); }

 private:
  struct Lost {
    std::string stream;
    EventGap range;
  };

  struct Item {
    EventPtr event;                   // or
    std::function<void()> fn;         // or
    std::shared_ptr<const Lost> gap;  // in its place among the others
  };

  void Deliver(EventPtr event) override;
  void DeliverGap(const std::string& stream, EventGap gap) override;
  void Lose(const std::string& stream, EventGap range);  // mutex_ is held
  void Push(Item item);
  void Run();

  Executor& executor_;
  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::deque<Item> queue_;                                // guarded by mutex_
  std::map<std::string, EventGap> gaps_;                  // guarded by mutex_; by stream
  bool is_delivering_ = false;                            // guarded by mutex_
  std::vector<std::shared_ptr<Subscriber>> subscribers_;  // guarded by mutex_
  std::atomic<std::uint64_t> dropped_{0};
  StreamSequencer sequencer_;
};

}  // namespace tutti::host
