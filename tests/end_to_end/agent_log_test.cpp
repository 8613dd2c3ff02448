// What an agent says and does, as rows and live messages.
#include <set>

#include "tests/end_to_end/orchestrator_fixture.h"
#include "tests/support/sorted_json.h"

namespace tutti::test {
namespace {

class AgentLog : public Orchestrator {
 protected:
  void SetUp() override {
    Orchestrator::SetUp();
    directory_.WriteFile("work/found.txt", "x");
    agent_ = CreateAgent("builder");
    first_ = CommandAndWait("builder", "work");
    for (const std::string& text : client().messages()) {
      Json message = std::move(*Json::Parse(text));
      if (message["type"].AsString() == "agent_log" && message["log"]["task_slug"].AsString().starts_with("work-")) {
        live_.push_back(std::move(message));
      }
    }
    stored_ = std::move(*Json::Parse(Get("/get_events?event_types=agent_logs&limit=300&agent_id=" + agent_).body));
  }

  std::vector<std::string> LiveTypes() const {
    std::vector<std::string> types;
    for (const Json& message : live_) {
      types.emplace_back(message["log"]["event_type"].AsString());
    }
    return types;
  }

  // The stored row of a live entry.
  JsonView Stored(JsonView log) const {
    JsonView found;
    stored_["events"].ForEach([&](JsonView row) {
      if (row["id"].AsString() == log["id"].AsString()) {
        found = row;
      }
    });
    return found;
  }

  std::string agent_;
  int first_ = 0;
  std::vector<Json> live_;
  Json stored_;
};

const std::vector<std::string> kTypes = {"UserPromptSubmit", "ThinkingBlock", "TextBlock", "ToolUseBlock",
                                         "PreToolUse",       "PostToolUse",   "TextBlock", "Stop"};

std::set<std::string> Keys(JsonView object) {
  std::set<std::string> keys;
  object.ForEachMember([&](std::string_view key, JsonView) { keys.emplace(key); });
  return keys;
}

TEST_F(AgentLog, O28_EachHookIsOneRowAndOneMessageWithItsKeys) {
  EXPECT_EQ(LiveTypes(), kTypes);
  const std::pair<const char*, std::set<std::string>> expected[] = {
      {"UserPromptSubmit", {"prompt", "prompt_length", "timestamp"}},
      {"PreToolUse", {"tool_name", "tool_input", "tool_use_id", "timestamp"}},
      {"PostToolUse", {"tool_name", "result", "is_error", "tool_use_id", "timestamp"}},
      {"Stop", {"reason", "num_turns", "duration_ms", "timestamp"}},
  };
  for (const auto& [type, keys] : expected) {
    int count = 0;
    for (const Json& message : live_) {
      const JsonView log = message["log"];
      if (log["event_type"].AsString() != type) {
        continue;
      }
      ++count;
      EXPECT_EQ(log["event_category"].AsString(), "hook");
      const std::set<std::string> found = Keys(log["payload"]);
      EXPECT_TRUE(std::includes(found.begin(), found.end(), keys.begin(), keys.end())) << log["payload"].Dump();
      EXPECT_EQ(Stored(log)["event_type"].AsString(), type);
      EXPECT_EQ(SortedJson(Stored(log)["payload"]), SortedJson(log["payload"]));
    }
    EXPECT_EQ(count, 1) << type;
  }
  const JsonView result = live_.at(5)["log"]["payload"];
  EXPECT_NE(result["result"].AsString().find("found.txt"), std::string_view::npos) << result.Dump();
  EXPECT_FALSE(result["is_error"].AsBool(true));
  EXPECT_EQ(live_.at(7)["log"]["payload"]["num_turns"].AsInt(), 2);
}

TEST_F(AgentLog, O29_EachBlockIsOneRowWithItsStoredNameAndOneMessageWithItsLiveName) {
  const std::map<std::string, std::string> names = {
      {"TextBlock", "text"}, {"ThinkingBlock", "thinking"}, {"ToolUseBlock", "tool_use"}};
  int blocks = 0;
  for (const Json& message : live_) {
    const JsonView log = message["log"];
    const auto stored_name = names.find(std::string(log["event_type"].AsString()));
    if (stored_name == names.end()) {
      continue;
    }
    ++blocks;
    EXPECT_EQ(log["event_category"].AsString(), "response");
    EXPECT_EQ(log["agent_name"].AsString(), "builder");
    EXPECT_FALSE(log["summary"].AsString().empty());
    const JsonView row = Stored(log);
    EXPECT_EQ(row["event_type"].AsString(), stored_name->second);
    EXPECT_EQ(SortedJson(row["payload"]), SortedJson(log["payload"]));
    EXPECT_EQ(row["timestamp"].AsString(), log["timestamp"].AsString());
    EXPECT_TRUE(row["summary"] && row["summary"].is_null());
    if (stored_name->second == "tool_use") {
      EXPECT_TRUE(row["content"].is_null());
    } else {
      EXPECT_EQ(row["content"].AsString(), log["content"].AsString());
    }
  }
  EXPECT_EQ(blocks, 4);
}

TEST_F(AgentLog, O30_EntryIndexIsUniqueAndRisesInArrivalOrder) {
  std::int64_t last = -1;
  for (const Json& message : live_) {
    EXPECT_GT(message["log"]["entry_index"].AsInt(), last);
    last = message["log"]["entry_index"].AsInt();
  }
  EXPECT_EQ(live_.front()["log"]["entry_index"].AsInt(), 0);
}

TEST_F(AgentLog, O31_ReloadShowsTheSameRowsInTheSameOrder) {
  std::vector<std::string> live;
  for (const std::string& text : client().messages()) {
    const Json message = std::move(*Json::Parse(text));
    if (message["type"].AsString() == "agent_log") {
      live.emplace_back(message["log"]["id"].AsString());
    }
  }
  std::vector<std::string> stored;
  const Json events = Get("/get_events?limit=300").json();
  events["events"].ForEach([&](JsonView event) {
    if (event["sourceType"].AsString() == "agent_log") {
      stored.emplace_back(event["id"].AsString());
    }
  });
  EXPECT_EQ(stored, live);
}

}  // namespace
}  // namespace tutti::test
