// One slot for a connection: what its I/O loop, the workers and the callers of Server share.
//
// Slots are made on demand, reused, and freed only with the Server, so a late number finds a slot and is told apart by
// `number`. Threads: said at each group of members. The descriptor is closed by its loop only, under the lock, so
// nobody writes to a reused one.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "frame_reader.h"
#include "output_queue.h"
#include "request_reader.h"
#include "timer_wheel.h"

namespace tutti::transport::http {

class IoLoop;

enum class Phase : std::uint8_t {
  kFree,
  kReading,    // idle, or collecting a request
  kExchange,   // the handler owes an answer; nothing is read
  kAnswering,  // an answer is partly sent; nothing is read
  kStreaming,  // an answer was begun and is sent piece by piece; nothing is read
  kOpen,       // WebSocket
  kClosing,    // WebSocket: our close frame is on its way, the client's is awaited
  kDraining,   // the last bytes are on their way, then the sending side is shut
  kLingering,  // shut; input is discarded until the client closes
};

// Whether messages are sent to it, and it is closed by Close.
constexpr bool IsLongLived(Phase phase) {
  return phase == Phase::kOpen || phase == Phase::kStreaming;
}

struct Connection : TimerNode {
  Connection(std::uint32_t slot_index, IoLoop* owner) : slot(slot_index), loop(owner) {}

  const std::uint32_t slot;
  // A slot stays with one loop, so that a late look at it never meets another loop's work.
  IoLoop* const loop;

  // Set before the loop gets the connection, constant until the slot is released.
  std::string peer;
  std::string local;
  // Turned away at the connection limit: not counted as open.
  bool is_surplus = false;

  // Loop thread only.
  bool is_readable = false;
  bool is_writable = true;
  bool is_broken = false;
  bool awaits_pong = false;
  bool wants_turn = false;
  bool is_registered = false;
  bool is_hung_up = false;           // both sides are shut, or the connection was reset
  std::int64_t peer_closed_ms = -1;  // the client shut its side
  std::int64_t since_ms = 0;         // when the head, the body or the lingering began
  std::int64_t received_ms = 0;
  std::int64_t ping_ms = 0;
  std::int64_t progress_ms = 0;  // output last moved, or began to wait
  std::size_t answer_sent = 0;   // of a partly sent answer, by the loop
  std::size_t held_bytes = 0;    // counted in request_bytes_held for `input` and what is being collected
  // Bytes behind the end of a request or behind a message the handler has not finished.
  std::string input;
  std::unique_ptr<RequestReader> reader;
  std::unique_ptr<FrameReader> frames;

  std::mutex mutex;
  // Guarded by mutex.
  int descriptor = -1;
  Phase phase = Phase::kFree;
  // The exchange or WebSocket connection; 0 when there is none.
  std::uint64_t number = 0;
  bool keeps_alive = false;
  bool is_http_1_0 = false;
  bool is_head_method = false;
  bool is_upgrade = false;
  std::string websocket_key;
  // The handler has been told of `number`.
  bool is_announced = false;
  // Messages are with a worker.
  bool is_handling_messages = false;
  // Something waits to be read once the handler is done.
  bool must_resume = false;
  // The loop has been asked to look at this connection.
  bool has_attention = false;
  bool wants_writable = false;
  std::uint16_t close_code = 0;
  // When the phase last changed outside of the loop.
  std::int64_t changed_ms = 0;
  OutputQueue output;
  std::string pong;
  // Tasks of this connection not finished yet, and what the last of them must say to the handler.
  std::uint32_t tasks = 0;
  std::uint64_t ended_number = 0;
  std::uint16_t ended_code = 0;
};

}  // namespace tutti::transport::http
