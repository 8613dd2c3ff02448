#include "test_handler.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace tutti::transport::http::testing {
namespace {

constexpr std::chrono::seconds kPatience{10};

}  // namespace

void WaitFor(std::string_view what, const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "waited ten seconds in vain: " << what;
      return;
    }
    std::this_thread::yield();
  }
}

Settings TestSettings() {
  Settings settings;
  settings.listen = {"127.0.0.1:0"};
  settings.linger_timeout = std::chrono::milliseconds(100);
  return settings;
}

TestServer::TestServer(Settings settings) : server_(std::move(settings), *this) {
  auto listening = server_.Listen();
  EXPECT_TRUE(listening.ok()) << listening.status().ToString();
  if (listening.ok()) {
    address_ = listening->addresses.front();
  }
}

TestServer::~TestServer() {
  server_.Stop(std::chrono::milliseconds(0));
}

template <typename Condition>
void TestServer::Wait(std::string_view what, Condition condition) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, condition)) << "waited ten seconds in vain: " << what;
}

std::vector<std::uint64_t> TestServer::WaitForRequests(std::size_t count) {
  Wait("requests", [&] { return requests_.size() >= count; });
  const std::lock_guard lock(mutex_);
  auto requests = requests_;
  requests.resize(std::max(count, requests.size()));
  return requests;
}

std::vector<std::string> TestServer::WaitForMessages(std::size_t count) {
  Wait("messages", [&] { return messages_.size() >= count; });
  const std::lock_guard lock(mutex_);
  auto messages = messages_;
  messages.resize(std::max(count, messages.size()));
  return messages;
}

std::uint16_t TestServer::WaitForClose(std::uint64_t connection) {
  Wait("a close", [&] { return closed_.count(connection) > 0; });
  const std::lock_guard lock(mutex_);
  return closed_[connection];
}

void TestServer::WaitForWritable(std::uint64_t connection) {
  Wait("a writable connection", [&] { return writable_[connection] > 0; });
}

std::size_t TestServer::close_count() {
  const std::lock_guard lock(mutex_);
  return closed_.size();
}

std::size_t TestServer::message_count() {
  const std::lock_guard lock(mutex_);
  return messages_.size();
}

void TestServer::Respond(std::uint64_t exchange, std::string_view body) {
  const HeaderView type{"Content-Type", "text/plain"};
  const Status status = server_.Respond(exchange, {.status = 200, .headers = {&type, 1}, .body = body});
  EXPECT_TRUE(status.ok()) << status.ToString();
}

Acceptance TestServer::Send(std::uint64_t connection, std::string_view message) {
  Acceptance accepted = Acceptance::kNotFound;
  server_.Send({&connection, 1}, message, {&accepted, 1});
  return accepted;
}

void TestServer::OnRequest(const RequestView& request) {
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request.exchange);
  }
  changed_.notify_all();
  if (on_request) {
    return on_request(request);
  }
  if (request.is_upgrade) {
    EXPECT_TRUE(server_.Upgrade(request.exchange, {}, {}).ok());
    return;
  }
  std::string body(request.method);
  body.append(" ").append(request.target).append(" ").append(request.body);
  Respond(request.exchange, body);
}

void TestServer::OnMessage(std::uint64_t connection, std::string_view message, bool is_text) {
  {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(closed_.count(connection), 0U) << "a message after OnClose";
    messages_.emplace_back(message);
  }
  changed_.notify_all();
  if (on_message) {
    return on_message(connection, message, is_text);
  }
  if (is_text) {
    (void)Send(connection, message);
  }
}

void TestServer::OnWritable(std::uint64_t connection) {
  {
    const std::lock_guard lock(mutex_);
    ++writable_[connection];
  }
  changed_.notify_all();
}

void TestServer::OnClose(std::uint64_t connection, std::uint16_t code) {
  {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(closed_.count(connection), 0U) << "OnClose twice";
    closed_[connection] = code;
  }
  changed_.notify_all();
}

}  // namespace tutti::transport::http::testing
