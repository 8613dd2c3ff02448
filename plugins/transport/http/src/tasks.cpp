#include "tasks.h"

#include <utility>

#include "io_loop.h"

namespace tutti::transport::http {
namespace {

// The last task of a connection that has ended says so to the handler and gives the slot back.
void FinishTask(Context& context, Connection& connection, bool handled_messages) {
  bool attend = false;
  bool release = false;
  std::uint64_t ended = 0;
  std::uint16_t code = 0;
  IoLoop* const loop = connection.loop;
  {
    const std::lock_guard lock(connection.mutex);
    if (handled_messages) {
      connection.is_handling_messages = false;
      attend = connection.must_resume && connection.phase != Phase::kFree && !connection.has_attention;
      connection.has_attention = connection.has_attention || attend;
    }
    if (--connection.tasks == 0) {
      ended = std::exchange(connection.ended_number, 0);
      code = connection.ended_code;
      release = connection.phase == Phase::kFree;
    }
  }
  if (attend) {
    loop->Attend(connection);
  }
  if (ended != 0) {
    context.handler.OnClose(ended, code);
  }
  if (release) {
    context.table.Release(connection);
  }
}

}  // namespace

void RequestTask::Run() {
  bool is_wanted = false;
  {
    const std::lock_guard lock(connection_.mutex);
    is_wanted = connection_.number == number_;
    connection_.is_announced = connection_.is_announced || is_wanted;
  }
  if (is_wanted) {
    context_.handler.OnRequest({
        .exchange = number_,
        .is_upgrade = request_->is_upgrade,
        .method = request_->method,
        .target = request_->target,
        .headers = request_->headers,
        .body = request_->body,
        .peer = connection_.peer,
        .local = connection_.local,
    });
  }
  request_.reset();
  FinishTask(context_, connection_, false);
}

MessageTask::MessageTask(Context& context, Connection& connection, std::uint64_t number, std::vector<Message> messages)
    : connection_(connection), context_(context), number_(number), messages_(std::move(messages)) {
  for (const Message& message : messages_) {
    held_bytes_ += message.text.size();
  }
  context_.counters.request_bytes_held += static_cast<std::int64_t>(held_bytes_);
}

void MessageTask::Run() {
  for (const Message& message : messages_) {
    context_.handler.OnMessage(number_, message.text, message.is_text);
  }
  messages_.clear();
  FinishTask(context_, connection_, true);
}

}  // namespace tutti::transport::http
