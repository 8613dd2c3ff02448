// WebSocketClient: collects what a server sends, in order.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/server_process.h"
#include "tutti/sdk/json.hpp"

namespace Poco::Net {
class WebSocket;
}

namespace tutti::test {

// Threads: the test's own only.
class WebSocketClient {
 public:
  // Connects; throws Poco exceptions when that is refused.
  explicit WebSocketClient(std::uint16_t port, const std::string& path = "/ws");
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  void SendText(const std::string& text);

  // What came so far, each a JSON object.
  [[nodiscard]] std::vector<std::string> messages() const;

  using Predicate = std::function<bool(JsonView)>;

  // Waits for a message that holds, among those from number `from` on. Its number; -1 when none came in time.
  [[nodiscard]] int WaitFor(const Predicate& predicate, int from = 0, std::chrono::milliseconds patience = kPatience);

  // The same by type.
  [[nodiscard]] int WaitForType(const std::string& type, int from = 0);

  // Message number `index`, which must have come.
  [[nodiscard]] Json Message(int index) const;

  [[nodiscard]] bool is_open() const;

  void Close();

 private:
  void Receive();

  std::unique_ptr<Poco::Net::WebSocket> socket_;
  std::thread receiver_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> messages_;  // guarded by mutex_
  bool is_open_ = true;                // guarded by mutex_
};

}  // namespace tutti::test
