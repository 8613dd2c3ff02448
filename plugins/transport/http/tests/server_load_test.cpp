// Many connections of every awkward kind at once.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <string>
#include <vector>

#include "server.h"
#include "test_client.h"
#include "test_handler.h"

namespace tutti::transport::http::testing {
namespace {

int ThreadCount() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.rfind("Threads:", 0) == 0) {
      return std::stoi(line.substr(8));
    }
  }
  return -1;
}

bool RaiseDescriptorLimit(rlim_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min(limit.rlim_max, std::max(limit.rlim_cur, wanted));
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur >= wanted;
}

TEST(ServerLoad, IdleSlowAndStalledClientsHoldNoThreadAndStopNobody) {
  constexpr int kIdle = 1000;
  constexpr int kWebSockets = 1000;
  constexpr int kSlow = 8;
  ASSERT_TRUE(RaiseDescriptorLimit(2 * (kIdle + kWebSockets) + 200)) << "raise the hard limit of open files";
  Settings settings = TestSettings();
  settings.workers = 2;
  TestServer server(settings);
  const std::string large(8 * 1024 * 1024, 'a');
  server.on_request = [&](const RequestView& request) {
    if (request.is_upgrade) {
      EXPECT_TRUE(server.server().Upgrade(request.exchange, {}, {}).ok());
      return;
    }
    server.Respond(request.exchange, request.target == "/large" ? large : "small");
  };
  const int threads = ThreadCount();

  std::vector<TestClient> idle;
  for (int i = 0; i < kIdle; ++i) {
    idle.emplace_back(server.address());
    idle.back().Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_EQ(idle.back().ReadResponse().body, "small");
  }
  std::vector<TestClient> sockets;
  for (int i = 0; i < kWebSockets; ++i) {
    sockets.emplace_back(server.address());
    sockets.back().OpenWebSocket();
  }
  std::vector<TestClient> slow;
  for (int i = 0; i < kSlow; ++i) {
    slow.emplace_back(server.address());
    slow.back().Send(i % 2 == 0 ? "GET / HTTP/1.1\r\nHo"
                                : "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    slow.emplace_back(server.address(), 4096);
    slow.back().Send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  WaitFor("the slow readers' requests", [&] {
    return server.server().counters().requests.load() == static_cast<std::uint64_t>(kIdle + kWebSockets + kSlow);
  });

  for (int i = 0; i < 50; ++i) {
    TestClient fresh(server.address());
    fresh.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_EQ(fresh.ReadResponse().body, "small");
    idle[static_cast<std::size_t>(i) * 20].Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_EQ(idle[static_cast<std::size_t>(i) * 20].ReadResponse().body, "small");
    sockets[static_cast<std::size_t>(i) * 20].Send(MaskedFrame(1, "echo"));
    ASSERT_EQ(sockets[static_cast<std::size_t>(i) * 20].ReadFrame().payload, "echo");
  }

  std::vector<std::uint64_t> connections;
  const auto requests = server.WaitForRequests(kIdle + kWebSockets);
  connections.assign(requests.begin() + kIdle, requests.begin() + kIdle + kWebSockets);
  for (int event = 0; event < 20; ++event) {
    std::vector<Acceptance> accepted(connections.size());
    server.server().Send(connections, "event " + std::to_string(event), accepted);
    for (const Acceptance acceptance : accepted) {
      ASSERT_EQ(acceptance, Acceptance::kAccepted);
    }
  }
  for (TestClient& socket : sockets) {
    for (int event = 0; event < 20; ++event) {
      ASSERT_EQ(socket.ReadFrame().payload, "event " + std::to_string(event));
    }
  }
  EXPECT_EQ(ThreadCount(), threads);
  EXPECT_EQ(server.server().counters().open_websockets.load(), kWebSockets);
  EXPECT_EQ(server.close_count(), 0U);
}

}  // namespace
}  // namespace tutti::transport::http::testing
