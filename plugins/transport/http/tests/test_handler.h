// A Server with a handler that records what it is told, for tests.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "handler.h"
#include "server.h"

namespace tutti::transport::http::testing {

// Waits until `condition` holds, at most ten seconds; fails the test otherwise.
void WaitFor(std::string_view what, const std::function<bool()>& condition);

// Settings for a test: one port of 127.0.0.1, and times short enough to wait for.
Settings TestSettings();

// Hears everything and does nothing.
class SilentHandler : public Handler {
 public:
  void OnRequest(const RequestView&) override {}

  void OnMessage(std::uint64_t, std::string_view, bool) override {}

  void OnWritable(std::uint64_t) override {}

  void OnClose(std::uint64_t, std::uint16_t) override {}
};

// Answers every request with "METHOD target body", upgrades every handshake, and echoes text messages, unless told
// otherwise. The functions are set before the first client comes.
class TestServer : private Handler {
 public:
  explicit TestServer(Settings settings = TestSettings());
  ~TestServer() override;

  std::function<void(const RequestView&)> on_request;
  std::function<void(std::uint64_t, std::string_view, bool)> on_message;

  [[nodiscard]] Server& server() { return server_; }

  [[nodiscard]] const std::string& address() const { return address_; }

  // In the order in which they were told. Each waits until there are `count`.
  [[nodiscard]] std::vector<std::uint64_t> WaitForRequests(std::size_t count);
  [[nodiscard]] std::vector<std::string> WaitForMessages(std::size_t count);
  [[nodiscard]] std::uint16_t WaitForClose(std::uint64_t connection);
  void WaitForWritable(std::uint64_t connection);

  [[nodiscard]] std::size_t close_count();
  [[nodiscard]] std::size_t message_count();

  void Respond(std::uint64_t exchange, std::string_view body);

  [[nodiscard]] Acceptance Send(std::uint64_t connection, std::string_view message);

 private:
  void OnRequest(const RequestView& request) override;
  void OnMessage(std::uint64_t connection, std::string_view message, bool is_text) override;
  void OnWritable(std::uint64_t connection) override;
  void OnClose(std::uint64_t connection, std::uint16_t code) override;

  template <typename Condition>
  void Wait(std::string_view what, Condition condition);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::uint64_t> requests_;            // guarded by mutex_
  std::vector<std::string> messages_;              // guarded by mutex_
  std::map<std::uint64_t, std::uint16_t> closed_;  // guarded by mutex_
  std::map<std::uint64_t, int> writable_;          // guarded by mutex_
  std::string address_;
  Server server_;
};

}  // namespace tutti::transport::http::testing
