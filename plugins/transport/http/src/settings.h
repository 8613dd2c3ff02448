// What an operator may configure, with the defaults. Every bound of this plugin is a field here.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/sdk/status.hpp"

namespace tutti::transport::http {

struct Settings {
  std::vector<std::string> listen = {"127.0.0.1:9403", "[::1]:9403"};

  // Threads, fixed from start to stop.
  std::size_t io_threads = 1;
  std::size_t workers = 4;
  // Whole requests waiting for a worker. When full, a request is answered 503; WebSocket messages wait unread.
  std::size_t worker_queue = 1024;

  std::size_t max_connections = 10000;
  std::size_t target_bytes = 8 * 1024;
  std::size_t header_bytes = 16 * 1024;
  std::size_t header_count = 100;
  std::size_t body_bytes = 16 * 1024 * 1024;
  // All requests being collected or handled, together.
  std::size_t request_memory_bytes = 256 * 1024 * 1024;
  // One answer; what the socket does not take at once is kept until the client has read it.
  std::size_t response_bytes = 64 * 1024 * 1024;

  std::chrono::milliseconds header_timeout{10'000};
  // A body and an answer may take this long plus one second for each min_bytes_per_second moved.
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds write_timeout{30'000};
  std::size_t min_bytes_per_second = 1024;
  std::chrono::milliseconds idle_timeout{75'000};
  // A client that has shut its side may still wait for an answer this long; then it counts as gone.
  std::chrono::milliseconds half_close_grace{1'000};
  // After the last answer the client has this long to close, so that it reads the answer and not a reset.
  std::chrono::milliseconds linger_timeout{1'000};
  // What a graceful stop waits for running exchanges and close handshakes.
  std::chrono::milliseconds stop_timeout{5'000};

  std::size_t ws_message_bytes = 16 * 1024 * 1024;
  // Outgoing messages not yet taken by the socket, per connection. Beyond either: WOULD_BLOCK.
  std::size_t ws_queue_bytes = 1024 * 1024;
  std::size_t ws_queue_frames = 1024;
  std::chrono::milliseconds ws_ping_interval{20'000};
  std::chrono::milliseconds ws_pong_timeout{20'000};
  std::chrono::milliseconds ws_close_timeout{5'000};

  bool operator==(const Settings&) const = default;
};

// Reads the plugin's configuration, a JSON object; absent keys keep their defaults. INVALID_ARGUMENT names the key,
// what was expected and what was found.
[[nodiscard]] Result<Settings> ParseSettings(std::string_view config_json);

}  // namespace tutti::transport::http
