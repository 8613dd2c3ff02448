// The answers to one connection, in order. What the transport has no room for waits here until it has.
//
// Bound: `limit` messages wait; a further droppable one (progress) is dropped. Answers are bounded by whoever makes
// them. Threads: any. No lock is held while the transport is called.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "host/gateway/transport_port.h"

namespace tutti::host {

class Outbox {
 public:
  Outbox(TransportPort& transport, std::uint64_t connection, std::size_t limit)
      : transport_(transport), connection_(connection), limit_(limit) {}

  void Push(std::string message, bool is_droppable);

  // The transport has room again.
  void Flush();

  // Nothing is sent from here on.
  void Close();

  [[nodiscard]] std::size_t waiting() const;

 private:
  TransportPort& transport_;
  const std::uint64_t connection_;
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::deque<std::string> waiting_;  // guarded by mutex_
  bool is_flushing_ = false;         // guarded by mutex_; one thread sends, the others leave it to that one
  bool has_room_news_ = false;       // guarded by mutex_
  bool is_closed_ = false;           // guarded by mutex_
};

}  // namespace tutti::host
