// Weaknesses of the reference orchestrator that show over the wire, and that are gone; numbers as in the contract.
#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"
#include "tests/support/raw_connection.h"

namespace tutti::test {
namespace {

const std::string kReplacement = "\xEF\xBF\xBD";

class Weaknesses : public Orchestrator {
 protected:
  // A new session on the same data; the id of the orchestrator before.
  std::string BeginAnew() {
    const std::string before = id_;
    EXPECT_EQ(server().Stop(), 0) << server().output();
    StartServer();
    EXPECT_NE(id_, before);
    return before;
  }

  std::string LinesOf(const std::string& orchestrator) {
    return Rows("SELECT count(*) AS n FROM orchestrator_chat WHERE orchestrator_agent_id = ?", {orchestrator})
        .at(0)
        .at("n");
  }

  std::string ChatBody(const std::string& orchestrator) {
    return JsonObject()("message", "say hello")("orchestrator_agent_id", orchestrator).Take();
  }
};

TEST_F(Weaknesses, W03_BodyWithoutAContentTypeIsRefused) {
  const std::string body = ChatBody(id_);
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  const std::pair<const char*, int> cases[] = {
      {"", 415}, {"Content-Type: text/plain\r\n", 415}, {"Content-Type: application/json\r\n", 200}};
  for (const auto& [type, status] : cases) {
    EXPECT_EQ(LinesOf(id_), "0") << type;
    RawConnection connection(server().port());
    ASSERT_TRUE(connection.Send(std::string("POST /send_chat HTTP/1.1\r\nHost: 127.0.0.1\r\n") + type + length +
                                "\r\n" + body));
    EXPECT_EQ(StatusOf(connection.ReadAnswer()), status) << type;
  }
  EXPECT_GE(client().WaitForType("orchestrator_updated"), 0) << server().output();
}

TEST_F(Weaknesses, W08_MessageForAnotherOrchestratorIsRefusedAndStoredNowhere) {
  SayAndWait("say hello");
  const std::string before = BeginAnew();
  const HttpAnswer answer = Post("/send_chat", ChatBody(before));
  EXPECT_EQ(answer.status, 404) << answer.body;
  EXPECT_NE(answer.json()["detail"].AsString().find(id_), std::string_view::npos) << answer.body;
  EXPECT_EQ(LinesOf(before), "2");
  EXPECT_EQ(LinesOf(id_), "0");
}

TEST_F(Weaknesses, W09_NoSuccessIsToldForWhatCannotBeDone) {
  Execute("ALTER TABLE orchestrator_chat RENAME TO orchestrator_chat_elsewhere");
  const HttpAnswer answer = Post("/send_chat", ChatBody(id_));
  EXPECT_GE(answer.status, 400) << answer.body;
  EXPECT_TRUE(answer.json()["detail"].is_string()) << answer.body;
  Execute("ALTER TABLE orchestrator_chat_elsewhere RENAME TO orchestrator_chat");
  SayAndWait("say hello");
  // The turn of the refused message would have come before.
  EXPECT_EQ(Types(),
            (std::vector<std::string>{"connection_established", "orchestrator_chat", "chat_typing", "orchestrator_chat",
                                      "chat_typing", "chat_stream", "orchestrator_updated"}));
  EXPECT_EQ(LinesOf(id_), "2");
}

TEST_F(Weaknesses, W26_CostIsThatOfTheOrchestratorWhichIsAsked) {
  SayAndWait("spend much");
  const std::string before = BeginAnew();
  SayAndWait("say hello");
  SayAndWait("cost");
  EXPECT_NE(LastLine().find("Session: " + id_), std::string::npos) << LastLine();
  EXPECT_NE(LastLine().find("Input tokens: 11\n"), std::string::npos) << LastLine();
  EXPECT_EQ(server().Stop(), 0) << server().output();
  StartServer(before);
  SayAndWait("cost");
  EXPECT_NE(LastLine().find("Input tokens: 159,000\n"), std::string::npos) << LastLine();
}

TEST_F(Weaknesses, W27_SystemLogsOfOtherOrchestratorsAreNotShown) {
  SayAndWait("think and list");
  const auto stored = [this](const std::string& orchestrator) {
    int count = 0;
    for (const DatabaseView::Row& row : Rows("SELECT metadata FROM system_logs")) {
      count += row.at("metadata").find(orchestrator) != std::string::npos ? 1 : 0;
    }
    return count;
  };
  const std::string before = BeginAnew();
  EXPECT_EQ(stored(before), 2);
  EXPECT_EQ(Get("/get_events?event_types=system_logs").json()["count"].AsInt(-1), 0);
  SayAndWait("find log ponder");
  EXPECT_NE(LastLine().find("No system logs found"), std::string::npos) << LastLine();
  const Json mine = Get("/get_events?event_types=system_logs").json();
  EXPECT_EQ(mine["count"].AsInt(), 1);
  EXPECT_EQ(mine["events"][0]["metadata"]["orchestrator_agent_id"].AsString(), id_);
}

TEST_F(Weaknesses, W31_WhoWasAwayReadsWhatWasMissed) {
  SayAndWait("say before");
  WebSocketClient steady(server().port());
  ASSERT_EQ(steady.WaitForType("connection_established"), 0);
  std::int64_t last = 0;
  Get("/v1/events?since=0&limit=1000").json().view()["events"].ForEach([&](JsonView event) {
    last = event["seq"].AsInt();
  });
  client().Close();

  ConnectClient();
  Say("say meanwhile");
  const int end = steady.WaitForType("orchestrator_updated");
  ASSERT_GE(end, 0) << server().output();
  const std::set<std::string> passing = {"connection_established", "chat_typing", "chat_stream"};
  std::vector<std::string> seen;
  for (int i = 0; i <= end; ++i) {
    const Json message = steady.Message(i);
    if (!passing.contains(std::string(message["type"].AsString()))) {
      seen.push_back(message.view().Dump());
    }
  }
  std::vector<std::string> missed;
  Get("/v1/events?limit=1000&since=" + std::to_string(last)).json().view()["events"].ForEach([&](JsonView event) {
    // Who sends no `since` is not told of Tutti's own types.
    if (event["type"].AsString().find('.') == std::string_view::npos) {
      missed.push_back(event["data"].Dump());
    }
  });
  EXPECT_EQ(missed, seen);
  EXPECT_EQ(missed.size(), 3U);
}

TEST_F(Weaknesses, W32_ProgramThatRunsKeepsNobodyWaiting) {
  const std::string agent = CreateAgent("builder");
  const int first = SayAndWait("command builder wait for go");
  ASSERT_GE(WaitForStatus(agent, "executing", first), 0);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!std::filesystem::exists(working_directory_ + "/begun")) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << server().output();
  }
  // More than there are workers.
  for (const char* target : {"/health", "/get_orchestrator", "/list_agents", "/get_events?limit=300", "/get_headers",
                             "/v1/runs", "/metrics", "/health/ready"}) {
    EXPECT_EQ(Get(target).status, 200) << target;
  }
  SayAndWait("say still here");
  EXPECT_EQ(LastLine(), "still here");
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "executing");
  directory_.WriteFile("work/go", "");
  EXPECT_GE(WaitForStatus(agent, "idle", first), 0) << server().output();
  EXPECT_EQ(Rows("SELECT content FROM agent_logs WHERE content = 'went'").size(), 1U);
}

TEST_F(Weaknesses, W38_NulAndBrokenTextOfModelsAndToolsLoseNothing) {
  SayAndWait("emit odd bytes");
  EXPECT_EQ(LastLine(), "done");
  const std::string agent = CreateAgent("builder");
  CommandAndWait("builder", "emit odd bytes");
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "idle");

  std::map<std::string, std::string> payloads;
  Get("/get_events?event_types=agent_logs&limit=300&agent_id=" + agent)
      .json()
      .view()["events"]
      .ForEach([&](JsonView event) {
        if (event["task_slug"].AsString().starts_with("emit-odd-bytes-")) {
          payloads[std::string(event["event_type"].AsString())] += event["payload"].Dump();
        }
      });
  const std::pair<const char*, std::string> expected[] = {
      {"thinking", "thin" + kReplacement + "king"},
      {"text", "te" + kReplacement + "xt"},
      {"tool_use", "printf 'a" + kReplacement + "b'"},
      {"PreToolUse", "printf 'a" + kReplacement + "b'"},
      {"PostToolUse", "x" + kReplacement + "y" + kReplacement + "z"},
      {"Stop", "end_turn"},
  };
  for (const auto& [type, text] : expected) {
    EXPECT_NE(payloads[type].find(text), std::string::npos) << type << ": " << payloads[type];
  }
  const std::string chat = Post("/load_chat", JsonObject()("orchestrator_agent_id", id_)("limit", 300).Take()).body;
  for (const std::string& text : {"thin" + kReplacement + "king", "te" + kReplacement + "xt"}) {
    EXPECT_NE(chat.find(text), std::string::npos) << chat;
  }
}

// Every value that is a time, however deep.
void ExpectTimes(JsonView value, std::string_view name, int* count) {
  static const re2::RE2 kUtc(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00)");
  value.ForEach([&](JsonView element) { ExpectTimes(element, name, count); });
  value.ForEachMember([&](std::string_view member, JsonView inner) { ExpectTimes(inner, member, count); });
  if (value.is_string() && (name == "timestamp" || name.ends_with("_at"))) {
    ++*count;
    EXPECT_TRUE(re2::RE2::FullMatch(re2::StringPiece(value.AsString().data(), value.AsString().size()), kUtc))
        << name << ": " << value.AsString();
  }
}

TEST_F(Weaknesses, W41_EveryTimeIsUtcWithSixDigits) {
  SayAndWait("think and list");
  CreateAgent("builder");
  CommandAndWait("builder", "work");
  const int first = static_cast<int>(client().messages().size());
  Say("fail");
  ASSERT_GE(client().WaitForType("error", first), 0);
  SayAndWait("delete builder");
  for (const std::string& text : client().messages()) {
    int times = 0;
    ExpectTimes(Json::Parse(text)->view(), {}, &times);
    EXPECT_GE(times, 1) << text;
  }
  for (const std::string& body :
       {Get("/get_orchestrator").body,
        Get("/get_events?limit=300&event_types=agent_logs,system_logs,orchestrator_chat").body,
        Post("/load_chat", JsonObject()("orchestrator_agent_id", id_)("limit", 300).Take()).body,
        Get("/v1/events?limit=1000").body}) {
    int times = 0;
    ExpectTimes(Json::Parse(body)->view(), {}, &times);
    EXPECT_GE(times, 1) << body;
  }
}

TEST_F(Weaknesses, W46_TurnIsCompleteThoughItsMetadataCannotBeStored) {
  Execute("ALTER TABLE orchestrator_agents RENAME COLUMN metadata TO metadata_elsewhere");
  const int first = SayAndWait("say hello");
  EXPECT_EQ(Types(first), (std::vector<std::string>{"orchestrator_chat", "chat_typing", "orchestrator_chat",
                                                    "chat_typing", "chat_stream", "orchestrator_updated"}));
  Execute("ALTER TABLE orchestrator_agents RENAME COLUMN metadata_elsewhere TO metadata");
  const Json without = Get("/get_orchestrator").json();
  EXPECT_EQ(without["orchestrator"]["input_tokens"].AsInt(), 11);
  EXPECT_EQ(without["orchestrator"]["metadata"]["system_message_info"]["subtype"].AsString(), "fallback");
  SayAndWait("say again");
  const Json with = Get("/get_orchestrator").json();
  EXPECT_EQ(with["orchestrator"]["input_tokens"].AsInt(), 22);
  EXPECT_EQ(with["orchestrator"]["metadata"]["system_message_info"]["subtype"].AsString(), "init");
}

}  // namespace
}  // namespace tutti::test
