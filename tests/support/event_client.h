// EventClient: follows the events of a local server, over a WebSocket or as server-sent events, one at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "tests/support/raw_connection.h"

namespace tutti::test {

// Threads: one at a time.
class EventClient {
 public:
  enum class Protocol { kWebSocket, kServerSent };

  // Connects. `query` without the question mark; `last_event_id` is sent by clients of server-sent events only.
  EventClient(std::uint16_t port, Protocol protocol, const std::string& query, const std::string& last_event_id = {},
              int receive_buffer = 0);

  // 101 or 200 when it follows.
  [[nodiscard]] int status() const { return status_; }

  // Of a refused one.
  [[nodiscard]] const std::string& answer() const { return answer_; }

  // The next event, marker or greeting: a JSON object. Nothing: none came in time, or the server has closed.
  [[nodiscard]] std::optional<std::string> Next(std::chrono::milliseconds patience = kPatience);

  // Comments so far, of server-sent events.
  [[nodiscard]] int comments() const { return comments_; }

  // The id of the last event that had one, as the server sent it.
  [[nodiscard]] const std::string& last_id() const { return last_id_; }

 private:
  std::optional<std::string> NextFrame(std::chrono::milliseconds patience);
  std::optional<std::string> NextServerSent(std::chrono::milliseconds patience);
  bool NextBodyLine(std::string& line, std::chrono::milliseconds patience);

  RawConnection connection_;
  const Protocol protocol_;
  int status_ = 0;
  std::string answer_;
  std::string body_;  // of chunks, not taken yet
  std::string last_id_;
  int comments_ = 0;
};

}  // namespace tutti::test
