// The part of IoLoop that every connection goes through, whatever it speaks: phases, bytes in and out, deadlines, the
// end.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "io_loop.h"

namespace tutti::transport::http {
namespace {

constexpr std::size_t kVectorsPerWrite = 64;

}  // namespace

void IoLoop::Drive(Connection& connection) {
  while (true) {
    Phase phase = Phase::kFree;
    bool has_output = false;
    {
      const std::lock_guard lock(connection.mutex);
      phase = connection.phase;
      connection.has_attention = false;
      has_output = !connection.output.empty() || !connection.pong.empty();
      connection.must_resume = connection.is_readable || !connection.input.empty();
    }
    if (phase == Phase::kFree) {
      return;
    }
    if (has_output && connection.is_writable && !connection.is_broken) {
      Flush(connection);
      continue;
    }
    if (connection.is_broken) {
      return Kill(connection, kCloseAbnormal);
    }
    if (!Step(connection, phase)) {
      break;
    }
  }
  Rearm(connection);
}

bool IoLoop::Step(Connection& connection, Phase phase) {
  switch (phase) {
    case Phase::kReading:
      return ReadRequest(connection);
    case Phase::kExchange:
    case Phase::kStreaming:
      connection.is_broken = connection.is_hung_up;
      return connection.is_broken;
    case Phase::kAnswering:
      connection.is_broken = connection.is_hung_up;
      return connection.is_broken || FinishAnswer(connection);
    case Phase::kOpen:
    case Phase::kClosing:
      return ReadFrames(connection);
    case Phase::kDraining:
      return ShutSending(connection);
    case Phase::kLingering:
      return Discard(connection);
    case Phase::kFree:
      return false;
  }
  return false;
}

void IoLoop::Flush(Connection& connection) {
  while (connection.is_writable && !connection.is_broken) {
    std::array<iovec, kVectorsPerWrite> vectors;
    msghdr message{};
    int descriptor = -1;
    {
      const std::lock_guard lock(connection.mutex);
      if (!connection.pong.empty()) {
        connection.output.PushNext(std::make_shared<const std::string>(std::exchange(connection.pong, {})));
      }
      message.msg_iovlen = connection.output.Gather(vectors.data(), vectors.size());
      descriptor = connection.descriptor;
    }
    if (message.msg_iovlen == 0) {
      return;
    }
    message.msg_iov = vectors.data();
    // Only this thread takes pieces off the queue, so the vectors stay valid without the lock.
    const ssize_t sent = sendmsg(descriptor, &message, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) {
        continue;
      }
      connection.is_writable = false;
      connection.is_broken = errno != EAGAIN;
      connection.progress_ms = now_ms_;
      return;
    }
    connection.progress_ms = now_ms_;
    connection.answer_sent += static_cast<std::size_t>(sent);
    context_.counters.bytes_sent += static_cast<std::uint64_t>(sent);
    std::uint64_t writable_again = 0;
    {
      const std::lock_guard lock(connection.mutex);
      connection.output.Advance(static_cast<std::size_t>(sent));
      const bool is_half_empty = connection.output.bytes() * 2 <= context_.settings.ws_queue_bytes &&
                                 connection.output.pieces() * 2 <= context_.settings.ws_queue_frames;
      if (connection.wants_writable && is_half_empty && IsLongLived(connection.phase)) {
        connection.wants_writable = false;
        writable_again = connection.number;
      }
    }
    if (writable_again != 0) {
      context_.handler.OnWritable(writable_again);
    }
  }
}

// What to read next, from the bytes kept or from the socket. Nothing: wait, or the connection is broken.
IoLoop::MaybeBytes IoLoop::NextBytes(Connection& connection, std::size_t& budget) {
  if (!connection.input.empty()) {
    // Moved to the scratch space, since what is behind the next request or message is kept in `input` again.
    const std::size_t size = connection.input.copy(scratch_.data(), scratch_.size());
    connection.input = std::string();
    return std::string_view(scratch_.data(), size);
  }
  if (!connection.is_readable) {
    return std::nullopt;
  }
  if (budget == 0) {
    if (!connection.wants_turn) {
      connection.wants_turn = true;
      turns_.push_back(&connection);
    }
    return std::nullopt;
  }
  // The loop alone sets the descriptor of a registered connection.
  const ssize_t size = recv(connection.descriptor, scratch_.data(), scratch_.size(), 0);
  if (size <= 0) {
    connection.is_readable = size < 0 && errno == EINTR;
    connection.is_broken = size == 0 || (errno != EAGAIN && errno != EINTR);
    return std::nullopt;
  }
  const auto received = static_cast<std::size_t>(size);
  // A short read has emptied the socket; only the end of the stream may still be behind it.
  connection.is_readable = received == scratch_.size() || connection.peer_closed_ms >= 0;
  connection.received_ms = now_ms_;
  context_.counters.bytes_received += received;
  budget -= std::min(budget, received);
  return std::string_view(scratch_.data(), received);
}

bool IoLoop::ShutSending(Connection& connection) {
  const std::lock_guard lock(connection.mutex);
  if (!connection.output.empty()) {
    return false;
  }
  shutdown(connection.descriptor, SHUT_WR);
  connection.phase = Phase::kLingering;
  connection.since_ms = now_ms_;
  connection.input = std::string();
  HoldBytes(connection, 0);
  return true;
}

bool IoLoop::Discard(Connection& connection) {
  std::size_t budget = kBytesPerTurn;
  while (NextBytes(connection, budget)) {
  }
  return connection.is_broken;
}

void IoLoop::Rearm(Connection& connection) {
  const std::int64_t deadline = Deadline(connection);
  // A later deadline is found out when the earlier one fires, which saves most moves.
  if (!connection.is_scheduled() || deadline < connection.due_ms) {
    wheel_.Schedule(connection, deadline);
  }
}

std::int64_t IoLoop::Deadline(Connection& connection) const {
  const Settings& settings = context_.settings;
  const auto after = [](std::int64_t begin, std::chrono::milliseconds length) { return begin + length.count(); };
  const auto paced = [&](std::int64_t begin, std::chrono::milliseconds length, std::size_t moved) {
    return begin + length.count() + static_cast<std::int64_t>(moved * 1000 / settings.min_bytes_per_second);
  };
  const std::lock_guard lock(connection.mutex);
  const bool is_stuck = !connection.output.empty() && !connection.is_writable;
  const std::int64_t stuck = is_stuck ? after(connection.progress_ms, settings.write_timeout) : TimerWheel::kNever;
  switch (connection.phase) {
    case Phase::kReading:
      if (!connection.reader || connection.reader->is_untouched()) {
        return after(connection.changed_ms, settings.idle_timeout);
      }
      if (!connection.reader->is_in_body()) {
        return after(connection.since_ms, settings.header_timeout);
      }
      return std::min(paced(connection.since_ms, settings.body_timeout, connection.reader->body_received()),
                      after(connection.received_ms, settings.body_timeout));
    case Phase::kExchange:
      return connection.peer_closed_ms >= 0 ? after(connection.peer_closed_ms, settings.half_close_grace)
                                            : after(now_ms_, settings.idle_timeout);
    case Phase::kStreaming:
      return std::min(stuck, connection.peer_closed_ms >= 0
                                 ? after(connection.peer_closed_ms, settings.half_close_grace)
                                 : after(now_ms_, settings.idle_timeout));
    case Phase::kAnswering:
    case Phase::kDraining:
      return std::min(stuck, paced(connection.changed_ms, settings.write_timeout, connection.answer_sent));
    case Phase::kOpen:
      return std::min(stuck, connection.awaits_pong ? after(connection.ping_ms, settings.ws_pong_timeout)
                                                    : after(connection.ping_ms, settings.ws_ping_interval));
    case Phase::kClosing:
      return after(connection.changed_ms, settings.ws_close_timeout);
    case Phase::kLingering:
      return after(connection.since_ms, settings.linger_timeout);
    case Phase::kFree:
      break;
  }
  return TimerWheel::kNever;
}

void IoLoop::Expire(Connection& connection) {
  Phase phase = Phase::kFree;
  {
    const std::lock_guard lock(connection.mutex);
    phase = connection.phase;
  }
  if (phase == Phase::kReading && connection.reader && !connection.reader->is_untouched()) {
    return RefuseLate(connection);
  }
  if (phase == Phase::kOpen) {
    return ExpireWebSocket(connection);
  }
  Kill(connection, kCloseAbnormal);
}

// The number is of no more use from here on; the handler hears of it when nothing of it runs any more.
void IoLoop::EndNumber(Connection& connection, std::uint16_t code) {
  std::uint64_t ended = 0;
  {
    const std::lock_guard lock(connection.mutex);
    ended = std::exchange(connection.number, 0);
    // Whoever closed it is told the code he gave, however the client takes it.
    code = connection.phase == Phase::kClosing || connection.phase == Phase::kAnswering ? connection.close_code : code;
    if (ended != 0 && (connection.phase == Phase::kOpen || connection.phase == Phase::kClosing)) {
      context_.counters.open_websockets--;
    }
    if (ended != 0 && connection.phase == Phase::kStreaming) {
      context_.counters.open_streams--;
    }
    if (!connection.is_announced) {
      return;
    }
    connection.is_announced = false;
    if (connection.tasks > 0) {
      connection.ended_number = ended;
      connection.ended_code = code;
      return;
    }
  }
  if (ended != 0) {
    context_.handler.OnClose(ended, code);
  }
}

void IoLoop::Kill(Connection& connection, std::uint16_t code) {
  EndNumber(connection, code);
  TimerWheel::Cancel(connection);
  if (connection.wants_turn) {
    turns_.erase(std::find(turns_.begin(), turns_.end(), &connection));
    connection.wants_turn = false;
  }
  HoldBytes(connection, 0);
  connection.reader.reset();
  connection.frames.reset();
  connection.input = std::string();
  connection.is_readable = connection.is_broken = connection.is_hung_up = connection.awaits_pong = false;
  connection.is_registered = false;
  connection.is_writable = true;
  connection.peer_closed_ms = -1;
  const bool was_surplus = connection.is_surplus;
  bool release = false;
  {
    const std::lock_guard lock(connection.mutex);
    if (connection.phase == Phase::kFree) {
      return;
    }
    // Said before closing: a child that was just forked may still hold the socket, and epoll with it.
    epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.descriptor, nullptr);
    close(connection.descriptor);
    connection.descriptor = -1;
    connection.phase = Phase::kFree;
    connection.output.Clear();
    connection.pong = std::string();
    connection.wants_writable = connection.must_resume = connection.is_handling_messages = false;
    release = connection.tasks == 0;
  }
  if (!was_surplus) {
    context_.counters.open_connections--;
  }
  if (release) {
    context_.table.Release(connection);
  }
}

void IoLoop::HoldBytes(Connection& connection, std::size_t bytes) {
  const auto change = static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(connection.held_bytes);
  if (change != 0) {
    context_.counters.request_bytes_held += change;
    connection.held_bytes = bytes;
  }
}

bool IoLoop::IsOverMemory() const {
  return context_.counters.request_bytes_held.load() >
         static_cast<std::int64_t>(context_.settings.request_memory_bytes);
}

}  // namespace tutti::transport::http
