// The part of IoLoop that speaks WebSocket.
#include <memory>
#include <utility>

#include "io_loop.h"

namespace tutti::transport::http {
namespace {

// Messages given to a worker at once.
constexpr std::size_t kMessagesPerTask = 64;
constexpr std::uint16_t kCloseTryAgainLater = 1013;

}  // namespace

bool IoLoop::ReadFrames(Connection& connection) {
  if (!connection.frames) {
    connection.frames = std::make_unique<FrameReader>(context_.settings.ws_message_bytes);
    connection.ping_ms = now_ms_;
  }
  {
    const std::lock_guard lock(connection.mutex);
    // Reading waits for the handler, so a client that floods is slowed down by its own socket.
    if (connection.is_handling_messages && connection.phase == Phase::kOpen) {
      return false;
    }
  }
  std::size_t budget = kBytesPerTurn;
  while (const MaybeBytes bytes = NextBytes(connection, budget)) {
    if (FeedFrames(connection, *bytes)) {
      return true;
    }
  }
  return connection.is_broken;
}

bool IoLoop::FeedFrames(Connection& connection, std::string_view bytes) {
  connection.awaits_pong = false;
  std::vector<Message> messages;
  std::optional<FrameEvent> event;
  bool has_pong = false;
  while (!bytes.empty() && messages.size() < kMessagesPerTask) {
    bytes.remove_prefix(connection.frames->Feed(bytes, event));
    if (!event) {
      break;
    }
    if (event->kind == FrameEvent::Kind::kText || event->kind == FrameEvent::Kind::kBinary) {
      messages.push_back({std::move(event->payload), event->kind == FrameEvent::Kind::kText});
    } else if (event->kind == FrameEvent::Kind::kPing) {
      // A pong not sent yet is replaced: only the latest ping needs its answer (RFC 6455 section 5.5.3).
      const std::lock_guard lock(connection.mutex);
      if (connection.phase == Phase::kOpen) {
        connection.pong = EncodeFrame(Opcode::kPong, event->payload);
        has_pong = true;
      }
    } else if (event->kind != FrameEvent::Kind::kPong) {
      DispatchMessages(connection, std::move(messages));
      EndWebSocket(connection, event->code, event->code,
                   event->kind == FrameEvent::Kind::kClose ? std::string_view() : event->payload);
      return true;
    }
  }
  HoldBytes(connection, connection.frames->buffered() + bytes.size());
  connection.input.assign(bytes);
  const bool has_messages = !messages.empty();
  DispatchMessages(connection, std::move(messages));
  if (IsOverMemory()) {
    EndWebSocket(connection, kCloseTryAgainLater, kCloseTryAgainLater, "this server holds its limit of request bytes");
    return true;
  }
  return has_messages || has_pong;
}

void IoLoop::DispatchMessages(Connection& connection, std::vector<Message> messages) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(connection.mutex);
    if (messages.empty() || connection.phase != Phase::kOpen) {
      return;
    }
    connection.is_handling_messages = true;
    ++connection.tasks;
    number = connection.number;
  }
  context_.counters.messages_received += messages.size();
  message_tasks_.push_back(std::make_unique<MessageTask>(context_, connection, number, std::move(messages)));
}

void IoLoop::EndWebSocket(Connection& connection, std::uint16_t ended_code, std::uint16_t sent_code,
                          std::string_view reason) {
  EndNumber(connection, ended_code);
  HoldBytes(connection, 0);
  connection.frames.reset();
  connection.answer_sent = 0;
  const std::lock_guard lock(connection.mutex);
  // In kClosing our close frame went ahead.
  if (connection.phase == Phase::kOpen) {
    connection.output.Push(std::make_shared<const std::string>(EncodeClose(sent_code, reason)));
  }
  connection.phase = Phase::kDraining;
  connection.changed_ms = now_ms_;
}

void IoLoop::ExpireWebSocket(Connection& connection) {
  bool is_handling = false;
  bool is_stuck = false;
  {
    const std::lock_guard lock(connection.mutex);
    is_handling = connection.is_handling_messages;
    is_stuck = !connection.output.empty() && !connection.is_writable &&
               connection.progress_ms + context_.settings.write_timeout.count() <= now_ms_;
  }
  if (is_stuck) {
    return Kill(connection, kCloseAbnormal);
  }
  // While the handler has messages nothing is read, so a pong could not be seen.
  if (connection.awaits_pong && !is_handling) {
    return EndWebSocket(connection, kCloseAbnormal, kCloseInternalError, "expected a pong in time, found none");
  }
  connection.ping_ms = now_ms_;
  if (connection.awaits_pong) {
    return;
  }
  connection.awaits_pong = true;
  const std::lock_guard lock(connection.mutex);
  connection.output.Push(std::make_shared<const std::string>(EncodeFrame(Opcode::kPing, {})));
}

}  // namespace tutti::transport::http
