// A client that does not read, beside those that do.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"
#include "tests/support/raw_connection.h"

namespace tutti::test {
namespace {

constexpr int kSmallBuffer = 65536;
constexpr int kTurns = 5;

TEST_F(Orchestrator, O47_StalledClientDelaysNeitherClientsNorAgents) {
  RawConnection stalled(server().port(), kSmallBuffer);
  ASSERT_TRUE(stalled.Upgrade());
  WebSocketClient second(server().port());
  ASSERT_EQ(second.WaitForType("connection_established"), 0);
  const std::string agent = CreateAgent("builder");

  // More than the kernel holds for the stalled one, so that the rest is the server's to keep or to drop.
  const std::string text = "take note of " + std::string(1 << 20, 'x');
  for (int turn = 0; turn < kTurns; ++turn) {
    const int said = SayAndWait(text + std::to_string(turn));
    EXPECT_TRUE(client().Message(said)["message"]["message"].AsString() == text + std::to_string(turn)) << turn;
    EXPECT_EQ(LastLine(), "noted");
    const int first = CommandAndWait("builder", "work");
    EXPECT_GE(WaitForStatus(agent, "idle", first), 0);
    EXPECT_EQ(Get("/list_agents").json()["agents"][0]["status"].AsString(), "idle");
  }

  // The others have everything, in the same order.
  const std::vector<std::string> messages = client().messages();
  ASSERT_GE(second.WaitFor([&](JsonView message) { return message.Dump() == messages.back(); }), 0);
  std::vector<std::string> seen = second.messages();
  seen.resize(std::min(seen.size(), messages.size()));
  EXPECT_TRUE(std::equal(messages.begin() + 1, messages.end(), seen.begin() + 1, seen.end()));
  for (const std::string& message : messages) {
    EXPECT_FALSE(message.starts_with(R"({"type":"gap")")) << message;
  }
}

}  // namespace
}  // namespace tutti::test
