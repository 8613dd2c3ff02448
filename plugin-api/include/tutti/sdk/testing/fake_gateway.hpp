// FakeGateway: the host's end of a transport; keeps what arrived and calls what a test programs.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tutti/abi/transport.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/testing/signal.hpp"

namespace tutti::testing {

// A request, owned.
struct ArrivedRequest {
  std::uint64_t exchange = 0;
  bool is_upgrade = false;
  bool is_secure = false;
  std::string method, target, body, peer, local;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct ArrivedMessage {
  std::uint64_t connection = 0;
  std::string message;
  bool is_text = false;
};

struct ClosedConnection {
  std::uint64_t connection = 0;
  std::uint32_t code = 0;
};

// Set the functions before the transport listens; they are called on whatever thread the transport calls from.
class FakeGateway {
 public:
  explicit FakeGateway(Signal& signal) : signal_(signal) {}

  std::function<void(const ArrivedRequest&)> on_request;
  std::function<void(const ArrivedMessage&)> on_message;
  std::function<void(std::uint64_t connection)> on_writable;

  [[nodiscard]] std::vector<ArrivedRequest> requests() const { return Copy(requests_); }

  [[nodiscard]] std::vector<ArrivedMessage> messages() const { return Copy(messages_); }

  [[nodiscard]] std::vector<std::uint64_t> writable() const { return Copy(writable_); }

  [[nodiscard]] std::vector<ClosedConnection> closed() const { return Copy(closed_); }

  // The service.

  void Request(const tutti_request& raw) {
    ArrivedRequest request{raw.exchange,
                           raw.is_upgrade != 0,
                           raw.is_secure != 0,
                           std::string(View(raw.method)),
                           std::string(View(raw.target)),
                           std::string(View(raw.body)),
                           std::string(View(raw.peer)),
                           std::string(View(raw.local)),
                           {}};
    for (std::size_t i = 0; i < raw.header_count; ++i) {
      request.headers.emplace_back(View(raw.headers[i].name), View(raw.headers[i].value));
    }
    Add(requests_, request);
    if (on_request) {
      on_request(request);
    }
  }

  void Message(std::uint64_t connection, std::string_view text, bool is_text) {
    const ArrivedMessage message{connection, std::string(text), is_text};
    Add(messages_, message);
    if (on_message) {
      on_message(message);
    }
  }

  void Writable(std::uint64_t connection) {
    Add(writable_, connection);
    if (on_writable) {
      on_writable(connection);
    }
  }

  void Closed(std::uint64_t connection, std::uint32_t code) { Add(closed_, ClosedConnection{connection, code}); }

 private:
  template <typename T>
  void Add(std::vector<T>& to, T item) {
    {
      const std::lock_guard lock(mutex_);
      to.push_back(std::move(item));
    }
    signal_.Notify();
  }

  template <typename T>
  std::vector<T> Copy(const std::vector<T>& from) const {
    const std::lock_guard lock(mutex_);
    return from;
  }

  Signal& signal_;
  mutable std::mutex mutex_;
  std::vector<ArrivedRequest> requests_;  // guarded by mutex_
  std::vector<ArrivedMessage> messages_;  // guarded by mutex_
  std::vector<std::uint64_t> writable_;   // guarded by mutex_
  std::vector<ClosedConnection> closed_;  // guarded by mutex_
};

}  // namespace tutti::testing
