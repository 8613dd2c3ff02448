// Takes new connections from the listening sockets and deals them to the I/O loops.
//
// Threads: the first loop's only.
#pragma once

#include <Poco/Net/ServerSocket.h>

#include <cstdint>
#include <vector>

#include "context.h"

namespace tutti::transport::http {

class Acceptor {
 public:
  Acceptor(Context context, std::vector<Poco::Net::ServerSocket> sockets);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  [[nodiscard]] std::size_t size() const { return sockets_.size(); }

  [[nodiscard]] int descriptor(std::size_t index) const;

  // Accepts what waits on one socket, a bounded number at a time.
  void Accept(std::size_t index);

 private:
  void Admit(int descriptor);
  void RefuseWithSpare(int listening);

  Context context_;
  std::vector<Poco::Net::ServerSocket> sockets_;
  // Given up for a moment when the process is out of descriptors, so that a client can be told.
  int spare_;
};

}  // namespace tutti::transport::http
