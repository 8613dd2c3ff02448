// An HTTP/1.1 and WebSocket server over a few fixed threads.
//
// io_threads own all sockets and collect requests without blocking; workers give whole requests and messages to the
// Handler; answers may come from any thread, now or later. An idle connection, a partial request, a slow body or a slow
// reader costs memory within the Settings' bounds and no thread.
//
// Life: construct, Listen once, Pause, Stop. A stopped Server cannot listen again: make another.
// Threads: Listen, Pause and Stop from one control thread; everything else from any.
// Ownership: the Handler is the caller's and outlives Stop.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connection_table.h"
#include "counters.h"
#include "handler.h"
#include "settings.h"
#include "tutti/sdk/status.hpp"
#include "worker_pool.h"

namespace tutti::transport::http {

class IoLoop;

enum class Acceptance : std::uint8_t {
  kAccepted,
  kWouldBlock,  // the connection's queue is full; OnWritable follows when it is half empty
  kNotFound,
};

class Server {
 public:
  struct Listening {
    // "address:port", with the port the system chose for 0.
    std::vector<std::string> addresses;
    // Sentences about configured addresses that this machine does not have.
    std::vector<std::string> warnings;
  };

  Server(Settings settings, Handler& handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds all addresses and starts all threads, or neither.
  [[nodiscard]] Result<Listening> Listen();

  // Closes the listening sockets and idle connections; running exchanges and WebSockets go on.
  void Pause();

  // Answers an exchange, once. NOT_FOUND when it is answered already or its client has gone. INVALID_ARGUMENT and
  // RESOURCE_EXHAUSTED (beyond response_bytes) leave it to be answered.
  [[nodiscard]] Status Respond(std::uint64_t exchange, const ResponseView& response);

  // Begins an answer whose body is sent piece by piece, through Send, until Close; the exchange's number stays as the
  // answer's. To HEAD the answer is over with its headers.
  [[nodiscard]] Status Begin(std::uint64_t exchange, const ResponseView& head);

  // Accepts a handshake; the exchange's number becomes the connection's. `protocol` is the subprotocol or empty.
  [[nodiscard]] Status Upgrade(std::uint64_t exchange, std::string_view protocol, std::span<const HeaderView> headers);

  // Queues one text message, framed once, for each connection. What is no UTF-8 is sent as U+FFFD. To an answer that
  // was begun the message is the next bytes of its body.
  // REQUIRES: accepted.size() >= connections.size().
  void Send(std::span<const std::uint64_t> connections, std::string_view message, std::span<Acceptance> accepted);

  // Sends what is queued, then a close frame, then ends the connection; OnClose follows with `code`. An answer that was
  // begun ends with the end of its body.
  [[nodiscard]] Status Close(std::uint64_t connection, std::uint16_t code, std::string_view reason);

  // Pauses, closes WebSockets with 1001, ends answers that were begun, and gives running exchanges until the deadline;
  // what is then left is cut off. Returns when all threads have ended, which waits for handlers that are running.
  void Stop(std::chrono::milliseconds grace);

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  [[nodiscard]] bool WriteNow(Connection& connection, std::string_view head, std::string_view body);
  void CloseLongLived();

  const Settings settings_;
  Handler& handler_;
  Counters counters_;
  std::atomic<bool> is_paused_{false};
  ConnectionTable table_;
  std::unique_ptr<WorkerPool> workers_;
  // Kept after Stop, since a late Send may still look at them.
  std::vector<std::unique_ptr<IoLoop>> loops_;
  bool is_stopped_ = false;
};

}  // namespace tutti::transport::http
