// A TLS server on loopback with a fresh certificate of its own, for one connection at a time.
#pragma once

#include <Poco/Net/SecureServerSocket.h>

#include <atomic>
#include <string>
#include <thread>

namespace tutti::anthropic {

// Writes a new self-signed certificate for localhost and its key as PEM files. Throws std::runtime_error.
void WriteCertificate(const std::string& certificate_file, const std::string& key_file);

class TlsPeer {
 public:
  // Every connection that completes its handshake gets `response` after its first bytes.
  TlsPeer(const std::string& certificate_file, const std::string& key_file, std::string response);
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;
  ~TlsPeer();

  [[nodiscard]] std::string url() const { return "https://localhost:" + std::to_string(socket_.address().port()); }

  // Connections whose client sent something after the handshake.
  [[nodiscard]] int requests() const { return requests_; }

 private:
  void Run();

  const std::string response_;
  Poco::Net::SecureServerSocket socket_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<int> requests_{0};
  std::thread thread_;
};

}  // namespace tutti::anthropic
