#include "script.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tutti::rehearsal {
namespace {

TEST(Script, ReadsEveryMemberOfAScene) {
  auto script = ParseScript(R"(
scenes:
  - name: all
    when: {prompt: 'a(b)', tool: T, result: r, system: s, is_error: false, turn: 2, offers: [T, U]}
    say:
      - thinking: hm
      - text: "${1} and ${result}"
      - tool_use: {name: T, input: {path: "${1}", count: 3, flag: true, quoted: "3", list: [1.5, null]}}
    stop_reason: max_tokens
    usage: {input_tokens: 7}
    delay_ms: 5
    times: 2
    fail: {code: RESOURCE_EXHAUSTED, message: slow down, retry_after_ms: 250, after_deltas: 1}
)",
                            "all.yaml");
  ASSERT_TRUE(script.ok()) << script.status().ToString();
  const Scene& scene = script->scenes.at(0);
  EXPECT_EQ(scene.when.offers.size(), 2U);
  EXPECT_EQ(scene.when.turn, 2);
  EXPECT_EQ(scene.say.at(2).input_json, R"({"path":"${1}","count":3,"flag":true,"quoted":"3","list":[1.5,null]})");
  EXPECT_EQ(scene.stop_reason, "max_tokens");
  EXPECT_EQ(scene.usage.at("input_tokens"), 7);
  EXPECT_EQ(scene.delay, std::chrono::milliseconds(5));
  EXPECT_EQ(scene.times, 2);
  EXPECT_EQ(scene.fail->code, Code::kResourceExhausted);
  EXPECT_EQ(scene.fail->retry_after, std::chrono::milliseconds(250));
}

TEST(Script, FaultsNameFileLineAndExpectation) {
  const struct {
    const char* yaml;
    const char* expected;
  } cases[] = {
      {"scenes: 3", "bad.yaml:1: expected `scenes: [...]`"},
      {"scenes:\n  - sya: []", "bad.yaml:2: unknown member `sya` of a scene"},
      {"scenes:\n  - when: {prompt: '('}\n    say: [{text: x}]", "bad.yaml:2: expected `prompt` to be an RE2 pattern"},
      {"scenes:\n  - say: [{text: '${nobody}'}]", "`${nobody}` in scene"},
      {"scenes:\n  - name: x", "expected a scene to have `say` or `fail`"},
      {"scenes:\n  - say: [{text: x}]\n    stop_reason: tired", "bad.yaml:3: expected `stop_reason`"},
      {"scenes:\n  - fail: {code: BROKEN}", "expected `code` to be a status code"},
      {"scenes:\n  - say: [{text: x}]\n    times: -1", "expected `times` to be a whole number"},
      {"scenes:\n  - say: [{text: a, thinking: b}]", "exactly one of text, thinking, tool_use"},
      {"scenes: [", "bad.yaml:"},
  };

  for (const auto& [yaml, expected] : cases) {
    const auto script = ParseScript(yaml, "bad.yaml");
    ASSERT_FALSE(script.ok()) << yaml;
    EXPECT_NE(script.status().message().find(expected), std::string_view::npos) << yaml << "\n"
                                                                                << script.status().ToString();
  }
}

TEST(Script, ReportsAllFaultsInOnePass) {
  const auto script =
      ParseScript("scenes:\n  - sya: []\n    say: [{text: x}]\n  - delay_ms: soon\n    say: [{text: x}]", "two.yaml");
  ASSERT_FALSE(script.ok());
  EXPECT_NE(script.status().message().find("two.yaml:2:"), std::string_view::npos);
  EXPECT_NE(script.status().message().find("two.yaml:4:"), std::string_view::npos);
}

TEST(Script, LoadsADirectoryInOrderOfNamesAndRefusesAnEmptyOne) {
  std::string directory = std::filesystem::temp_directory_path() / "rehearsal_XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  EXPECT_EQ(LoadScripts(directory).status().code(), Code::kNotFound);
  std::ofstream(directory + "/b.yaml") << "scenes: [{name: second, say: [{text: x}]}]";
  std::ofstream(directory + "/a.yaml") << "scenes: [{name: first, say: [{text: x}]}]";
  const auto scripts = LoadScripts(directory);
  ASSERT_TRUE(scripts.ok()) << scripts.status().ToString();
  ASSERT_EQ(scripts->size(), 2U);
  EXPECT_EQ(scripts->at(0).scenes.at(0).name, "first");
  EXPECT_EQ(LoadScripts(directory + "/missing.yaml").status().code(), Code::kNotFound);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace tutti::rehearsal
