// The streams that somebody follows, each in its lane: what this host publishes and what other hosts have committed to
// the same database come out in number order, each once.
//
// Threads: any. What comes out of one stream is handed on under a lock, in order; `Outlet` must only queue. The journal
// is asked on a worker, after what was handed on before has been delivered.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/events/stream_lane.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// Where events of other hosts come from.
class JournalPort {
 public:
  using OnPage = std::function<void(Result<JournalPage>)>;

  virtual ~JournalPort() = default;

  // The events of `stream` after `since`, as many as a page has. Calls `on_page` once, from any thread. Must not block.
  virtual void ReadPage(const std::string& stream, std::uint64_t since, OnPage on_page) = 0;

  // Somebody began to follow a stream: its head is wanted (StreamSequencer::OnHead). Must not block.
  virtual void WantHeads() = 0;
};

class StreamSequencer {
 public:
  // Takes what comes out, in delivery order.
  class Outlet {
   public:
    virtual ~Outlet() = default;
    virtual void Deliver(EventPtr event) = 0;
    virtual void DeliverGap(const std::string& stream, EventGap gap) = 0;
    // Runs `fn` on a worker after all that was delivered before.
    virtual void After(std::function<void()> fn) = 0;
  };

  // Called in delivery order: all events of the stream after `base` follow.
  using OnBegin = std::function<void(std::uint64_t base)>;

  StreamSequencer(Outlet& outlet, std::size_t most_held) : outlet_(outlet), most_held_(most_held) {}

  // Nothing is followed without one. To be set before the first Follow, and unset when nothing is asked any more.
  void SetJournal(JournalPort* journal) { journal_ = journal; }

  // Counted: each Follow wants its Unfollow. Until the head is known events of this host pass as they come.
  void Follow(const std::string& stream, OnBegin on_begin);
  void Unfollow(const std::string& stream);

  // An event of this host: durable after its commit, or transient.
  void Publish(EventPtr event);

  // The head of a stream as the database has it; 0 for one that does not exist yet.
  void OnHead(const std::string& stream, std::uint64_t last);

  // The same as hearsay: it may be old, so that no stream begins with it.
  void OnHint(std::string_view stream, std::uint64_t last);

  [[nodiscard]] bool is_followed() const { return count_ > 0; }

  // Streams that are followed.
  [[nodiscard]] std::vector<std::string> Followed() const;

 private:
  struct Entry {
    explicit Entry(std::size_t most_held) : lane(most_held) {}

    StreamLane lane;
    std::size_t followers = 0;
    std::uint64_t number = 0;  // tells it from an earlier one of the same name
    std::vector<OnBegin> waiting;
  };

  void Emit(const std::string& stream, Entry& entry, StreamLane::Output output);
  void Read(const std::string& stream, std::uint64_t number, std::uint64_t since);
  void OnPage(const std::string& stream, std::uint64_t number, Result<JournalPage> page);

  Outlet& outlet_;
  const std::size_t most_held_;
  std::atomic<JournalPort*> journal_{nullptr};
  std::atomic<std::size_t> count_{0};  // of lanes_, for those who publish what nobody follows
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> lanes_;  // guarded by mutex_
  std::uint64_t next_number_ = 1;                    // guarded by mutex_
};

}  // namespace tutti::host
