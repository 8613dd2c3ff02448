#include "performance.h"

#include <gtest/gtest.h>

#include "requests.h"

namespace tutti::rehearsal {
namespace {

Performance Play(const char* yaml, const Conversation& talk, const Staging& staging = {}) {
  auto script = ParseScript(yaml, "test.yaml");
  EXPECT_TRUE(script.ok()) << script.status().ToString();
  std::vector<Script> scripts;
  scripts.push_back(std::move(*script));
  Playbook book(std::move(scripts));
  const auto situation = ReadSituation(talk.Request());
  const auto choice = book.Choose(*situation);
  EXPECT_TRUE(choice.ok()) << choice.status().ToString();
  return Stage(*choice, *situation, staging, "7");
}

TEST(Performance, DeltasAddUpToTheBlocksOfTheResult) {
  const Performance played = Play(R"(
scenes:
  - say:
      - thinking: "let me think about it"
      - text: "Grüße an alle: ${prompt}"
      - tool_use: {name: Write, input: {file_path: "${prompt}"}}
)",
                                  Conversation({}).Ask("NÖTES.md"), {.piece_characters = 5});
  std::string texts[3];
  for (const auto& event : played.events) {
    const auto json = Json::Parse(event);
    ASSERT_TRUE(json.ok()) << event;
    auto& text = texts[(*json)["index"].AsInt()];
    text.append((*json)["text"].AsString()).append((*json)["thinking"].AsString());
    text.append((*json)["partial_json"].AsString());
  }
  const auto result = Json::Parse(played.result);
  ASSERT_TRUE(result.ok()) << played.result;
  const JsonView content = (*result)["content"];
  EXPECT_EQ(content[0]["thinking"].AsString(), texts[0]);
  EXPECT_EQ(content[1]["text"].AsString(), texts[1]);
  EXPECT_EQ(texts[1], "Grüße an alle: NÖTES.md");
  EXPECT_EQ(content[2]["input"].Dump(), texts[2]);
  EXPECT_EQ(content[2]["id"].AsString(), "toolu_7_2");
  EXPECT_EQ((*result)["stop_reason"].AsString(), "tool_use");
  EXPECT_EQ((*result)["cost_usd"].AsDouble(-1), 0);
  EXPECT_GT((*result)["usage"]["input_tokens"].AsInt(), 1);
  EXPECT_GT((*result)["usage"]["output_tokens"].AsInt(), 1);
}

TEST(Performance, UsageAndStopReasonComeFromTheScript) {
  const Performance played =
      Play("scenes: [{say: [{text: x}], stop_reason: refusal, usage: {input_tokens: 5, cache_read_input_tokens: 9}}]",
           Conversation({}).Ask("x"));
  const auto result = Json::Parse(played.result);
  EXPECT_EQ((*result)["stop_reason"].AsString(), "refusal");
  EXPECT_EQ((*result)["usage"]["input_tokens"].AsInt(), 5);
  EXPECT_EQ((*result)["usage"]["cache_read_input_tokens"].AsInt(), 9);
}

TEST(Performance, FailsAfterTheGivenDeltas) {
  const Performance played = Play(
      "scenes: [{say: [{text: abcdef}], fail: {code: UNAVAILABLE, message: gone, retry_after_ms: 40, after_deltas: "
      "2}}]",
      Conversation({}).Ask("x"), {.piece_characters = 1});
  EXPECT_EQ(played.events.size(), 2U);
  EXPECT_EQ(played.failure.code(), Code::kUnavailable);
  EXPECT_EQ(played.failure.retry_after(), std::chrono::milliseconds(40));
}

TEST(Performance, LongResultIsCutAtACharacter) {
  const Performance played =
      Play("scenes: [{when: {tool: '.*'}, say: [{text: '${result}'}]}]",
           Conversation({}).Ask("x").Call("t", "Bash").Answer("t", "ääää"), {.max_text_bytes = 5});
  const auto result = Json::Parse(played.result);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ((*result)["content"][0]["text"].AsString(), "ää");
}

}  // namespace
}  // namespace tutti::rehearsal
