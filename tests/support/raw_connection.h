// RawConnection: bytes to and from a local server, for what no well-behaved client does.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/server_process.h"

namespace tutti::test {

// Throws std::runtime_error when it cannot connect. Threads: one at a time.
class RawConnection {
 public:
  // `receive_buffer`: bytes the kernel keeps for a client that does not read; 0 is its own choice.
  explicit RawConnection(std::uint16_t port, int receive_buffer = 0);
  ~RawConnection();
  RawConnection(RawConnection&& other) noexcept;
  RawConnection& operator=(RawConnection&&) = delete;

  // false: the server has closed.
  [[nodiscard]] bool Send(std::string_view bytes) const;

  // As much as it takes without waiting.
  void SendWithoutWaiting(std::string_view bytes) const;

  // One answer with its body, by Content-Length; what came so far when the server closes or the patience ends.
  std::string ReadAnswer(std::chrono::milliseconds patience = kPatience);

  // Reads and drops until this text has come. false: it has not when the server closes or the patience ends.
  [[nodiscard]] bool ReadUntil(const std::string& text, std::chrono::milliseconds patience = kPatience);

  // The next `size` bytes, or the next line without its end. false: they have not come when the server closes or the
  // patience ends.
  [[nodiscard]] bool ReadBytes(std::size_t size, std::string& bytes, std::chrono::milliseconds patience = kPatience);
  [[nodiscard]] bool ReadLine(std::string& line, std::chrono::milliseconds patience = kPatience);

  // Upgrades to a WebSocket. false: refused.
  [[nodiscard]] bool Upgrade(const std::string& path = "/ws", const std::string& headers = {});

 private:
  bool Fill(std::chrono::steady_clock::time_point deadline);

  int descriptor_ = -1;
  std::string buffer_;
};

// The status of an answer; 0 when it is none.
int StatusOf(const std::string& answer);

}  // namespace tutti::test
