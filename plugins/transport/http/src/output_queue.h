// Bytes on their way to one socket: shared pieces in order, sent many at a time.
//
// Keeps what it is given alive until Advance has passed it. Threads: the owner locks.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tutti::transport::http {

using SharedBytes = std::shared_ptr<const std::string>;

class OutputQueue {
 public:
  void Push(SharedBytes piece);

  // Right behind the piece in front, which may be partly sent.
  void PushNext(SharedBytes piece);

  // Fills at most `most` vectors with what comes first; returns how many. They stay valid until Advance.
  std::size_t Gather(iovec* vectors, std::size_t most) const;

  // `count` bytes have left. REQUIRES: count <= bytes().
  void Advance(std::size_t count);

  void Clear();

  [[nodiscard]] bool empty() const { return begin_ == pieces_.size(); }

  [[nodiscard]] std::size_t pieces() const { return pieces_.size() - begin_; }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::vector<SharedBytes> pieces_;
  // The first piece still to be sent, and how much of it has left.
  std::size_t begin_ = 0;
  std::size_t offset_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace tutti::transport::http
