// The calls of the console's page from its first one on, as its browser makes them.
#include <future>
#include <set>
#include <string>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"
#include "tests/support/raw_connection.h"

namespace tutti::test {
namespace {

constexpr const char* kPage = "http://127.0.0.1:5175";

// What the page holds after its load, and the calls it made for that.
struct LoadedPage {
  bool is_connected = false;
  std::vector<std::string> calls;
  std::vector<HttpAnswer> answers;
};

class PageLoad : public Orchestrator {
 protected:
  HttpAnswer Call(const std::string& method, const std::string& target, const std::string& body = {}) {
    return Request(server().port(), method, target, body, {{"Origin", kPage}});
  }

  // Two of its parts ask who the orchestrator is, at the same time; without an answer nothing else is asked.
  LoadedPage Load() {
    LoadedPage page;
    const auto add = [&](const std::string& call, HttpAnswer answer) {
      page.calls.push_back(call);
      page.answers.push_back(std::move(answer));
    };
    std::future<HttpAnswer> palette =
        std::async(std::launch::async, [this] { return Call("GET", "/get_orchestrator"); });
    std::future<HttpAnswer> headers = std::async(std::launch::async, [this] { return Call("GET", "/get_headers"); });
    add("GET /get_orchestrator", Call("GET", "/get_orchestrator"));
    add("GET /get_orchestrator", palette.get());
    add("GET /get_headers", headers.get());
    if (page.answers[0].status >= 400) {
      return page;
    }
    const std::string id(page.answers[0].json()["orchestrator"]["id"].AsString());
    socket_ = std::make_unique<RawConnection>(server().port());
    page.is_connected = socket_->Upgrade("/ws", std::string("Origin: ") + kPage + "\r\n") &&
                        socket_->ReadUntil("connection_established");
    add("GET /list_agents", Call("GET", "/list_agents"));
    add("POST /load_chat", Call("POST", "/load_chat", JsonObject()("orchestrator_agent_id", id)("limit", 300).Take()));
    add("GET /get_events", Call("GET", "/get_events?limit=300"));
    return page;
  }

  // What the page cannot do without, appendix A of the contract.
  static void ExpectUsable(const LoadedPage& page) {
    ASSERT_EQ(page.answers.size(), 6U);
    for (std::size_t i = 0; i < page.answers.size(); ++i) {
      EXPECT_EQ(page.answers[i].status, 200) << page.calls[i] << page.answers[i].body;
      EXPECT_EQ(page.answers[i].headers.at("Access-Control-Allow-Origin"), kPage) << page.calls[i];
      EXPECT_EQ(page.answers[i].json()["status"].AsString(), "success") << page.calls[i];
    }
    EXPECT_TRUE(page.is_connected);
    const Json who = page.answers[0].json();
    EXPECT_TRUE(who["orchestrator"]["id"].is_string());
    EXPECT_EQ(page.answers[1].body, page.answers[0].body);
    EXPECT_TRUE(page.answers[2].json()["cwd"].is_string());
    page.answers[3].json().view()["agents"].ForEach([](JsonView agent) {
      for (const char* member : {"id", "name", "model"}) {
        EXPECT_FALSE(agent[member].AsString().empty()) << member << agent.Dump();
      }
      for (const char* member : {"input_tokens", "output_tokens", "total_cost"}) {
        EXPECT_TRUE(agent[member].is_number()) << member << agent.Dump();
      }
      EXPECT_FALSE(agent["archived"].AsBool(true)) << agent.Dump();
    });
    page.answers[4].json().view()["messages"].ForEach([](JsonView item) {
      const JsonView metadata = item["metadata"];
      const std::string_view type = metadata["type"].AsString();
      EXPECT_TRUE(type == "thinking"   ? metadata["thinking"].is_string()
                  : type == "tool_use" ? metadata["tool_name"].is_string() && metadata["tool_input"].is_object()
                                       : item["message"].is_string())
          << item.Dump();
    });
    page.answers[5].json().view()["events"].ForEach([](JsonView event) {
      EXPECT_TRUE(event["id"].is_string() && event["sourceType"].is_string()) << event.Dump();
      if (event["sourceType"].AsString() == "agent_log") {
        EXPECT_FALSE(event["event_type"].AsString().empty()) << event.Dump();
      }
    });
  }

  std::int64_t OpenSockets() { return Get("/health").json()["websocket_connections"].AsInt(-1); }

  std::unique_ptr<RawConnection> socket_;
};

TEST_F(PageLoad, O03_CallsOfThePageAreAnsweredInTheirOrderAndItIsConnected) {
  const LoadedPage empty = Load();
  EXPECT_EQ(empty.calls, (std::vector<std::string>{"GET /get_orchestrator", "GET /get_orchestrator", "GET /get_headers",
                                                   "GET /list_agents", "POST /load_chat", "GET /get_events"}));
  ExpectUsable(empty);
  EXPECT_EQ(OpenSockets(), 2);

  SayAndWait("think and list");
  CreateAgent("builder");
  CommandAndWait("builder", "work");
  const LoadedPage later = Load();
  ExpectUsable(later);
  EXPECT_EQ(later.answers[3].json()["agents"].size(), 1U);
  EXPECT_GE(later.answers[4].json()["messages"].size(), 5U);
  EXPECT_GE(later.answers[5].json()["events"].size(), 10U);
}

// The answers replace what came live meanwhile, so what came live has to be in them.
TEST_F(PageLoad, O03_WhatWasSeenLiveIsInTheHistoryAtOnce) {
  Say("create builder");
  int next = 0;
  std::set<std::string> seen;
  while (true) {
    const int found = client().WaitFor(
        [](JsonView message) {
          const std::string_view type = message["type"].AsString();
          return type == "orchestrator_chat" || type == "agent_log" || type == "thinking_block" ||
                 type == "tool_use_block" || type == "orchestrator_updated";
        },
        next);
    ASSERT_GE(found, 0) << server().output();
    next = found + 1;
    const Json message = client().Message(found);
    const std::string_view type = message["type"].AsString();
    if (type == "orchestrator_updated") {
      break;
    }
    const char* holder = type == "orchestrator_chat" ? "message" : type == "agent_log" ? "log" : "data";
    const std::string id(message[holder]["id"].AsString());
    EXPECT_TRUE(seen.insert(id).second) << "twice: " << message.view().Dump();
    const std::string history =
        type == "agent_log" ? Get("/get_events?limit=300").body
                            : Post("/load_chat", JsonObject()("orchestrator_agent_id", id_)("limit", 300).Take()).body;
    EXPECT_NE(history.find("\"" + id + "\""), std::string::npos) << message.view().Dump() << "\n" << history;
  }
  EXPECT_GE(seen.size(), 5U);
}

TEST_F(PageLoad, O04_WithoutAnOrchestratorThePageStaysAloneUntilThereIsOne) {
  Execute("UPDATE orchestrator_agents SET archived = true");
  const LoadedPage alone = Load();
  EXPECT_FALSE(alone.is_connected);
  EXPECT_EQ(alone.calls,
            (std::vector<std::string>{"GET /get_orchestrator", "GET /get_orchestrator", "GET /get_headers"}));
  for (const std::size_t i : {0U, 1U}) {
    EXPECT_EQ(alone.answers[i].status, 404) << alone.answers[i].body;
    EXPECT_EQ(alone.answers[i].json()["detail"].AsString(), "Orchestrator not found");
    // Without it the browser would not show the page the status.
    EXPECT_EQ(alone.answers[i].headers.at("Access-Control-Allow-Origin"), kPage);
  }
  EXPECT_EQ(OpenSockets(), 1);

  Execute("UPDATE orchestrator_agents SET archived = false");
  ExpectUsable(Load());
  EXPECT_EQ(OpenSockets(), 2);
}

}  // namespace
}  // namespace tutti::test
