#include "event_job.h"

#include <gtest/gtest.h>

namespace tutti::summarizer {
namespace {

constexpr const char* kAgent = "00000000-0000-4000-8000-00000000000a";
constexpr const char* kSession = "00000000-0000-4000-8000-00000000000b";

std::optional<Job> Of(std::string_view point, const std::string& payload, std::string_view agent = kAgent) {
  const Result<Json> json = Json::Parse(payload);
  return JobOf({point, agent, kSession, 17}, json->view(), Bounds());
}

TEST(EventJob, AgentsEventsHaveTheFallbackTextsOfTheContract) {
  const struct {
    const char* point;
    std::string payload;
    std::string fallback;
  } cases[] = {
      {"PreToolUse", R"({"tool_name":"Bash","tool_input":{}})", "PreToolUse: Bash"},
      {"PostToolUse", R"({"tool_name":"Read","tool_input":{}})", "PostToolUse: Read"},
      {"ToolUseBlock", R"({"tool_name":"Grep","id":"r"})", "Tool use: Grep"},
      {"TextBlock", R"({"text":"short\nand plain","id":"r"})", "Text: short and plain"},
      {"TextBlock", JsonObject()("text", std::string(60, 'x')).Take(), "Text: " + std::string(50, 'x') + "..."},
      {"ThinkingBlock", R"({"thinking":"how"})", "Thinking: how"},
      {"UserPromptSubmit", R"({"prompt":"p"})", "UserPromptSubmit"},
      {"Stop", R"({"reason":"end_turn"})", "Stop"},
      {"SubagentStop", "{}", "SubagentStop"},
      {"PreCompact", "{}", "PreCompact"},
  };

  for (const auto& [point, payload, fallback] : cases) {
    const std::optional<Job> job = Of(point, payload);
    ASSERT_TRUE(job) << point;
    EXPECT_EQ(job->fallback, fallback) << point;
    EXPECT_TRUE(job->is_announced) << point;
    EXPECT_EQ(job->target.table, Target::Table::kAgentLog) << point;
    EXPECT_EQ(job->subject, kAgent);
    EXPECT_EQ(job->stream, kSession);
  }
}

TEST(EventJob, OfTheOrchestratorOnlyWhatHasARowIsSummedUpAndNothingIsAnnounced) {
  const std::pair<const char*, std::optional<Target::Table>> cases[] = {
      {"TextBlock", Target::Table::kChat},
      {"ThinkingBlock", Target::Table::kSystemLog},
      {"ToolUseBlock", Target::Table::kSystemLog},
      {"PreToolUse", std::nullopt},
      {"PostToolUse", std::nullopt},
      {"Stop", std::nullopt},
      {"UserPromptSubmit", std::nullopt},
      {"PreCompact", std::nullopt},
  };
  for (const auto& [point, table] : cases) {
    const std::optional<Job> job = Of(point, R"({"id":"r","text":"t","tool_name":"Bash"})", kSession);
    ASSERT_EQ(job.has_value(), table.has_value()) << point;
    if (job) {
      EXPECT_EQ(job->target.table, *table) << point;
      EXPECT_EQ(job->target.id, "r");
      EXPECT_FALSE(job->is_announced);
    }
  }
}

TEST(EventJob, DetailsAreCutAtWholeCharacters) {
  std::string text;
  for (int i = 0; i < 600; ++i) {
    text += "\xC3\xA9";
  }
  EXPECT_EQ(Of("TextBlock", JsonObject()("text", text).Take())->details, text.substr(0, 1000) + "...");
  EXPECT_EQ(Of("ThinkingBlock", JsonObject()("thinking", text).Take())->details, text.substr(0, 1000) + "...");
  const std::string input = JsonObject()("content", std::string(5000, 'x')).Take();
  const std::string details =
      Of("PreToolUse", JsonObject()("tool_name", "Write").Raw("tool_input", input).Take())->details;
  EXPECT_TRUE(details.starts_with("Write {\"content\":\"xxx"));
  EXPECT_EQ(details.size(), 2003U);
}

TEST(EventJob, ToolResultsSayWhetherTheToolFailed) {
  const std::string details =
      Of("PostToolUse", R"({"tool_name":"Bash","tool_input":{"command":"ls"},"tool_response":"no","is_error":true})")
          ->details;
  EXPECT_NE(details.find("ls"), std::string::npos);
  EXPECT_NE(details.find("failed: \"no\""), std::string::npos) << details;
}

TEST(EventJob, RowsThatWereLookedUpBecomeJobsOfTheirTables) {
  const Result<Json> row = Json::Parse(R"({"id":"r","prompt_text":"do it","message":"hello\u0007there"})");
  const Observed seen{"UserPromptSubmit", kAgent, kSession, 17};
  const Job prompt = PromptJob(seen, row->view(), Bounds());
  EXPECT_EQ(prompt.target.table, Target::Table::kPrompt);
  EXPECT_EQ(prompt.details, "do it");
  EXPECT_FALSE(prompt.fallback.empty());
  const Job line = UserLineJob(seen, row->view(), Bounds());
  EXPECT_EQ(line.target.table, Target::Table::kChat);
  EXPECT_EQ(line.fallback, "User: hello there");
}

TEST(EventJob, SentencesAreOneBoundedLineOfCleanText) {
  EXPECT_EQ(AsSentence("  two\r\n\tlines \x01 ", 100), "two lines");
  EXPECT_EQ(AsSentence("bad \xFF byte", 100), "bad \xEF\xBF\xBD byte");
  EXPECT_EQ(AsSentence("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "\xC3\xA9\xC3\xA9");
  EXPECT_EQ(AsSentence(" \n ", 10), "");
}

}  // namespace
}  // namespace tutti::summarizer
