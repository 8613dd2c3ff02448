// Clients that cost nothing while they wait, and slow ones that cost nobody else.
#include <sys/resource.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/support/raw_connection.h"
#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

constexpr int kIdle = 1000;
constexpr int kSockets = 1000;
constexpr int kSlow = 8;
constexpr int kSmallBuffer = 4096;

class Load : public RunningServer {
 protected:
  void SetUp() override {
    RunningServer::SetUp();
    // The stalled client answers no ping, and is to stay on the slowest machine.
    Overlay("load",
            "version: 1\nplugins:\n  - {id: tutti.models.rehearsal, config: {piece_characters: 10000}}\n"
            "  - {id: tutti.transport.http, config: {ws_pong_timeout_ms: 600000}}\n");
    rlimit limit{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    former_ = limit;
    ASSERT_GE(limit.rlim_max, 8192U) << "the hard limit of descriptors is too low for this test";
    // A login shell's usual limit, which the server inherits; the test itself needs more.
    limit.rlim_cur = 1024;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    Start();
    limit.rlim_cur = 8192;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  }

  void TearDown() override { setrlimit(RLIMIT_NOFILE, &former_); }

  int Threads() {
    std::ifstream status("/proc/" + std::to_string(server().pid()) + "/status");
    std::string word;
    int count = 0;
    while (status >> word) {
      if (word == "Threads:") {
        status >> count;
      }
    }
    return count;
  }

 private:
  rlimit former_{};
};

TEST_F(Load, ThousandsOfIdleAndSlowClientsLeaveRoomForOthers) {
  SayAndWait("say warm");
  const int threads = Threads();

  std::vector<RawConnection> idle;
  for (int i = 0; i < kIdle; ++i) {
    idle.emplace_back(server().port());
    ASSERT_TRUE(idle.back().Send("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
    ASSERT_EQ(StatusOf(idle.back().ReadAnswer()), 200) << i;
  }
  std::vector<RawConnection> sockets;
  for (int i = 0; i < kSockets; ++i) {
    sockets.emplace_back(server().port());
    ASSERT_TRUE(sockets.back().Upgrade()) << i;
  }
  std::vector<RawConnection> slow;
  for (int i = 0; i < kSlow; ++i) {
    slow.emplace_back(server().port());
    const bool in_head = i % 2 == 0;
    ASSERT_TRUE(slow.back().Send(in_head ? "POST /send_chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Ty"
                                         : "POST /send_chat HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                           "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"mess"));
  }
  for (int i = 0; i < kSlow; ++i) {
    slow.emplace_back(server().port(), kSmallBuffer);
    // More answers than the kernel's buffers hold, and nobody reads them.
    for (int request = 0; request < 400; ++request) {
      slow.back().SendWithoutWaiting("GET /v1/commands HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    }
  }

  EXPECT_EQ(Get("/health").json()["websocket_connections"].AsInt(), kSockets + 1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Get("/get_orchestrator").status, 200);
  }
  SayAndWait("say still quick");
  EXPECT_EQ(LastLine(), "still quick");
  EXPECT_EQ(Threads(), threads);

  // They are all still there.
  for (RawConnection& connection : idle) {
    ASSERT_TRUE(connection.Send("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
    ASSERT_EQ(StatusOf(connection.ReadAnswer()), 200);
  }
  EXPECT_EQ(server().Stop(), 0) << server().output();
}

TEST_F(Load, O47_StalledWebSocketDelaysNobodyAndLearnsWhatItMissed) {
  RawConnection stalled(server().port(), 16 * kSmallBuffer);
  ASSERT_TRUE(stalled.Upgrade());
  // More than the kernel and the queue hold: each turn brings the text twice.
  const std::string text(1 << 20, 'x');
  for (int i = 0; i < 4; ++i) {
    SayAndWait("say " + text + std::to_string(i));
    EXPECT_TRUE(LastLine() == text + std::to_string(i)) << i << ": " << LastLine().size() << " bytes";
  }
  for (const std::string& message : client().messages()) {
    EXPECT_FALSE(message.starts_with(R"({"type":"gap")")) << message;
  }
  EXPECT_TRUE(stalled.ReadUntil(R"({"type":"gap")"));
}

}  // namespace
}  // namespace tutti::test
