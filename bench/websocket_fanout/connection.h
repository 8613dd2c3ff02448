// One end of the fan-out client: a WebSocket that counts messages, or an HTTP connection that asks for events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tutti::bench {

// A blocking connection to a port of 127.0.0.1; ends the process with a sentence when there is none.
int Connect(std::uint16_t port);

void SendAll(int descriptor, const std::string& bytes);

// Opens a WebSocket at /bench/ws and returns it non-blocking, right behind the handshake's answer.
int OpenWebSocket(std::uint16_t port, std::string& left_over);

// Counts whole messages in a stream of unmasked frames without keeping their payload.
class FrameCounter {
 public:
  // Frames with fewer payload bytes than this are greetings and control frames.
  static constexpr std::uint64_t kEventSize = 1000;

  // Returns how many events ended in these bytes.
  std::size_t Feed(const char* bytes, std::size_t size);

  [[nodiscard]] bool is_ping_pending() const { return ping_pending_; }

  void ClearPing() { ping_pending_ = false; }

 private:
  void BeginPayload();

  std::string header_;
  std::uint64_t payload_left_ = 0;
  bool is_event_ = false;
  bool ping_pending_ = false;
};

}  // namespace tutti::bench
