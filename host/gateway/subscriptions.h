// Brings events to the connections that follow their streams and are up to date: an event is framed once in each form,
// and there is one Send per event, transport and form.
//
// A connection whose queue is full falls into a gap: transient events for it are dropped, durable ones only counted.
// When it is writable again it gets {"type":"gap","stream","from","to","timestamp"} per stream it missed something of,
// the range to read again, and goes on. A slow client thus costs two numbers per stream, and nobody waits for it.
// Threads: the bus' delivery order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "host/events/event.h"
#include "host/gateway/connection_key.h"
#include "host/gateway/following.h"

namespace tutti::host {

class Subscriptions {
 public:
  // `on_gone`: the transport does not know this connection any more.
  explicit Subscriptions(std::function<void(const ConnectionKey&)> on_gone) : on_gone_(std::move(on_gone)) {}

  void Add(const ConnectionKey& key, const FollowingPtr& following);
  void Remove(const ConnectionKey& key);

  // The connection's queue has room again.
  void Resume(const ConnectionKey& key);

  // `is_repeated`: clients that count numbers have it already.
  void Deliver(const Event& event, bool is_repeated);

  // Numbers `from` to `to` of the stream will not come. Clients that count numbers are not told: see TakeCounting.
  void DeliverGap(const std::string& stream, std::uint64_t from, std::uint64_t to);

  // Those who count numbers and keep up are taken out, to read `from` to `to` in the journal. To those whose queue is
  // full the range is a part of their gap.
  [[nodiscard]] std::vector<std::pair<ConnectionKey, FollowingPtr>> TakeCounting(const std::string& stream,
                                                                                 std::uint64_t from, std::uint64_t to);

  // Gap markers sent so far.
  [[nodiscard]] std::uint64_t gaps() const { return gaps_; }

 private:
  using Ids = std::vector<std::uint64_t>;

  struct Range {
    std::uint64_t from = 0, to = 0;
  };

  // Connections that get the same bytes of the same events.
  struct GroupKey {
    TransportPort* transport = nullptr;
    FrameForm form = FrameForm::kMessage;
    bool is_counting = false;
    EventFilter filter;

    auto operator<=>(const GroupKey&) const = default;
  };

  struct Group {
    std::unordered_set<std::uint64_t> members;
    std::shared_ptr<const Ids> ready;  // members as a list; empty when it has to be made anew
  };

  struct Stream {
    std::map<GroupKey, Group> groups;  // who keeps up
    std::set<ConnectionKey> lagging;
  };

  struct Member {
    FollowingPtr following;
    bool is_lagging = false;
    std::map<std::string, Range> missed;  // by stream
  };

  struct Target {
    TransportPort* transport;
    FrameForm form;
    std::shared_ptr<const Ids> ids;
  };

  using Wanted = std::function<bool(const GroupKey&)>;

  [[nodiscard]] static std::vector<Target> TargetsOf(Stream& stream, const Wanted& wanted);
  [[nodiscard]] static GroupKey GroupOf(const ConnectionKey& key, const Following& following);
  static void Extend(Member& member, const std::string& stream, std::uint64_t from, std::uint64_t to);

  void Send(const Target& target, const std::string& frame, const std::string& stream, std::uint64_t from,
            std::uint64_t to);
  void Lag(const ConnectionKey& key, const std::string& stream, std::uint64_t from, std::uint64_t to);
  void Join(const ConnectionKey& key, const Member& member);
  void Leave(const ConnectionKey& key, const Member& member);
  void Tidy(const std::string& stream);

  const std::function<void(const ConnectionKey&)> on_gone_;
  std::map<ConnectionKey, Member> members_;
  std::unordered_map<std::string, Stream> streams_;
  std::vector<tutti_code> accepted_;
  std::uint64_t gaps_ = 0;
};

}  // namespace tutti::host
