// A blocking client over a real socket, for tests. Every wait ends after ten seconds with a test failure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tutti::transport::http::testing {

struct Response {
  int status = 0;
  // Names in lower case.
  std::map<std::string, std::string> headers;
  std::string body;
};

struct Frame {
  bool is_final = false;
  std::uint8_t opcode = 0;
  std::string payload;

  // Of a close frame; 0 when there is none.
  [[nodiscard]] std::uint16_t close_code() const;
};

// A client frame with a fixed mask.
std::string MaskedFrame(std::uint8_t opcode, std::string_view payload, bool is_final = true);

// The payload of a close frame.
std::string ClosePayload(std::uint16_t code, std::string_view reason = {});

inline constexpr std::string_view kHandshake =
    "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

class TestClient {
 public:
  // Connects to "127.0.0.1:port". `receive_buffer` in bytes, 0 for the system's choice.
  explicit TestClient(const std::string& address, int receive_buffer = 0);
  ~TestClient();
  TestClient(TestClient&& other) noexcept;
  TestClient& operator=(TestClient&&) = delete;

  void Send(std::string_view bytes) const;

  // Takes what fits into the buffers without waiting; returns how much.
  [[nodiscard]] std::size_t SendSome(std::string_view bytes) const;

  // `is_head`: the answer to a HEAD request, which has no body.
  [[nodiscard]] Response ReadResponse(bool is_head = false);

  // Sends the handshake and reads the 101.
  void OpenWebSocket();

  [[nodiscard]] Frame ReadFrame();

  // Everything until the server closes.
  [[nodiscard]] std::string ReadToEnd();

  // Whether the server has closed and nothing is left to read.
  [[nodiscard]] bool ReadsEnd();

  void ShutSending() const;
  void Close();

 private:
  bool Fill();
  bool Need(std::size_t size);

  int descriptor_ = -1;
  std::string buffer_;
};

}  // namespace tutti::transport::http::testing
