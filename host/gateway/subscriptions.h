// Brings events to the WebSocket connections that follow their streams: one subscriber of the bus for all of them, and
// one Send per event and transport, so that a transport frames an event once.
//
// A connection whose queue is full falls into a gap: transient events for it are dropped, durable ones only counted.
// When it is writable again it gets {"type":"gap","stream","from","to","timestamp"} per stream it missed something of,
// the range to read again, and goes on. A slow client thus costs two numbers per stream, and nobody waits for it.
// Threads: Remove from any thread; all else in the bus' delivery order. No lock is held while a transport is called.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "host/events/event_bus.h"
#include "host/gateway/transport_port.h"

namespace tutti::host {

struct ConnectionKey {
  TransportPort* transport = nullptr;
  std::uint64_t id = 0;

  auto operator<=>(const ConnectionKey&) const = default;
};

class Subscriptions : public Subscriber {
 public:
  // Of a connection's streams more are left out.
  static constexpr std::size_t kMaxStreams = 64;

  void Add(const ConnectionKey& key, const std::vector<std::string>& streams);
  void Remove(const ConnectionKey& key);

  // The connection's queue has room again.
  void Resume(const ConnectionKey& key);

  void OnEvents(const std::vector<EventPtr>& events) override;
  void OnGap(const std::string& stream, std::uint64_t from, std::uint64_t to) override;

 private:
  using Ids = std::vector<std::uint64_t>;

  struct Range {
    std::uint64_t from = 0, to = 0;
  };

  struct Group {
    std::unordered_set<std::uint64_t> members;
    std::shared_ptr<const Ids> ready;  // members as a list; empty when it has to be made anew
  };

  struct Stream {
    std::map<TransportPort*, Group> groups;  // who keeps up
    std::set<ConnectionKey> lagging;
  };

  struct Member {
    std::vector<std::string> streams;
    bool is_lagging = false;
    std::map<std::string, Range> missed;  // by stream
  };

  using Targets = std::vector<std::pair<TransportPort*, std::shared_ptr<const Ids>>>;

  [[nodiscard]] Targets TargetsOf(const std::string& stream, std::uint64_t from, std::uint64_t to);
  void Deliver(const std::string& stream, const std::string& message, std::uint64_t from, std::uint64_t to);
  void Lag(const ConnectionKey& key, const std::string& stream, std::uint64_t from, std::uint64_t to);
  void Join(const ConnectionKey& key, const Member& member);
  void Leave(const ConnectionKey& key, const Member& member);
  static void Extend(Member& member, const std::string& stream, std::uint64_t from, std::uint64_t to);

  std::mutex mutex_;
  std::map<ConnectionKey, Member> members_;          // guarded by mutex_
  std::unordered_map<std::string, Stream> streams_;  // guarded by mutex_
  std::vector<tutti_code> accepted_;                 // of the delivering thread
};

}  // namespace tutti::host
