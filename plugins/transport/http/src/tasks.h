// The work of the pool: one request, or the messages of one read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connection.h"
#include "context.h"
#include "request.h"
#include "worker_pool.h"

namespace tutti::transport::http {

// Gives a request to the handler, unless its client has gone meanwhile.
class RequestTask : public Task {
 public:
  RequestTask(Context& context, Connection& connection, std::uint64_t number, std::unique_ptr<Request> request,
              std::size_t held_bytes)
      : connection_(connection),
        context_(context),
        number_(number),
        request_(std::move(request)),
        held_bytes_(held_bytes) {}

  ~RequestTask() override { context_.counters.request_bytes_held -= static_cast<std::int64_t>(held_bytes_); }

  void Run() override;

  [[nodiscard]] Connection& connection() const { return connection_; }

 private:
  Connection& connection_;
  Context& context_;
  std::uint64_t number_;
  std::unique_ptr<Request> request_;
  std::size_t held_bytes_;
};

struct Message {
  std::string text;
  bool is_text = true;
};

// Gives messages to the handler in order, then lets the connection be read on.
class MessageTask : public Task {
 public:
  MessageTask(Context& context, Connection& connection, std::uint64_t number, std::vector<Message> messages);

  ~MessageTask() override { context_.counters.request_bytes_held -= static_cast<std::int64_t>(held_bytes_); }

  void Run() override;

 private:
  Connection& connection_;
  Context& context_;
  std::uint64_t number_;
  std::vector<Message> messages_;
  std::size_t held_bytes_ = 0;
};

}  // namespace tutti::transport::http
