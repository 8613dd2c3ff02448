// Whole turns over the Messages API, against a peer on the wire.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_anthropic/fake_peer.h"
#include "tests/support/fake_anthropic/message_stream.h"
#include "tests/support/fake_anthropic/reply_script.h"
#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

using fake_anthropic::FakePeer;
using fake_anthropic::Received;
using fake_anthropic::Reply;

constexpr const char* kKey = "sk-ant-of-this-test-0123456789abcdef";

std::string Content(const std::string& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

class Anthropic : public RunningServer {
 protected:
  void SetUp() override {
    RunningServer::SetUp();
    log_ = directory_.path() + "/tutti.log";
    Overlay("log", "version: 1\nhost: {log: {level: trace, file: '" + log_ + "'}}\n");
    MayRunApart("models", "tutti.models.anthropic");
    StartWithKey();
  }

  void StartWithKey(const std::string& session = {}) {
    Start(session, {{"ANTHROPIC_API_KEY", kKey}, {"ANTHROPIC_BASE_URL", peer_.url()}});
  }

  // Wherever the key could have got to, once all is written.
  void TearDown() override {
    for (const std::string& message : client().messages()) {
      ExpectNoKey("a WebSocket message", message);
    }
    for (const char* target : {"/v1/events?since=0&limit=1000", "/get_events?event_types=all&limit=1000",
                               "/get_orchestrator", "/v1/commands", "/openapi.json", "/metrics", "/health/ready"}) {
      ExpectNoKey(target, Get(target).body);
    }
    EXPECT_EQ(server().Stop(), 0) << server().output();
    ExpectNoKey("the output", server().output());
    const std::string log = Content(log_);
    EXPECT_NE(log.find("stopped"), std::string::npos) << log;
    ExpectNoKey("the log", log);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data_)) {
      if (entry.is_regular_file() && entry.path().extension() != ".so") {
        ExpectNoKey(entry.path(), Content(entry.path()));
      }
    }
  }

  static void ExpectNoKey(const std::string& place, const std::string& text) {
    EXPECT_EQ(text.find(kKey), std::string::npos) << place << " holds the key";
  }

  // Adds a reply that is described as in reply_script.h.
  void Answer(const std::string& json) {
    const Result<std::vector<Reply>> replies = fake_anthropic::ParseReplies("{\"replies\":[" + json + "]}");
    ASSERT_TRUE(replies.ok()) << replies.status().ToString();
    for (const Reply& reply : *replies) {
      peer_.Add(reply);
    }
  }

  void AnswerText(const std::string& text) {
    Answer(R"({"message":{"content":[{"type":"text","text":)" + JsonQuote(text) + R"(}],"stop_reason":"end_turn",)" +
           R"("usage":{"input_tokens":10,"output_tokens":5}}})");
  }

  // Body of the request with that number.
  Json Body(std::size_t number) { return std::move(*Json::Parse(peer_.received().at(number).body)); }

  // Says it, waits for the turn's error event and for its end. The error's text.
  std::string SayAndFail(const std::string& text) {
    const int first = SayAndWait(text);
    const int error = client().WaitForType("error", first);
    EXPECT_GE(error, 0) << server().output();
    return error < 0 ? std::string() : std::string(client().Message(error)["details"]["error"].AsString());
  }

  // The model uses Bash with a command that lasts; returns once it runs.
  void StartLongTool() {
    Answer(R"({"message":{"content":[{"type":"tool_use","id":"toolu_long","name":"Bash",)"
           R"("input":{"command":"touch begun; sleep 1000"}}],"stop_reason":"tool_use",)"
           R"("usage":{"input_tokens":1,"output_tokens":1}}})");
    Say("take long");
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!std::filesystem::exists(working_directory_ + "/begun")) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << server().output();
    }
  }

  // What the API demands of the newest request: each use of a tool is answered in the very next message.
  // Of the first run, which was cut off and goes on.
  std::string StatusAtTheEnd() {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    std::string status;
    do {
      status = Rows("SELECT status FROM runs_runs ORDER BY created_at").at(0).at("status");
      std::this_thread::yield();
    } while ((status == "running" || status == "queued") && std::chrono::steady_clock::now() < until);
    return status;
  }

  // Waits for the line in the chat, whatever else is said there and ends meanwhile.
  void Hear(const std::string& line) {
    EXPECT_GE(client().WaitFor([&](JsonView message) { return message["message"]["message"].AsString() == line; }), 0)
        << line << "\n"
        << server().output();
  }

  void ExpectEveryToolUseAnswered() {
    const Json body = Body(peer_.received().size() - 1);
    const JsonView messages = body["messages"];
    int uses = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      messages[i]["content"].ForEach([&](JsonView block) {
        if (block["type"].AsString() == "tool_use") {
          ++uses;
          const JsonView answer = messages[i + 1]["content"][0];
          EXPECT_EQ(answer["type"].AsString(), "tool_result") << messages.Dump();
          EXPECT_EQ(answer["tool_use_id"].AsString(), block["id"].AsString()) << messages.Dump();
        }
      });
    }
    EXPECT_EQ(uses, 1) << messages.Dump();
  }

  FakePeer peer_;
  std::string log_;
};

TEST_F(Anthropic, ToolLoopPassesThinkingBackAndAllResultsInOneMessage) {
  // Characters that a parse and a write could spell otherwise.
  constexpr const char* kThinking = R"({"type":"thinking","thinking":"h\u00e4lt\n\"both\" \u2014 </s> \ud83c\udfb5",)"
                                    R"("signature":"EqQBCgIYAhIkMDk+/abc=="})";
  constexpr const char* kUses = R"({"type":"tool_use","id":"toolu_1","name":"mcp__mgmt__list_agents","input":{}},)"
                                R"({"type":"tool_use","id":"toolu_2","name":"mcp__mgmt__report_cost","input":{}},)"
                                R"({"type":"tool_use","id":"toolu_3","name":"Bash","input":{"command":"echo three"}})";
  Answer(R"({"lacks":["tool_result"],"split":"bytes","line_end":"crlf","piece_bytes":1,"message":{"content":[)" +
         std::string(kThinking) + R"(,{"type":"text","text":"I look."},)" + kUses +
         R"(],"stop_reason":"tool_use","usage":{"input_tokens":100,"output_tokens":50,)"
         R"("cache_read_input_tokens":2000,"cache_creation_input_tokens":400}}})");
  Answer(R"({"contains":["tool_result"],"split":"lines","message":{"content":[{"type":"text","text":"All seen."}],)"
         R"("stop_reason":"end_turn","usage":{"input_tokens":30,"output_tokens":20}}})");
  const int first = SayAndWait("look around");
  EXPECT_EQ(LastLine(), "All seen.");

  ASSERT_EQ(peer_.received().size(), 2U);
  const Received request = peer_.received().at(0);
  EXPECT_EQ(request.target, "/v1/messages");
  EXPECT_EQ(request.headers.at("x-api-key"), kKey);
  const Json body = Body(1);
  const JsonView messages = body["messages"];
  ASSERT_EQ(messages.size(), 3U) << messages.Dump();
  EXPECT_EQ(messages[1]["role"].AsString(), "assistant");
  const JsonView said = messages[1]["content"];
  ASSERT_EQ(said.size(), 5U) << said.Dump();
  EXPECT_EQ(said[0]["thinking"].AsString(), (*Json::Parse(kThinking))["thinking"].AsString());
  EXPECT_EQ(said[0]["signature"].AsString(), (*Json::Parse(kThinking))["signature"].AsString());
  EXPECT_EQ(said[1]["text"].AsString(), "I look.");
  EXPECT_EQ(messages[2]["role"].AsString(), "user");
  const JsonView results = messages[2]["content"];
  ASSERT_EQ(results.size(), 3U) << results.Dump();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(said[i + 2]["id"].AsString(), "toolu_" + std::to_string(i + 1));
    EXPECT_EQ(results[i]["type"].AsString(), "tool_result");
    EXPECT_EQ(results[i]["tool_use_id"].AsString(), "toolu_" + std::to_string(i + 1));
  }
  EXPECT_NE(results[2].Dump().find("three"), std::string::npos) << results.Dump();

  const int updated = client().WaitForType("orchestrator_updated", first);
  ASSERT_GE(updated, 0);
  const Json message = client().Message(updated);
  const JsonView totals = message["orchestrator"];
  EXPECT_EQ(totals["output_tokens"].AsInt(), 70) << totals.Dump();
  // Sonnet 4.5: 3, 15, 0.30 and 3.75 USD per million of input, output, cache reads and cache writes.
  EXPECT_NEAR(totals["total_cost"].AsDouble(), (130 * 3 + 70 * 15 + 2000 * 0.30 + 400 * 3.75) / 1e6, 1e-9)
      << totals.Dump();
  const auto run = Rows("SELECT * FROM runs_runs").at(0);
  EXPECT_EQ(run.at("input_tokens"), "130");
  EXPECT_EQ(run.at("cache_read_tokens"), "2000");
  EXPECT_EQ(run.at("cache_write_tokens"), "400");
}

TEST_F(Anthropic, CallsOfUnknownPriceAreCountedAndNotGuessed) {
  Overlay("model", "version: 1\nplugins:\n  - {id: tutti.commands.orchestrator, config: {model: strange-1}}\n");
  StartWithKey();
  Answer(R"({"message":{"model":"strange-1","content":[{"type":"text","text":"an answer"}],"stop_reason":"end_turn",)"
         R"("usage":{"input_tokens":10,"output_tokens":5}}})");
  const int first = SayAndWait("one");
  const Json message = client().Message(client().WaitForType("orchestrator_updated", first));
  EXPECT_TRUE(message["orchestrator"]["total_cost"].is_number());
  EXPECT_EQ(message["orchestrator"]["total_cost"].AsDouble(-1), 0);
  EXPECT_EQ(Rows("SELECT count(*) AS n FROM runs_runs WHERE cost_usd IS NULL AND unpriced_calls = 1").at(0).at("n"),
            "1");
  const Json report = Get("/v1/costs/" + id_).json();
  EXPECT_EQ(report["total"]["unpriced_calls"].AsInt(), 1) << report.view().Dump();
  EXPECT_NE(Get("/metrics").body.find("tutti_model_unpriced_calls_total"), std::string::npos);
}

TEST_F(Anthropic, WithoutTheCostPluginEverythingWorksAndCostsNothing) {
  Overlay("cost", "version: 1\nplugins:\n  - {id: tutti.hooks.cost, enabled: false}\n");
  StartWithKey();
  AnswerText("an answer");
  const int first = SayAndWait("one");
  EXPECT_EQ(LastLine(), "an answer");
  const Json message = client().Message(client().WaitForType("orchestrator_updated", first));
  EXPECT_EQ(message["orchestrator"]["total_cost"].AsDouble(-1), 0);
  EXPECT_EQ(message["orchestrator"]["input_tokens"].AsInt(), 10);
  EXPECT_EQ(Get("/v1/costs/" + id_).status, 404);
}

TEST_F(Anthropic, ConversationGoesOnInTheNextTurn) {
  AnswerText("first answer");
  AnswerText("second answer");
  SayAndWait("one");
  SayAndWait("two");
  EXPECT_EQ(LastLine(), "second answer");
  const Json body = Body(1);
  ASSERT_EQ(body["messages"].size(), 3U) << body["messages"].Dump();
  EXPECT_EQ(body["messages"][1]["content"][0]["text"].AsString(), "first answer");
}

TEST_F(Anthropic, CutStreamFailsTheTurnAndTheNextMessageWorks) {
  Answer(R"({"end":"cut","events":[{"type":"message_start","message":{"id":"m","role":"assistant","content":[],)"
         R"("model":"claude-sonnet-4-5-20250929","usage":{"input_tokens":1,"output_tokens":1}}},)"
         R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}},)"
         R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"half a"}}]})");
  AnswerText("whole");
  const std::string error = SayAndFail("one");
  EXPECT_FALSE(error.empty());
  EXPECT_EQ(Rows("SELECT status FROM runs_runs").at(0).at("status"), "failed");
  SayAndWait("two");
  EXPECT_EQ(LastLine(), "whole");
  const Json body = Body(1);
  const JsonView messages = body["messages"];
  EXPECT_EQ(messages[messages.size() - 1]["role"].AsString(), "user") << messages.Dump();
  EXPECT_NE(messages.Dump().find("one"), std::string::npos) << messages.Dump();
  EXPECT_NE(messages[messages.size() - 1].Dump().find("two"), std::string::npos) << messages.Dump();
}

TEST_F(Anthropic, RateLimitWithRetryAfterIsWaitedFor) {
  Answer(R"({"status":429,"headers":{"retry-after":"1"},"framing":"length",)"
         R"("body":"{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"slow down\"}}"})");
  AnswerText("after the wait");
  const auto begin = std::chrono::steady_clock::now();
  SayAndWait("one");
  EXPECT_EQ(LastLine(), "after the wait");
  EXPECT_EQ(peer_.received().size(), 2U);
  // Only too early would be wrong.
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST_F(Anthropic, OverloadedOnceIsRetriedAndForEverFailsTheTurn) {
  constexpr const char* kOverloaded =
      R"("status":529,"headers":{"retry-after-ms":"1"},"framing":"length",)"
      R"("body":"{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"})";
  Answer(std::string(R"({)") + kOverloaded);
  AnswerText("at last");
  SayAndWait("one");
  EXPECT_EQ(LastLine(), "at last");
  Answer(std::string(R"({"times":3,)") + kOverloaded);
  EXPECT_NE(SayAndFail("two").find("Overloaded"), std::string::npos);
  EXPECT_EQ(peer_.received().size(), 5U);
  AnswerText("again");
  SayAndWait("three");
  EXPECT_EQ(LastLine(), "again");
}

TEST_F(Anthropic, BadRequestIsNotRetriedAndSaysWhy) {
  Answer(R"({"status":400,"framing":"length","body":"{\"type\":\"error\",\"error\":)"
         R"({\"type\":\"invalid_request_error\",\"message\":\"max_tokens: too many\"}}"})");
  AnswerText("fine");
  EXPECT_NE(SayAndFail("one").find("max_tokens: too many"), std::string::npos);
  EXPECT_EQ(peer_.received().size(), 1U);
  SayAndWait("two");
  EXPECT_EQ(LastLine(), "fine");
}

TEST_F(Anthropic, KeyThatThePeerRepeatsIsNotShown) {
  Answer(R"({"status":401,"framing":"length","body":"{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",)"
         R"(\"message\":\"invalid x-api-key: )" +
         std::string(kKey) + R"(\"}}"})");
  EXPECT_NE(SayAndFail("one").find("x-api-key"), std::string::npos);
}

TEST_F(Anthropic, NewMessageReplacesATurnInsideATool) {
  StartLongTool();
  AnswerText("instead");
  SayAndWait("something else");
  Hear("instead");
  ExpectEveryToolUseAnswered();
}

TEST_F(Anthropic, StopInsideAToolIsOrderlyAndTheConversationGoesOn) {
  StartLongTool();
  EXPECT_EQ(server().Stop(std::chrono::seconds(20)), 0) << server().output();
  AnswerText("gone on");
  StartWithKey(id_);
  ASSERT_EQ(StatusAtTheEnd(), "done");
  AnswerText("after the stop");
  Say("go on");
  Hear("after the stop");
  ExpectEveryToolUseAnswered();
}

TEST_F(Anthropic, KillInsideAToolMarksItAndTheConversationGoesOn) {
  StartLongTool();
  server().Kill();
  AnswerText("gone on");
  StartWithKey(id_);
  ASSERT_EQ(StatusAtTheEnd(), "done");
  AnswerText("after the crash");
  Say("go on");
  Hear("after the crash");
  ExpectEveryToolUseAnswered();
}

TEST_F(Anthropic, StopWhileThePeerSaysNothingIsOrderly) {
  Answer(R"({"end":"hang","events":[{"type":"message_start","message":{"id":"m","role":"assistant","content":[],)"
         R"("model":"claude-sonnet-4-5-20250929","usage":{"input_tokens":1,"output_tokens":1}}}]})");
  Say("anybody there?");
  ASSERT_TRUE(peer_.WaitForRequests(1));
  EXPECT_EQ(server().Stop(std::chrono::seconds(20)), 0) << server().output();
  EXPECT_TRUE(peer_.WaitForNoConnection());
  AnswerText("here");
  StartWithKey(id_);
  EXPECT_EQ(StatusAtTheEnd(), "done");
}

TEST_F(Anthropic, AgentsProgramsDoNotSeeTheKey) {
  // Without the guard, which would not even let them try.
  Overlay("off", "version: 1\nplugins:\n  - {id: tutti.hooks.guard, enabled: false}\n");
  StartWithKey();
  const std::string server_environment = "/proc/" + std::to_string(server().pid()) + "/environ";
  Answer(R"({"lacks":["tool_result"],"message":{"content":[{"type":"tool_use","id":"toolu_1","name":"Bash",)"
         R"("input":{"command":"env; cat /proc/$PPID/environ )" +
         server_environment + R"("}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}})");
  AnswerText("seen");
  SayAndWait("show the environment");
  ASSERT_EQ(peer_.received().size(), 2U);
  const std::string body = peer_.received().at(1).body;
  EXPECT_NE(body.find("PATH="), std::string::npos) << body;
  EXPECT_EQ(body.find(kKey), std::string::npos) << body;
}

}  // namespace
}  // namespace tutti::test
