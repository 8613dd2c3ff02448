// A gateway over the real dispatcher, call table, bus and executor, with a scripted plugin behind and a fake transport
// before it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/gateway/gateway.h"
#include "tests/host/gateway/fake_transport.h"
#include "tests/host/gateway/scripted_plugin.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

struct TestRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool is_upgrade = false;
  std::string host = "127.0.0.1:9403";
  std::string peer = "127.0.0.1:50000";
};

class GatewayTest : public testing::Test {
 protected:
  using Invocation = ScriptedPlugin::Invocation;

  GatewayTest() = default;
  ~GatewayTest() override;

  // To be called first; settings may be left out.
  void Start(const std::string& definitions, GatewaySettings settings = {});

  // What a command does; by default it answers {"command","args","principal"}.
  void On(const std::string& command, std::function<void(Invocation)> handler);

  // Ends an invocation.
  void Finish(const Invocation& invocation, Result<std::string> result);

  // Sends a request and returns its exchange.
  std::uint64_t Send(const TestRequest& request);
  SentResponse Ask(const TestRequest& request);
  SentResponse Get(const std::string& target);
  SentResponse Post(const std::string& target, const std::string& body);

  // A text message of the client.
  void Say(std::uint64_t connection, const std::string& message);

  void Publish(const std::string& stream, std::uint64_t seq, const std::string& data);

  // Everything published so far has been delivered.
  void Settle();

  [[nodiscard]] std::vector<Access> accesses();

  Executor executor_{{2, 1024}};
  CallTable calls_{executor_, {}};
  Routes routes_;
  EventBus events_{executor_, 1024};
  FakeTransport transport_;
  std::vector<Dependency> dependencies_;
  std::unique_ptr<Gateway> gateway_;

 private:
  void Invoke(const Invocation& invocation);

  Store store_{executor_, calls_, routes_, events_};
  HookPipeline hooks_{executor_, calls_, routes_, store_, {}, [](std::string_view, std::string) {}};
  Dispatcher dispatcher_{executor_, calls_, routes_, hooks_, store_, {.timeout_ms = 60000, .audit = false}};
  std::mutex mutex_;
  std::map<std::string, std::function<void(Invocation)>> handlers_;  // guarded by mutex_
  std::vector<Access> accesses_;                                     // guarded by mutex_
  std::unique_ptr<ScriptedPlugin> plugin_;
  std::uint64_t next_exchange_ = 1;
};

}  // namespace tutti::host
