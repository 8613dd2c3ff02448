// Sentences about what agents and the orchestrator do, written in the background.
#include <chrono>
#include <set>
#include <thread>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

constexpr std::chrono::seconds kPatience{20};

class Summaries : public Orchestrator {
 protected:
  std::vector<MorePlugin> MorePlugins() const override {
    return {{"tutti.hooks.summarizer", "hooks", "mode: model, batch_wait_ms: 20"}};
  }

  std::string MoreScenes() const override {
    return R"(scenes:
  - when: {system: 'log of a team of software agents'}
    say:
      - text: >-
          [{"n":1,"summary":"Sentence 1"},{"n":2,"summary":"Sentence 2"},{"n":3,"summary":"Sentence 3"},
          {"n":4,"summary":"Sentence 4"},{"n":5,"summary":"Sentence 5"},{"n":6,"summary":"Sentence 6"},
          {"n":7,"summary":"Sentence 7"},{"n":8,"summary":"Sentence 8"}]
    usage: {input_tokens: 1000, output_tokens: 100}
)";
  }

  // Whether every row that is to have a summary has one before patience ends.
  bool WaitForSummaries() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (Unsummed() != "0") {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  }

  std::string Unsummed() {
    return Rows(
               "SELECT (SELECT count(*) FROM agent_logs WHERE summary IS NULL) + "
               "(SELECT count(*) FROM orchestrator_chat WHERE summary IS NULL) + "
               "(SELECT count(*) FROM system_logs WHERE summary IS NULL) + "
               "(SELECT count(*) FROM prompts WHERE summary IS NULL) AS n")
        .at(0)
        .at("n");
  }

  std::set<std::string> Texts(const std::string& table) {
    std::set<std::string> texts;
    for (const auto& row : Rows("SELECT summary AS s FROM " + table)) {
      texts.insert(row.at("s"));
    }
    return texts;
  }

  // Summaries that were announced, in order.
  std::vector<std::string> Announced() {
    std::vector<std::string> texts;
    for (const std::string& text : client().messages()) {
      const Json message = std::move(*Json::Parse(text));
      if (message["type"].AsString() == "agent_summary_update") {
        EXPECT_EQ(message["agent_id"].AsString(), agent_);
        EXPECT_TRUE(message["timestamp"].AsString().ends_with("+00:00"));
        texts.emplace_back(message["summary"].AsString());
      }
    }
    return texts;
  }

  void Work() {
    agent_ = CreateAgent("builder");
    CommandAndWait("builder", "work");
  }

  std::string agent_;
};

TEST_F(Summaries, O32_SentenceReplacesTheTaskLineAndIsStored) {
  Work();
  ASSERT_TRUE(WaitForSummaries()) << Unsummed() << server().output();
  for (const char* table : {"agent_logs", "orchestrator_chat", "system_logs", "prompts"}) {
    for (const std::string& text : Texts(table)) {
      EXPECT_TRUE(text.starts_with("Sentence ")) << table << ": " << text;
    }
  }
  // What was announced last is what the newest row holds.
  const std::string newest = Rows("SELECT summary AS s FROM agent_logs ORDER BY timestamp DESC LIMIT 1").at(0).at("s");
  // A stream is in order of commits, so with the end of this turn everything that was announced before has come.
  SayAndWait("say that is all");
  ASSERT_FALSE(Announced().empty());
  EXPECT_EQ(Announced().back(), newest);
  const Json events = Get("/get_events?event_types=agent_logs&limit=300").json();
  events["events"].ForEach(
      [](JsonView event) { EXPECT_TRUE(event["summary"].AsString().starts_with("Sentence ")) << event.Dump(); });
}

TEST_F(Summaries, O32_TheirTokensAreKeptApartFromTheAgents) {
  Work();
  ASSERT_TRUE(WaitForSummaries()) << Unsummed() << server().output();
  const Json spending = Get("/v1/summaries/spending?orchestrator=" + id_).json();
  ASSERT_GE(spending["spending"].size(), 1U) << spending.view().Dump();
  const JsonView row = spending["spending"][0];
  EXPECT_EQ(row["model"].AsString(), "rehearsal");
  EXPECT_EQ(row["input_tokens"].AsInt(), 1000 * row["calls"].AsInt());
  EXPECT_EQ(row["output_tokens"].AsInt(), 100 * row["calls"].AsInt());
  EXPECT_GT(row["calls"].AsInt(), 0);
  EXPECT_LT(row["calls"].AsInt(), row["events"].AsInt());
  EXPECT_EQ(FindAgent("builder")["input_tokens"].AsInt(), 57);
  EXPECT_NE(Get("/metrics").body.find("tutti_summaries_tokens_total"), std::string::npos);
}

class SummariesThatFail : public Summaries {
 protected:
  std::string MoreScenes() const override {
    return R"(scenes:
  - when: {system: 'log of a team of software agents'}
    say: []
    fail: {code: INVALID_ARGUMENT, message: "scripted failure of a summary"}
)";
  }
};

TEST_F(SummariesThatFail, O32_FailureGivesTheFallbackAndNothingElseBreaks) {
  Work();
  ASSERT_TRUE(WaitForSummaries()) << Unsummed() << server().output();
  const std::set<std::string> texts = Texts("agent_logs");
  for (const char* expected : {"PreToolUse: Glob", "PostToolUse: Glob", "Tool use: Glob", "Text: working", "Stop",
                               "Thinking: how to begin", "UserPromptSubmit"}) {
    EXPECT_TRUE(texts.contains(expected)) << expected << " is not among " << testing::PrintToString(texts);
  }
  EXPECT_TRUE(Texts("orchestrator_chat").contains("User: command builder work"));
  EXPECT_EQ(FindAgent("builder")["status"].AsString(), "idle");
  SayAndWait("say again");
  EXPECT_EQ(LastLine(), "again");
}

class SummariesByDefault : public Summaries {
 protected:
  std::vector<MorePlugin> MorePlugins() const override { return {{"tutti.hooks.summarizer", "hooks", ""}}; }
};

TEST_F(SummariesByDefault, O32_WithoutAModelForThemOnlyFallbacksAreWritten) {
  Work();
  ASSERT_TRUE(WaitForSummaries()) << Unsummed() << server().output();
  EXPECT_TRUE(Texts("agent_logs").contains("PreToolUse: Glob"));
  EXPECT_EQ(Get("/v1/summaries/spending").json()["count"].AsInt(-1), 0);
}

class SummariesThatAreSlow : public Summaries {
 protected:
  std::string MoreScenes() const override {
    return R"(scenes:
  - when: {system: 'log of a team of software agents'}
    delay_ms: 60000
    say: [{text: "too late, and in more than one piece so that a pause lies between"}]
)";
  }
};

TEST_F(SummariesThatAreSlow, StopWritesFallbacksAndLosesNoRow) {
  Work();
  EXPECT_NE(Unsummed(), "0");
  ASSERT_EQ(server().Stop(), 0) << server().output();
  EXPECT_EQ(Unsummed(), "0");
  EXPECT_TRUE(Texts("agent_logs").contains("Text: worked"));
}

}  // namespace
}  // namespace tutti::test
