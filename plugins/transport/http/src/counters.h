// What a Server counts. Counters only grow, except where said. [any]
#pragma once

#include <atomic>
#include <cstdint>

namespace tutti::transport::http {

struct Counters {
  // Gauges.
  std::atomic<std::int64_t> open_connections{0};
  std::atomic<std::int64_t> open_websockets{0};
  std::atomic<std::int64_t> open_streams{0};
  std::atomic<std::int64_t> request_bytes_held{0};

  std::atomic<std::uint64_t> connections{0};
  // Turned away at the connection limit.
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> requests{0};
  // Answered by the transport itself: malformed, too large, too slow, too many.
  std::atomic<std::uint64_t> requests_refused{0};
  std::atomic<std::uint64_t> websockets{0};
  // Answers that were begun, to be sent piece by piece.
  std::atomic<std::uint64_t> streams{0};
  std::atomic<std::uint64_t> messages_received{0};
  std::atomic<std::uint64_t> messages_sent{0};
  std::atomic<std::uint64_t> messages_blocked{0};
  std::atomic<std::uint64_t> bytes_received{0};
  std::atomic<std::uint64_t> bytes_sent{0};
};

}  // namespace tutti::transport::http
