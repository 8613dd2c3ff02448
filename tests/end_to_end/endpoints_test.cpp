// The console's endpoints, before and between turns.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

// Waits until /health counts this many sockets.
bool WaitForSockets(std::uint16_t port, std::int64_t count) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (Request(port, "GET", "/health").json()["websocket_connections"].AsInt(-1) == count) {
      return true;
    }
  }
  return false;
}

TEST_F(Orchestrator, O01_HealthCountsOpenSockets) {
  const HttpAnswer answer = Get("/health");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["status"].AsString(), "healthy");
  EXPECT_EQ(answer.json()["service"].AsString(), "orchestrator-3-stream");
  EXPECT_TRUE(WaitForSockets(server().port(), 1));
  {
    const WebSocketClient second(server().port());
    EXPECT_TRUE(WaitForSockets(server().port(), 2));
  }
  EXPECT_TRUE(WaitForSockets(server().port(), 1));
}

TEST_F(Orchestrator, O05_BeforeAnyTurnTheSystemInfoIsTheFallback) {
  const Json answer = Get("/get_orchestrator").json();
  EXPECT_EQ(answer["status"].AsString(), "success");
  const JsonView orchestrator = answer["orchestrator"];
  EXPECT_TRUE(orchestrator["session_id"] && orchestrator["session_id"].is_null());
  EXPECT_EQ(orchestrator["status"].AsString(), "idle");
  EXPECT_EQ(orchestrator["working_dir"].AsString(), working_directory_);
  EXPECT_EQ(orchestrator["input_tokens"].AsInt(-1), 0);
  EXPECT_EQ(orchestrator["total_cost"].AsDouble(-1), 0);
  const JsonView info = orchestrator["metadata"]["system_message_info"];
  EXPECT_EQ(info["subtype"].AsString(), "fallback");
  EXPECT_EQ(info["cwd"].AsString(), working_directory_);
  EXPECT_TRUE(info["captured_at"] && info["captured_at"].is_null());
  EXPECT_TRUE(answer["slash_commands"].is_array());
  EXPECT_TRUE(answer["agent_templates"].is_array());
}

TEST_F(Orchestrator, O06_FirstTurnCapturesTheSystemInfoOnce) {
  SayAndWait("say one");
  const Json first = Get("/get_orchestrator").json();
  EXPECT_FALSE(first["orchestrator"]["session_id"].AsString().empty());
  const JsonView info = first["orchestrator"]["metadata"]["system_message_info"];
  EXPECT_EQ(info["subtype"].AsString(), "init");
  EXPECT_EQ(info["cwd"].AsString(), working_directory_);
  EXPECT_EQ(info["session_id"].AsString(), first["orchestrator"]["session_id"].AsString());
  EXPECT_FALSE(info["model"].AsString().empty());
  EXPECT_TRUE(info["captured_at"].AsString().ends_with("+00:00"));
  bool has_create = false;
  info["tools"].ForEach([&](JsonView tool) { has_create |= tool.AsString() == "mcp__mgmt__create_agent"; });
  EXPECT_TRUE(has_create);
  SayAndWait("say two");
  const Json second = Get("/get_orchestrator").json();
  EXPECT_EQ(second["orchestrator"]["metadata"].Dump(), first["orchestrator"]["metadata"].Dump());
  EXPECT_EQ(second["orchestrator"]["session_id"].AsString(), first["orchestrator"]["session_id"].AsString());
}

TEST_F(Orchestrator, O07_EightToolsInTableOrder) {
  const Json answer = Get("/get_orchestrator").json();
  const JsonView tools = answer["orchestrator_tools"];
  const char* expected[] = {
      "create_agent(name: string, system_prompt?: string, model?: string, subagent_template?: string)",
      "list_agents()",
      "command_agent(agent_name: string, command: string)",
      "check_agent_status(agent_name: string, tail_count = 10, offset = 0, verbose_logs = false)",
      "delete_agent(agent_name: string)",
      "interrupt_agent(agent_name: string)",
      "read_system_logs(offset = 0, limit = 50, message_contains?: string, level?: string)",
      "report_cost()",
  };
  ASSERT_EQ(tools.size(), 8U);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(tools[i].AsString(), expected[i]);
  }
}

TEST_F(Orchestrator, O10_OnlyTheNewSocketIsWelcomed) {
  WebSocketClient second(server().port());
  ASSERT_EQ(second.WaitForType("connection_established"), 0);
  const Json mine = client().Message(0);
  const Json other = second.Message(0);
  EXPECT_TRUE(mine["client_id"].AsString().starts_with("client_"));
  EXPECT_NE(mine["client_id"].AsString(), other["client_id"].AsString());
  for (const Json* welcome : {&mine, &other}) {
    EXPECT_TRUE((*welcome)["message"].is_string()) << welcome->view().Dump();
    EXPECT_TRUE((*welcome)["timestamp"].AsString().ends_with("+00:00")) << welcome->view().Dump();
  }
  // Whatever was meant for all comes after it.
  SayAndWait("say hello");
  const std::vector<std::string> types = Types();
  EXPECT_EQ(std::count(types.begin(), types.end(), "connection_established"), 1);
}

TEST_F(Orchestrator, O11_WhatAClientSendsIsIgnored) {
  for (const char* text : {"ping", "{}", R"({"type":"nonsense","x":1})", "[1,2]", "\"text\"", "{broken"}) {
    client().SendText(text);
  }
  SayAndWait("say still here");
  EXPECT_TRUE(client().is_open());
  // Nothing of it was answered.
  EXPECT_EQ(Types(),
            (std::vector<std::string>{"connection_established", "orchestrator_chat", "chat_typing", "orchestrator_chat",
                                      "chat_typing", "chat_stream", "orchestrator_updated"}));
  EXPECT_EQ(LastLine(), "still here");
}

TEST_F(Orchestrator, O12_SendChatAnswersBeforeTheTurnEndsAndValidates) {
  Say("talk slowly");
  EXPECT_GE(client().WaitForType("chat_typing"), 0);
  const std::vector<std::string> types = Types();
  EXPECT_EQ(std::count(types.begin(), types.end(), "chat_stream"), 0);
  const HttpAnswer missing = Post("/send_chat", JsonObject()("orchestrator_agent_id", id_).Take());
  EXPECT_EQ(missing.status, 422);
  ASSERT_TRUE(missing.json()["detail"].is_array()) << missing.body;
  const Json list = missing.json();
  const JsonView finding = list["detail"][0];
  EXPECT_EQ(finding["type"].AsString(), "missing") << missing.body;
  EXPECT_EQ(finding["loc"].Dump(), R"(["body","message"])") << missing.body;
  EXPECT_FALSE(finding["msg"].AsString().empty()) << missing.body;
  EXPECT_EQ(finding["input"]["orchestrator_agent_id"].AsString(), id_) << missing.body;
  const HttpAnswer broken = Post("/send_chat", "{\"message\":");
  EXPECT_EQ(broken.status, 422);
  EXPECT_EQ(broken.json()["detail"][0]["type"].AsString(), "json_invalid") << broken.body;
  EXPECT_EQ(broken.json()["detail"][0]["loc"][0].AsString(), "body") << broken.body;
  EXPECT_EQ(Post("/send_chat", R"({"message":"x","orchestrator_agent_id":"nonsense"})").status, 422);
  const HttpAnswer unknown =
      Post("/send_chat", R"({"message":"x","orchestrator_agent_id":"00000000-0000-4000-8000-000000000000"})");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_TRUE(unknown.json()["detail"].is_string()) << unknown.body;
}

TEST_F(Orchestrator, O43_EventsAreFilteredAsAsked) {
  const std::string agent = CreateAgent("builder");
  CommandAndWait("builder", "work");
  SayAndWait("think and list");

  const auto sources = [&](const std::string& query) {
    const HttpAnswer answer = Get("/get_events" + query);
    EXPECT_EQ(answer.status, 200) << query << answer.body;
    const Json json = answer.json();
    EXPECT_EQ(json["count"].AsInt(), static_cast<std::int64_t>(json["events"].size())) << query;
    std::set<std::string> found;
    std::string last;
    json["events"].ForEach([&](JsonView event) {
      found.emplace(event["sourceType"].AsString());
      const std::string time(event["timestamp"].AsString(event["created_at"].AsString()));
      EXPECT_LE(last, time) << query;
      last = time;
    });
    return found;
  };
  using Set = std::set<std::string>;
  EXPECT_EQ(sources(""), (Set{"agent_log", "orchestrator_chat"}));
  EXPECT_EQ(sources("?event_types=all&limit=300"), (Set{"agent_log", "orchestrator_chat"}));
  EXPECT_EQ(sources("?event_types=system_logs"), (Set{"system_log"}));
  EXPECT_EQ(sources("?event_types=agent_logs"), (Set{"agent_log"}));
  EXPECT_EQ(sources("?event_types=agent_logs,system_logs,nonsense"), (Set{"agent_log", "system_log"}));
  EXPECT_EQ(sources("?event_types=nonsense"), Set{});
  EXPECT_EQ(sources("?limit=0"), Set{});

  const Json all = Get("/get_events?event_types=agent_logs&limit=300").json();
  EXPECT_EQ(all["events"][0]["agent_name"].AsString(), "builder");
  const Json one = Get("/get_events?event_types=agent_logs&agent_id=" + agent).json();
  EXPECT_FALSE(one["events"][0]["agent_name"]);
  // The filter is about agents' logs only.
  EXPECT_EQ(sources("?limit=300&agent_id=" + agent), (Set{"agent_log", "orchestrator_chat"}));
  EXPECT_EQ(sources("?event_types=agent_logs,%20system_logs"), Set{"agent_log"});
  const std::string slug(all["events"][static_cast<int>(all["events"].size()) - 1]["task_slug"].AsString());
  EXPECT_TRUE(slug.starts_with("work-")) << slug;
  const Json task = Get("/get_events?event_types=agent_logs&limit=2&agent_id=" + agent + "&task_slug=" + slug).json();
  ASSERT_EQ(task["events"].size(), 2U);
  EXPECT_LT(task["events"][0]["entry_index"].AsInt(), task["events"][1]["entry_index"].AsInt());
  EXPECT_EQ(task["events"][0]["event_type"].AsString(), "UserPromptSubmit");

  for (const char* query : {"?agent_id=nonsense", "?limit=-1", "?offset=-1", "?limit=many"}) {
    EXPECT_EQ(Get(std::string("/get_events") + query).status, 422) << query;
  }
}

TEST_F(Orchestrator, O43_EventsHaveTheMembersOfTheirSource) {
  const std::string agent = CreateAgent("builder");
  SayAndWait("think and list");
  const std::map<std::string, std::set<std::string>> expected = {
      {"agent_log",
       {"sourceType", "id", "agent_id", "session_id", "task_slug", "adw_id", "adw_step", "entry_index",
        "event_category", "event_type", "content", "payload", "summary", "timestamp", "agent_name"}},
      {"system_log",
       {"sourceType", "id", "file_path", "adw_id", "level", "message", "summary", "metadata", "timestamp"}},
      {"orchestrator_chat",
       {"sourceType", "id", "created_at", "updated_at", "orchestrator_agent_id", "sender_type", "receiver_type",
        "message", "agent_id", "metadata"}},
  };
  std::set<std::string> sources;
  const Json answer = Get("/get_events?limit=300&event_types=agent_logs,system_logs,orchestrator_chat").json();
  answer["events"].ForEach([&](JsonView event) {
    const std::string source(event["sourceType"].AsString());
    std::set<std::string> members;
    event.ForEachMember([&](std::string_view name, JsonView) { members.emplace(name); });
    EXPECT_EQ(members, expected.at(source)) << event.Dump();
    EXPECT_TRUE(event[source == "agent_log" ? "payload" : "metadata"].is_object()) << event.Dump();
    sources.insert(source);
  });
  EXPECT_EQ(sources.size(), expected.size());
}

TEST_F(Orchestrator, O43_HeadersAndHistoryValidate) {
  EXPECT_EQ(Get("/get_headers").body, JsonObject()("status", "success")("cwd", working_directory_).Take());
  EXPECT_EQ(Post("/load_chat", R"({"orchestrator_agent_id":"nonsense"})").status, 422);
  EXPECT_EQ(Post("/load_chat", JsonObject()("orchestrator_agent_id", id_)("limit", -1).Take()).status, 422);
  const Json unknown = Post("/load_chat", R"({"orchestrator_agent_id":"00000000-0000-4000-8000-000000000000"})").json();
  EXPECT_EQ(unknown["turn_count"].AsInt(-1), 0);
  EXPECT_EQ(unknown["messages"].size(), 0U);
}

TEST_F(Orchestrator, RunsAreListedWithTheirTotals) {
  SayAndWait("say hello");
  const Json list = Get("/v1/runs?status=done").json();
  ASSERT_EQ(list["count"].AsInt(), 1);
  const std::string run(list["runs"][0]["id"].AsString());
  const Json one = Get("/v1/runs/" + run).json();
  EXPECT_EQ(one["agent"].AsString(), id_);
  EXPECT_EQ(one["stop_reason"].AsString(), "end_turn");
  EXPECT_EQ(one["input_tokens"].AsInt(), 11);
  EXPECT_EQ(Get("/v1/runs?status=nonsense").status, 422);
  EXPECT_EQ(Get("/v1/runs/00000000-0000-4000-8000-000000000000").status, 404);
  EXPECT_EQ(Get("/v1/runs/nonsense").status, 422);
}

TEST_F(Orchestrator, JournalHoldsWhatWasAnnounced) {
  SayAndWait("say hello");
  const Json journal = Get("/v1/events?since=0&limit=100").json();
  std::int64_t expected = 1;
  std::vector<std::string> types;
  journal["events"].ForEach([&](JsonView event) {
    EXPECT_EQ(event["seq"].AsInt(), expected++);
    types.emplace_back(event["type"].AsString());
  });
  EXPECT_EQ(types, (std::vector<std::string>{"orchestrator_chat", "run.state", "run.state", "orchestrator_chat",
                                             "run.state", "orchestrator_updated"}));
  const Json rest = Get("/v1/events?since=4").json();
  EXPECT_EQ(rest["events"].size(), 2U);
}

}  // namespace
}  // namespace tutti::test
