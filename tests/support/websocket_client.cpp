#include "tests/support/websocket_client.h"

#include <Poco/Buffer.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/WebSocket.h>

namespace tutti::test {
namespace {

constexpr int kMostBytes = 64 << 20;

}  // namespace

WebSocketClient::WebSocketClient(std::uint16_t port, const std::string& path) {
  Poco::Net::HTTPClientSession session("127.0.0.1", port);
  session.setTimeout(Poco::Timespan(kPatience.count(), 0));
  Poco::Net::HTTPRequest request("GET", path, Poco::Net::HTTPMessage::HTTP_1_1);
  Poco::Net::HTTPResponse response;
  socket_ = std::make_unique<Poco::Net::WebSocket>(session, request, response);
  socket_->setMaxPayloadSize(kMostBytes);
  socket_->setReceiveTimeout(Poco::Timespan(3600, 0));
  receiver_ = std::thread([this] { Receive(); });
}

WebSocketClient::~WebSocketClient() {
  Close();
}

void WebSocketClient::SendText(const std::string& text) {
  socket_->sendFrame(text.data(), static_cast<int>(text.size()), Poco::Net::WebSocket::FRAME_TEXT);
}

void WebSocketClient::Receive() {
  try {
    while (true) {
      Poco::Buffer<char> frame(0);
      int flags = 0;
      const int count = socket_->receiveFrame(frame, flags);
      const int opcode = flags & Poco::Net::WebSocket::FRAME_OP_BITMASK;
      if (opcode == Poco::Net::WebSocket::FRAME_OP_PING) {
        socket_->sendFrame(frame.begin(), count,
                           static_cast<int>(Poco::Net::WebSocket::FRAME_FLAG_FIN) |
                               static_cast<int>(Poco::Net::WebSocket::FRAME_OP_PONG));
        continue;
      }
      if (count == 0 && flags == 0) {
        break;
      }
      if (opcode == Poco::Net::WebSocket::FRAME_OP_CLOSE) {
        socket_->shutdown();
        static_cast<Poco::Net::StreamSocket&>(*socket_).shutdown();
        break;
      }
      if (opcode != Poco::Net::WebSocket::FRAME_OP_TEXT) {
        continue;
      }
      const std::lock_guard lock(mutex_);
      messages_.emplace_back(frame.begin(), static_cast<std::size_t>(count));
      changed_.notify_all();
    }
  } catch (const Poco::Exception&) {
    // The connection is over, whichever side ended it.
  }
  const std::lock_guard lock(mutex_);
  is_open_ = false;
  changed_.notify_all();
}

std::vector<std::string> WebSocketClient::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

int WebSocketClient::WaitFor(const Predicate& predicate, int from, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::size_t next = static_cast<std::size_t>(from);
  std::unique_lock lock(mutex_);
  while (true) {
    for (; next < messages_.size(); ++next) {
      const Result<Json> message = Json::Parse(messages_[next]);
      if (message.ok() && predicate(message->view())) {
        return static_cast<int>(next);
      }
    }
    if (!is_open_ || !changed_.wait_until(lock, deadline, [&] { return next < messages_.size() || !is_open_; })) {
      return -1;
    }
  }
}

int WebSocketClient::WaitForType(const std::string& type, int from) {
  return WaitFor([&](JsonView message) { return message["type"].AsString() == type; }, from);
}

Json WebSocketClient::Message(int index) const {
  const std::lock_guard lock(mutex_);
  return std::move(*Json::Parse(messages_.at(static_cast<std::size_t>(index))));
}

bool WebSocketClient::is_open() const {
  const std::lock_guard lock(mutex_);
  return is_open_;
}

void WebSocketClient::Close() {
  if (!receiver_.joinable()) {
    return;
  }
  try {
    socket_->shutdown();
  } catch (const Poco::Exception&) {
    // Closed already.
  }
  try {
    static_cast<Poco::Net::StreamSocket&>(*socket_).shutdown();
  } catch (const Poco::Exception&) {
    // Closed already.
  }
  receiver_.join();
}

}  // namespace tutti::test
