// Everybody who follows events, over whatever protocol: stored events first where a number was named, then live ones,
// without a gap or a repetition between the two.
//
// A client that names a number gets the journal behind it in pages. The next page is read when the client's queue has
// taken the one before; what it has not taken is dropped and read again, so a slow client costs no memory. At most
// `readers` pages are read or sent at once, for everybody, in order of arrival. At the end of the journal the client is
// compared with what was delivered meanwhile, in delivery order: what is missing comes out of the last `recent_events`
// of the stream, and the client is live. A number that skips others there (lost by the bus, or not told to this host
// yet) sends the clients that count back to reading.
//
// Threads: Follow, Resume and Remove from any; they take effect in the bus' delivery order. Everything else in that
// order. Ownership: borrows what is in Services, which outlives the last reference.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/dispatch/store.h"
#include "host/events/event_bus.h"
#include "host/gateway/following.h"
#include "host/gateway/recent_events.h"
#include "host/gateway/replay_page.h"
#include "host/gateway/subscriptions.h"

namespace tutti::host {

class EventStreams : public Subscriber, public std::enable_shared_from_this<EventStreams> {
 public:
  struct Settings {
    std::size_t page = 256;                      // events read at once for one client
    std::size_t readers = 4;                     // pages on their way at once, of all clients
    std::size_t recent_events = 1024;            // of a stream, kept while somebody counts
    std::size_t recent_bytes = 4U << 20U;        // of them
    std::chrono::milliseconds heartbeat{15000};  // between comments to clients of server-sent events
    std::chrono::milliseconds retry{1000};       // after a page that could not be read, unless the storage says when
  };

  struct Services {
    EventBus& events;
    Store& store;
    Executor& executor;
  };

  struct Counts {
    std::array<std::uint64_t, kFrameForms> following;  // connections, by FrameForm
    std::uint64_t replaying;
    std::uint64_t replayed_total;  // events
    std::uint64_t gaps_total;
  };

  EventStreams(Services services, const Settings& settings);

  // After what was published so far. `first` goes ahead when there is one. `is_closed` says whether Remove was called
  // for the connection already.
  void Follow(const ConnectionKey& key, FollowingPtr following, std::function<bool()> is_closed);

  // The connection's queue has room again.
  void Resume(const ConnectionKey& key);

  // The connection is no more.
  void Remove(const ConnectionKey& key);

  void OnEvents(const std::vector<EventPtr>& events) override;
  void OnGap(const std::string& stream, std::uint64_t from, std::uint64_t to) override;

  // Any thread.
  [[nodiscard]] Counts counts() const;

 private:
  // A client that is not up to date.
  struct Replay {
    ConnectionKey key;
    FollowingPtr following;
    std::uint64_t position = 0;
    std::size_t limit = 0;  // of the next page
    bool has_reached_end = false;
    bool is_waiting = false;     // for room
    bool has_room_news = false;  // came while a page was on its way
    std::uint64_t ticket = 0;    // in waiting_
  };

  using ReplayPtr = std::shared_ptr<Replay>;

  // A stream that somebody counts in.
  struct Counted {
    explicit Counted(const Settings& settings) : recent(settings.recent_events, settings.recent_bytes) {}

    RecentEvents recent;
    std::size_t followers = 0;
    std::map<ConnectionKey, ReplayPtr> ahead;  // have read what was not delivered yet
  };

  void Begin(const ConnectionKey& key, const FollowingPtr& following);
  void End(const ConnectionKey& key);
  void StartReplay(const ConnectionKey& key, const FollowingPtr& following, std::uint64_t position);
  void Advance(const ReplayPtr& replay);
  void Read(const ReplayPtr& replay);
  void StartPage(const ReplayPtr& replay);
  void EndPage(const ReplayPtr& replay, const ReplayPage::Outcome& outcome);
  void RetryLater(const ReplayPtr& replay, const Status& status);
  void Join(const ReplayPtr& replay);
  void JoinReached(Counted& counted);
  void Skip(const std::string& stream, Counted& counted, std::uint64_t from, std::uint64_t to);
  void Heartbeat();
  void ScheduleHeartbeat();
  void Count();

  static Task<void> ReadPage(std::shared_ptr<EventStreams> self, ReplayPtr replay, std::shared_ptr<ReplayPage> page,
                             std::string operations);

  const Services services_;
  const Settings settings_;
  const ContextPtr context_;
  Subscriptions live_;
  std::map<ConnectionKey, FollowingPtr> followers_;
  std::map<ConnectionKey, ReplayPtr> replays_;
  std::unordered_map<std::string, Counted> counted_;  // by stream
  std::map<std::uint64_t, ReplayPtr> waiting_;        // for one of the readers, by ticket
  std::size_t reading_ = 0;
  std::uint64_t next_ticket_ = 1;
  bool has_heartbeat_ = false;  // one is scheduled

  std::array<std::atomic<std::uint64_t>, kFrameForms> following_{};
  std::atomic<std::uint64_t> replaying_{0};
  std::atomic<std::uint64_t> replayed_{0};
  std::atomic<std::uint64_t> gaps_{0};
};

}  // namespace tutti::host
