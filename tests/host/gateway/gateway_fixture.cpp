#include "tests/host/gateway/gateway_fixture.h"

#include <future>

#include "tutti/sdk/call.hpp"

namespace tutti::host {

GatewayTest::~GatewayTest() {
  executor_.Stop();
  gateway_.reset();
  routes_.Set(nullptr);
}

void GatewayTest::Start(const std::string& definitions, GatewaySettings settings) {
  plugin_ = std::make_unique<ScriptedPlugin>(definitions, [this](const Invocation& call) { Invoke(call); });
  routes_.Set(plugin_->MakeTable());
  Gateway::Sources sources;
  sources.dependencies = [this] { return dependencies_; };
  sources.metrics = [] { return std::string("tutti_calls_total 1\n"); };
  sources.on_access = [this](const Access& access) {
    const std::lock_guard lock(mutex_);
    accesses_.push_back(access);
  };
  gateway_ = std::make_unique<Gateway>(Gateway::Services{dispatcher_, routes_, events_, calls_, store_, executor_},
                                       std::move(settings), std::move(sources));
  gateway_->SetListenAddresses({"127.0.0.1:9403"});
}

void GatewayTest::On(const std::string& command, std::function<void(Invocation)> handler) {
  const std::lock_guard lock(mutex_);
  handlers_[command] = std::move(handler);
}

void GatewayTest::Invoke(const Invocation& invocation) {
  std::function<void(Invocation)> handler;
  {
    const std::lock_guard lock(mutex_);
    handler = handlers_[invocation.command];
  }
  if (handler) {
    handler(invocation);
    return;
  }
  Finish(invocation, JsonObject()("command", invocation.command)
                         .Raw("args", invocation.args)("principal", invocation.principal)("surface", invocation.surface)
                         .Take());
}

void GatewayTest::Finish(const Invocation& invocation, Result<std::string> result) {
  calls_.Finish(invocation.call, ScriptedPlugin::kId, std::move(result));
}

std::uint64_t GatewayTest::Send(const TestRequest& request) {
  std::vector<tutti_header> headers;
  if (!request.host.empty()) {
    headers.push_back({Str("Host"), Str(request.host)});
  }
  for (const auto& [name, value] : request.headers) {
    headers.push_back({Str(name), Str(value)});
  }
  tutti_request raw{};
  raw.size = sizeof raw;
  raw.exchange = next_exchange_++;
  raw.is_upgrade = request.is_upgrade ? 1 : 0;
  raw.method = Str(request.method);
  raw.target = Str(request.target);
  raw.headers = headers.data();
  raw.header_count = headers.size();
  raw.body = Str(request.body);
  raw.peer = Str(request.peer);
  raw.local = Str("127.0.0.1:9403");
  gateway_->OnRequest(transport_, raw);
  return raw.exchange;
}

SentResponse GatewayTest::Ask(const TestRequest& request) {
  const auto response = transport_.WaitForResponse(Send(request));
  EXPECT_TRUE(response.has_value()) << request.method << " " << request.target << " was not answered";
  return response.value_or(SentResponse{});
}

SentResponse GatewayTest::Get(const std::string& target) {
  return Ask({.target = target});
}

SentResponse GatewayTest::Post(const std::string& target, const std::string& body) {
  return Ask({.method = "POST", .target = target, .headers = {{"Content-Type", "application/json"}}, .body = body});
}

void GatewayTest::Say(std::uint64_t connection, const std::string& message) {
  gateway_->OnMessage(transport_, connection, message, true);
}

std::vector<Access> GatewayTest::accesses() {
  const std::lock_guard lock(mutex_);
  return accesses_;
}

void GatewayTest::Publish(const std::string& stream, std::uint64_t seq, const std::string& data) {
  Event event;
  event.stream = stream;
  event.seq = seq;
  event.data = data;
  events_.Publish(std::move(event));
}

void GatewayTest::Settle() {
  std::promise<void> done;
  events_.After([&done] { done.set_value(); });
  ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

}  // namespace tutti::host
