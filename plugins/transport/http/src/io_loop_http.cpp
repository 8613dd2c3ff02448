// The part of IoLoop that reads requests and ends answers.
#include <memory>
#include <string>
#include <utility>

#include "io_loop.h"
#include "response_writer.h"

namespace tutti::transport::http {
namespace {

Refusal Busy(std::string what) {
  return {503, std::move(what) + "; try again in a second", "Retry-After: 1\r\n"};
}

}  // namespace

bool IoLoop::ReadRequest(Connection& connection) {
  std::size_t budget = kBytesPerTurn;
  while (const MaybeBytes bytes = NextBytes(connection, budget)) {
    if (FeedRequest(connection, *bytes)) {
      return true;
    }
  }
  return connection.is_broken;
}

bool IoLoop::FeedRequest(Connection& connection, std::string_view bytes) {
  const Settings& settings = context_.settings;
  if (!connection.reader) {
    connection.reader = std::make_unique<RequestReader>(
        ReaderLimits{{settings.target_bytes, settings.header_count, settings.body_bytes}, settings.header_bytes});
  }
  RequestReader& reader = *connection.reader;
  const bool was_untouched = reader.is_untouched();
  const bool was_in_body = reader.is_in_body();
  const std::size_t taken = reader.Feed(bytes);
  HoldBytes(connection, reader.buffered());
  if (reader.refusal()) {
    Refuse(connection, *reader.refusal());
    return true;
  }
  if (IsOverMemory()) {
    Refuse(connection, Busy("this server holds its limit of request bytes"));
    return true;
  }
  if (reader.is_complete()) {
    Dispatch(connection, bytes.substr(taken));
    return true;
  }
  if (was_untouched || (!was_in_body && reader.is_in_body())) {
    connection.since_ms = now_ms_;
  }
  if (!reader.TakeContinue()) {
    return false;
  }
  const std::lock_guard lock(connection.mutex);
  connection.output.Push(std::make_shared<const std::string>("HTTP/1.1 100 Continue\r\n\r\n"));
  return true;
}

void IoLoop::Dispatch(Connection& connection, std::string_view behind) {
  std::unique_ptr<Request> request = connection.reader->Take();
  connection.reader.reset();
  connection.input.assign(behind);
  connection.answer_sent = 0;
  const std::uint64_t number = context_.table.NewNumber(connection);
  {
    const std::lock_guard lock(connection.mutex);
    connection.phase = Phase::kExchange;
    connection.number = number;
    connection.is_announced = false;
    connection.keeps_alive = request->keeps_alive;
    connection.is_http_1_0 = request->is_http_1_0;
    connection.is_head_method = request->is_head_method;
    connection.is_upgrade = request->is_upgrade;
    connection.websocket_key = request->websocket_key;
    ++connection.tasks;
  }
  context_.counters.requests++;
  // The task counts the bytes from here on, until the handler has returned.
  const std::size_t held = std::exchange(connection.held_bytes, 0);
  HoldBytes(connection, behind.size());
  request_tasks_.push_back(std::make_unique<RequestTask>(context_, connection, number, std::move(request), held));
}

void IoLoop::Refuse(Connection& connection, const Refusal& refusal) {
  const bool is_head_method = connection.reader && connection.reader->request().is_head_method;
  auto bytes = std::make_shared<const std::string>(RefusalBytes(refusal, is_head_method));
  connection.answer_sent = 0;
  {
    const std::lock_guard lock(connection.mutex);
    connection.output.Push(std::move(bytes));
    connection.phase = Phase::kDraining;
    connection.changed_ms = now_ms_;
  }
  HoldBytes(connection, 0);
  connection.reader.reset();
  context_.counters.requests_refused++;
}

void IoLoop::RefuseLate(Connection& connection) {
  const Settings& settings = context_.settings;
  if (connection.reader->is_in_body()) {
    return Refuse(connection,
                  {408,
                   "expected the body within " + std::to_string(settings.body_timeout.count()) +
                       " ms, or one second more for each " + std::to_string(settings.min_bytes_per_second) + " bytes",
                   {}});
  }
  Refuse(
      connection,
      {408, "expected a whole header section within " + std::to_string(settings.header_timeout.count()) + " ms", {}});
}

void IoLoop::RejectTask(RequestTask& task) {
  Connection& connection = task.connection();
  {
    const std::lock_guard lock(connection.mutex);
    --connection.tasks;
    connection.number = 0;
  }
  Refuse(connection, Busy("this server has its limit of requests waiting"));
  Drive(connection);
}

bool IoLoop::FinishAnswer(Connection& connection) {
  {
    const std::lock_guard lock(connection.mutex);
    if (!connection.output.empty()) {
      return false;
    }
  }
  // Of an answer that was begun, whose number nobody has taken back yet.
  EndNumber(connection, kCloseNormal);
  const std::lock_guard lock(connection.mutex);
  connection.phase = connection.keeps_alive && !context_.is_paused ? Phase::kReading : Phase::kDraining;
  connection.changed_ms = now_ms_;
  return true;
}

}  // namespace tutti::transport::http
