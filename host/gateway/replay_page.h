// One page of a stream's past on its way to one client.
//
// Threads: a value; the transport may be called from any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/gateway/connection_key.h"
#include "host/gateway/following.h"

namespace tutti::host {

class ReplayPage {
 public:
  // How far it went.
  struct Outcome {
    Status status;               // why there was no page
    std::uint64_t position = 0;  // everything up to this number was sent, or is not for this client
    std::uint64_t sent = 0;      // events
    bool has_reached_end = false;
    bool is_blocked = false;  // the client's queue was full; on_writable follows
    bool is_gone = false;     // the transport does not know the client any more
  };

  // A client whose last number is `position`.
  ReplayPage(const ConnectionKey& key, FollowingPtr following, std::uint64_t position)
      : key_(key), following_(std::move(following)), outcome_{.position = position} {}

  // The operation that reads the page: a JSON array.
  [[nodiscard]] std::string Operations(std::size_t limit) const;

  // The answer to it.
  [[nodiscard]] Outcome Send(std::string_view results);

  // Events that need not be read, all of them behind the position and without a hole.
  [[nodiscard]] Outcome Send(const std::vector<EventPtr>& events);

 private:
  // false: no more.
  bool SendFrame(const std::string& frame);
  bool SendMarkers(std::uint64_t first, std::uint64_t last);

  const ConnectionKey key_;
  const FollowingPtr following_;
  Outcome outcome_;
  std::vector<tutti_code> accepted_;
};

}  // namespace tutti::host
