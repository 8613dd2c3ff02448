// Turns of the orchestrator, as the console sees them.
#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

// What the chat panel would draw for a stored item.
std::string Drawn(JsonView item) {
  const JsonView metadata = item["metadata"];
  const std::string_view type = metadata["type"].AsString();
  if (type == "thinking") {
    return "thinking " + std::string(metadata["thinking"].AsString());
  }
  if (type == "tool_use") {
    return "tool " + std::string(metadata["tool_name"].AsString());
  }
  return std::string(item["sender_type"].AsString()) + " " + std::string(item["message"].AsString());
}

std::vector<std::string> DrawnChat(const Json& answer) {
  std::vector<std::string> drawn;
  answer["messages"].ForEach([&](JsonView item) { drawn.push_back(Drawn(item)); });
  return drawn;
}

// The same for a live message; empty when it draws nothing.
std::string DrawnLive(JsonView message) {
  const std::string_view type = message["type"].AsString();
  if (type == "orchestrator_chat") {
    return Drawn(message["message"]);
  }
  if (type == "thinking_block") {
    return "thinking " + std::string(message["data"]["thinking"].AsString());
  }
  return type == "tool_use_block" ? "tool " + std::string(message["data"]["tool_name"].AsString()) : std::string();
}

std::string LoadChatBody(const std::string& id, int limit) {
  return JsonObject()("orchestrator_agent_id", id)("limit", limit).Take();
}

std::string Uuid(int number) {
  char text[64];
  std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012d", number);
  return text;
}

const std::vector<std::string> kDrawn = {"user think and list", "thinking pondering", "orchestrator first text",
                                         "tool mcp__mgmt__list_agents", "orchestrator second text"};

TEST_F(Orchestrator, O13_UserMessageAppearsOnceInEveryBrowser) {
  WebSocketClient second(server().port());
  ASSERT_EQ(second.WaitForType("connection_established"), 0);
  SayAndWait("say hello");
  ASSERT_GE(second.WaitForType("orchestrator_updated"), 0);
  for (const WebSocketClient* socket : {&client(), &second}) {
    int echoes = 0;
    for (const std::string& text : socket->messages()) {
      const Json message = std::move(*Json::Parse(text));
      if (message["message"]["sender_type"].AsString() == "user") {
        ++echoes;
        EXPECT_EQ(message["message"]["message"].AsString(), "say hello");
        EXPECT_TRUE(message["message"]["timestamp"].AsString().ends_with("+00:00"));
      }
    }
    EXPECT_EQ(echoes, 1);
  }
}

TEST_F(Orchestrator, O14_SuccessOrderOfATurn) {
  const int first = SayAndWait("think and list");
  EXPECT_EQ(Types(first), (std::vector<std::string>{"orchestrator_chat", "chat_typing", "thinking_block",
                                                    "orchestrator_chat", "tool_use_block", "orchestrator_chat",
                                                    "chat_typing", "chat_stream", "orchestrator_updated"}));
  EXPECT_TRUE(client().Message(first + 1)["is_typing"].AsBool());
  EXPECT_FALSE(client().Message(first + 6)["is_typing"].AsBool(true));
  EXPECT_TRUE(client().Message(first + 7)["is_complete"].AsBool());
}

TEST_F(Orchestrator, O15_BlocksAppearInTheOrderTheyWereSaid) {
  const int first = SayAndWait("think and list");
  std::vector<std::string> drawn;
  const std::vector<std::string> messages = client().messages();
  for (std::size_t i = static_cast<std::size_t>(first); i < messages.size(); ++i) {
    const std::string text = DrawnLive((*Json::Parse(messages[i])).view());
    if (!text.empty()) {
      drawn.push_back(text);
    }
  }
  EXPECT_EQ(drawn, kDrawn);
}

TEST_F(Orchestrator, O16_ReloadShowsTheSameItemsInTheSameOrder) {
  SayAndWait("think and list");
  const HttpAnswer answer = Post("/load_chat", LoadChatBody(id_, 300));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json chat = answer.json();
  EXPECT_EQ(DrawnChat(chat), kDrawn);
  std::string last;
  chat["messages"].ForEach([&](JsonView item) {
    EXPECT_LT(last, std::string(item["created_at"].AsString()));
    last = item["created_at"].AsString();
    EXPECT_EQ(item["orchestrator_agent_id"].AsString(), id_);
    EXPECT_TRUE(item["agent_id"] && item["agent_id"].is_null());
    EXPECT_EQ(item["updated_at"].AsString(), item["created_at"].AsString());
    EXPECT_EQ(item.size(), 9U) << item.Dump();
    EXPECT_EQ(item["receiver_type"].AsString(), item["sender_type"].AsString() == "user" ? "orchestrator" : "user");
  });
  EXPECT_EQ(chat["messages"][0]["metadata"].Dump(), "{}");
  EXPECT_EQ(chat["messages"][2]["metadata"].Dump(), R"({"type":"text_chunk"})");
  for (const int block : {1, 3}) {
    EXPECT_EQ(chat["messages"][block]["message"].AsString("absent"), "");
  }
  EXPECT_TRUE(chat["messages"][3]["metadata"]["tool_input"].is_object());
}

TEST_F(Orchestrator, O17_TurnCountIgnoresTheLimit) {
  SayAndWait("think and list");
  SayAndWait("say more");
  const Json one = Post("/load_chat", LoadChatBody(id_, 1)).json();
  const Json all = Post("/load_chat", LoadChatBody(id_, 300)).json();
  EXPECT_EQ(one["turn_count"].AsInt(), 5);
  EXPECT_EQ(all["turn_count"].AsInt(), 5);
}

TEST_F(Orchestrator, O18_LimitKeepsTheNewestOldestFirst) {
  SayAndWait("say one");
  SayAndWait("say two");
  EXPECT_EQ(DrawnChat(Post("/load_chat", LoadChatBody(id_, 2)).json()),
            (std::vector<std::string>{"user say two", "orchestrator two"}));
  SayAndWait("think and list");
  EXPECT_EQ(DrawnChat(Post("/load_chat", LoadChatBody(id_, 1)).json()),
            (std::vector<std::string>{"tool mcp__mgmt__list_agents", "orchestrator second text"}));
}

TEST_F(Orchestrator, O18_WithoutALimitThereAreFiftyAndNullMeansAll) {
  std::string rows;
  for (int i = 0; i < 60; ++i) {
    char time[64];
    std::snprintf(time, sizeof time, "2025-11-20T10:00:%02d.000000+00:00", i);
    rows += std::string(i == 0 ? "" : ",") + "('" + Uuid(i) + "','" + time + "','" + time + "','" + id_ +
            "','user','orchestrator','line " + std::to_string(i) + "','{}')";
  }
  Execute(
      "INSERT INTO orchestrator_chat (id, created_at, updated_at, orchestrator_agent_id, sender_type, "
      "receiver_type, message, metadata) VALUES " +
      rows);
  const Json fifty = Post("/load_chat", JsonObject()("orchestrator_agent_id", id_).Take()).json();
  EXPECT_EQ(fifty["messages"].size(), 50U);
  EXPECT_EQ(fifty["messages"][0]["message"].AsString(), "line 10");
  EXPECT_EQ(fifty["turn_count"].AsInt(), 60);
  const Json all = Post("/load_chat", JsonObject()("orchestrator_agent_id", id_)("limit", nullptr).Take()).json();
  EXPECT_EQ(all["messages"].size(), 60U);
  EXPECT_EQ(all["messages"][59]["message"].AsString(), "line 59");
}

TEST_F(Orchestrator, O19_FailureEndsTypingAndTheNextMessageWorks) {
  const int first = static_cast<int>(client().messages().size());
  Say("fail");
  const int failed = client().WaitForType("error", first);
  ASSERT_GE(failed, 0) << server().output();
  EXPECT_EQ(client().Message(failed)["message"].AsString(), "Orchestrator execution failed");
  EXPECT_NE(client().Message(failed)["details"]["error"].AsString().find("scripted failure"), std::string_view::npos);
  const std::vector<std::string> types = Types(first);
  EXPECT_EQ(types[types.size() - 2], "chat_typing");
  EXPECT_FALSE(client().Message(failed - 1)["is_typing"].AsBool(true));
  EXPECT_EQ(std::count(types.begin(), types.end(), "chat_stream"), 0);
  EXPECT_EQ(std::count(types.begin(), types.end(), "orchestrator_updated"), 0);
  // Neither session nor totals changed.
  const Json stored = Get("/get_orchestrator").json();
  EXPECT_TRUE(stored["orchestrator"]["session_id"].is_null());
  EXPECT_EQ(stored["orchestrator"]["input_tokens"].AsInt(-1), 0);
  SayAndWait("say again");
  EXPECT_EQ(LastLine(), "again");
}

TEST_F(Orchestrator, O20_NewMessageReplacesTheRunningTurn) {
  Say("talk slowly");
  ASSERT_GE(client().WaitForType("chat_typing"), 0);
  const int second = static_cast<int>(client().messages().size());
  Say("say instead");
  // Of a turn that was replaced before its prompt was stored, the prompt is asked again, together with this one.
  const int said = client().WaitFor(
      [](JsonView message) {
        return message["message"]["sender_type"].AsString() == "orchestrator" &&
               message["message"]["message"].AsString().ends_with("instead");
      },
      second);
  ASSERT_GE(said, 0) << testing::PrintToString(Types()) << server().output();
  ASSERT_GE(client().WaitForType("orchestrator_updated", said), 0) << testing::PrintToString(Types());
  // The end of the first turn comes before the beginning of the second.
  EXPECT_EQ(Types(second),
            (std::vector<std::string>{"orchestrator_chat", "chat_typing", "chat_stream", "orchestrator_updated",
                                      "system_log", "chat_typing", "orchestrator_chat", "chat_typing", "chat_stream",
                                      "orchestrator_updated"}))
      << server().output();
  const auto conversations = Rows("SELECT count(DISTINCT conversation) AS n FROM runs_runs");
  EXPECT_EQ(conversations.at(0).at("n"), "1");
}

TEST_F(Orchestrator, O21_CostAndContextFollowTheTurn) {
  SayAndWait("say one");
  const int first = SayAndWait("say two");
  const int updated = client().WaitForType("orchestrator_updated", first);
  const Json message = client().Message(updated);
  const JsonView live = message["orchestrator"];
  EXPECT_EQ(live["id"].AsString(), id_);
  EXPECT_EQ(live["input_tokens"].AsInt(), 22);
  EXPECT_EQ(live["output_tokens"].AsInt(), 8);
  EXPECT_TRUE(live["total_cost"].is_number());
  EXPECT_TRUE(live["updated_at"].is_string());
  const Json stored = Get("/get_orchestrator").json();
  EXPECT_EQ(stored["orchestrator"]["input_tokens"].AsInt(), 22);
  EXPECT_EQ(stored["orchestrator"]["output_tokens"].AsInt(), 8);
  EXPECT_EQ(stored["orchestrator"]["total_cost"].AsDouble(), live["total_cost"].AsDouble());
}

TEST_F(Orchestrator, EmptyMessageIsEchoedAndHarmless) {
  const int first = SayAndWait("");
  EXPECT_EQ(client().Message(first)["message"]["message"].AsString("absent"), "");
  SayAndWait("say again");
  EXPECT_EQ(LastLine(), "again");
}

TEST_F(Orchestrator, O46_OddTextPassesUnharmed) {
  const std::string replacement = "\xEF\xBF\xBD";
  const std::pair<std::string, std::string> texts[] = {
      {"odd text [/x] [bold]", "odd text [/x] [bold]"},
      {"odd text <script>alert(\"1\")</script> & 'q'", "odd text <script>alert(\"1\")</script> & 'q'"},
      {"odd text \xF0\x9F\x98\x80 \xC3\xA9 \xE6\x97\xA5", "odd text \xF0\x9F\x98\x80 \xC3\xA9 \xE6\x97\xA5"},
      {std::string("odd text a\0b", 12), "odd text a" + replacement + "b"},
      {"odd text " + std::string(1 << 20, 'x'), "odd text " + std::string(1 << 20, 'x')},
  };
  for (const auto& [sent, expected] : texts) {
    const int first = SayAndWait(sent);
    const Json echo = client().Message(first);
    EXPECT_EQ(echo["message"]["message"].AsString(), expected) << sent.substr(0, 40);
    const Json chat = Post("/load_chat", LoadChatBody(id_, 2)).json();
    EXPECT_EQ(chat["messages"][0]["message"].AsString(), expected) << sent.substr(0, 40);
  }
  EXPECT_EQ(Get("/health").status, 200);
}

}  // namespace
}  // namespace tutti::test
