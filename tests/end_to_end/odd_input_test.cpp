// Input that no page sends: a clear answer each time, and no turn is lost.
#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"
#include "tests/support/raw_connection.h"

namespace tutti::test {
namespace {

constexpr const char* kNobody = "00000000-0000-4000-8000-000000000000";
constexpr int kMessages = 12;

class OddInput : public Orchestrator {
 protected:
  // Nothing before may have harmed it.
  void TearDown() override {
    SayAndWait("say alive");
    EXPECT_EQ(LastLine(), "alive");
    Orchestrator::TearDown();
  }

  std::string ChatBody(const std::string& message, const std::string& orchestrator) {
    return JsonObject()("message", message)("orchestrator_agent_id", orchestrator).Take();
  }

  std::string Stored(const std::string& table) { return Rows("SELECT count(*) AS n FROM " + table).at(0).at("n"); }
};

TEST_F(OddInput, ControlCharactersAndUnusualOnesComeBackByteForByte) {
  std::string controls;
  for (char c = 1; c < 0x20; ++c) {
    controls += c;
  }
  const std::string texts[] = {
      "odd text " + controls + "\x7F.",
      "odd text \xC2\x85 \xE2\x80\xA8 \xE2\x80\xA9.",                               // line ends of Unicode
      "odd text \xE2\x80\xAEleft to right\xE2\x80\xAC.",                            // direction overrides
      "odd text \xEF\xBB\xBF\xE2\x80\x8B\xEF\xBF\xBE.",                             // marks that show nothing
      "odd text e\xCC\x81 \xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9.",           // combined characters
      "odd text \x1B[31mred\x1B[0m \x1B]0;title\x07.",                              // a terminal's commands
      "odd text </script><img src=x onerror=alert(1)> &amp; <!-- [/red] %n ${x}.",  // markup and formats
  };
  for (const std::string& text : texts) {
    const int first = SayAndWait(text);
    EXPECT_EQ(client().Message(first)["message"]["message"].AsString(), text);
    EXPECT_EQ(LastLine(), text);
    const Json chat = Post("/load_chat", JsonObject()("orchestrator_agent_id", id_)("limit", 2).Take()).json();
    EXPECT_EQ(chat["messages"][0]["message"].AsString(), text);
    EXPECT_EQ(chat["messages"][1]["message"].AsString(), text);
  }
}

TEST_F(OddInput, HalfCharactersBecomeTheReplacementCharacterLiveAndStored) {
  const std::string replacement = "\xEF\xBF\xBD";
  const std::pair<std::string, std::string> cases[] = {
      {R"(odd text \ud83d.)", "odd text " + replacement + "."},
      {R"(odd text \udc00\ud800.)", "odd text " + replacement + replacement + "."},
      {R"(odd text \u0000\u0001.)", "odd text " + replacement + "\x01."},
      {"odd text \xED\xA0\x80.", "odd text " + replacement + replacement + replacement + "."},
      {"odd text \xC0\xAF.", "odd text " + replacement + replacement + "."},
      {"odd text \xF5\x80.", "odd text " + replacement + replacement + "."},
  };
  for (const auto& [sent, expected] : cases) {
    const int first = static_cast<int>(client().messages().size());
    const HttpAnswer answer =
        Post("/send_chat", R"({"message":")" + sent + R"(","orchestrator_agent_id":")" + id_ + "\"}");
    ASSERT_EQ(answer.status, 200) << sent << answer.body;
    ASSERT_GE(client().WaitForType("orchestrator_updated", first), 0) << sent << server().output();
    EXPECT_EQ(client().Message(first)["message"]["message"].AsString(), expected) << sent;
    const Json chat = Post("/load_chat", JsonObject()("orchestrator_agent_id", id_)("limit", 2).Take()).json();
    EXPECT_EQ(chat["messages"][0]["message"].AsString(), expected) << sent;
    EXPECT_EQ(LastLine(), expected) << sent;
  }
}

TEST_F(OddInput, LongCommandReachesTheAgentWholeAndItsLogIsShort) {
  const std::string agent = CreateAgent("builder");
  const std::string command = "take note of " + std::string(60000, 'y');
  CommandAndWait("builder", command);
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "idle");
  EXPECT_TRUE(Rows("SELECT prompt_text FROM prompts").at(0).at("prompt_text") == command);
  const Json events = Get("/get_events?event_types=agent_logs&limit=300&agent_id=" + agent).json();
  std::map<std::string, std::int64_t> lengths;
  events["events"].ForEach([&](JsonView event) {
    lengths[std::string(event["event_type"].AsString())] = event["payload"]["prompt_length"].AsInt();
    EXPECT_LT(event.Dump().size(), 10000U) << event["event_type"].AsString();
  });
  EXPECT_EQ(lengths["UserPromptSubmit"], static_cast<std::int64_t>(command.size()));
}

TEST_F(OddInput, BodiesAndFramesBeyondTheirBoundAreRefused) {
  const std::string huge(17 << 20, 'h');
  EXPECT_EQ(Post("/send_chat", ChatBody(huge, id_)).status, 413);
  EXPECT_EQ(Stored("orchestrator_chat"), "0");
  RawConnection connection(server().port());
  ASSERT_TRUE(connection.Upgrade());
  // A frame that says it has 64 GiB: 0x82, a 64-bit length with the mask bit, a mask.
  (void)connection.Send(std::string("\x82\xFF\x00\x00\x00\x10\x00\x00\x00\x00\x01\x02\x03\x04", 14));
  EXPECT_TRUE(connection.ReadUntil("\x88")) << "no close frame";
  EXPECT_TRUE(client().is_open());
}

TEST_F(OddInput, UnknownIdsAreToldApartFromBrokenOnes) {
  const std::string long_id(4000, 'f');
  for (const std::string& broken :
       {std::string("nonsense"), std::string("' OR 1=1 --"), std::string("../../etc/passwd"), std::string(), id_ + " ",
        std::string("00000000-0000-4000-8000-00000000000g"), long_id}) {
    EXPECT_EQ(Post("/send_chat", ChatBody("say x", broken)).status, 422) << broken;
    EXPECT_EQ(Post("/load_chat", JsonObject()("orchestrator_agent_id", broken).Take()).status, 422) << broken;
  }
  for (const char* broken : {"nonsense", "%27%20OR%201=1%20--", "..%2F..%2Fetc%2Fpasswd", "%00", "%FF"}) {
    EXPECT_EQ(Get(std::string("/get_events?agent_id=") + broken).status, 422) << broken;
    EXPECT_EQ(Get(std::string("/v1/runs/") + broken).status, 422) << broken;
  }
  const HttpAnswer nobody = Post("/send_chat", ChatBody("say x", kNobody));
  EXPECT_EQ(nobody.status, 404);
  EXPECT_NE(nobody.json()["detail"].AsString().find(kNobody), std::string_view::npos) << nobody.body;
  EXPECT_EQ(Get(std::string("/get_events?event_types=agent_logs&agent_id=") + kNobody).json()["count"].AsInt(-1), 0);
  EXPECT_EQ(Get(std::string("/v1/runs/") + kNobody).status, 404);
  EXPECT_EQ(Stored("orchestrator_chat"), "0");
}

TEST_F(OddInput, NamesThatNoAgentHasAreAnsweredWithWhatToDo) {
  for (const char* request : {"command <b>nobody</b> work", "check ' OR 1=1 --x", "delete ../../etc", "check %00"}) {
    SayAndWait(request);
    EXPECT_FALSE(LastLine().empty()) << request;
    EXPECT_FALSE(LastLine().starts_with("tool said: ")) << request << ": " << LastLine();
  }
  EXPECT_EQ(Stored("agents"), "0");
  EXPECT_EQ(Stored("prompts"), "0");
}

TEST_F(OddInput, TwoClientsAtOnceLoseNoMessage) {
  WebSocketClient second(server().port());
  ASSERT_EQ(second.WaitForType("connection_established"), 0);
  const auto send = [this](const std::string& text) {
    HttpAnswer answer = Post("/send_chat", ChatBody(text, id_));
    // Too much at once is said, with the time after which to try again.
    while (answer.status == 429 && answer.headers.contains("Retry-After")) {
      answer = Post("/send_chat", ChatBody(text, id_));
    }
    EXPECT_EQ(answer.status, 200) << answer.body;
  };
  const auto talk = [send](const std::string& who) {
    std::vector<std::string> accepted;
    for (int i = 0; i < kMessages; ++i) {
      const std::string text = "odd text " + who + " " + std::to_string(i) + ".";
      send(text);
      accepted.push_back(text);
    }
    return accepted;
  };
  std::future<std::vector<std::string>> other = std::async(std::launch::async, talk, "two");
  std::vector<std::string> accepted = talk("one");
  for (const std::string& text : other.get()) {
    accepted.push_back(text);
  }
  send("odd text end.");
  // Whatever was still waiting is answered in the same turn.
  const int end = client().WaitFor([](JsonView message) {
    return message["message"]["sender_type"].AsString() == "orchestrator" &&
           message["message"]["message"].AsString().ends_with("odd text end.");
  });
  ASSERT_GE(end, 0) << server().output();
  ASSERT_GE(client().WaitForType("orchestrator_updated", end), 0);

  // Each stands once in the chat, and the model has heard each, however many turns were replaced before they began.
  std::string heard;
  for (const DatabaseView::Row& row : Rows("SELECT content FROM runs_messages WHERE role = 'user'")) {
    heard += row.at("content") + "\n";
  }
  for (const std::string& text : accepted) {
    EXPECT_EQ(Rows("SELECT id FROM orchestrator_chat WHERE sender_type = 'user' AND message = ?", {text}).size(), 1U)
        << text;
    EXPECT_NE(heard.find(text), std::string::npos) << text << " in\n" << heard;
  }
  EXPECT_EQ(Rows("SELECT id FROM runs_runs WHERE status IN ('queued', 'running', 'waiting')").size(), 0U);
  EXPECT_EQ(Rows("SELECT DISTINCT conversation FROM runs_runs").size(), 1U);

  // Both saw the same in the same order.
  const std::vector<std::string> mine = client().messages();
  ASSERT_GE(second.WaitFor([&](JsonView message) { return message.Dump() == mine.back(); }), 0);
  const std::vector<std::string> theirs = second.messages();
  EXPECT_TRUE(std::equal(mine.begin() + 1, mine.end(), theirs.begin() + 1, theirs.end()));
}

}  // namespace
}  // namespace tutti::test
