#include "lasting_rules.h"

#include <gtest/gtest.h>

namespace tutti::approvals {
namespace {

class LastingRulesTest : public ::testing::Test {
 protected:
  LastingRulesTest() { around_.directory = "/work-of-nobody"; }

  RuleSet Rules(const std::string& config) const {
    return std::move(*RuleSet::Parse(Json::Parse(config)->view(), around_));
  }

  static std::string Input(const std::string& line) { return JsonObject()("command", line).Take(); }

  std::string AlwaysText(const std::string& tool, const std::string& input) const {
    const Result<Json> json = Json::Parse(input);
    const std::optional<Always> always = AlwaysFor(ToolCall(tool, json->view(), around_));
    return always ? always->text : "none";
  }

  // What becomes of `then` after `first` was allowed for good.
  bool IsAllowed(const RuleSet& rules, const std::string& tool, const std::string& first, const std::string& then) {
    const Result<Json> allowed = Json::Parse(first);
    const std::optional<Always> always = AlwaysFor(ToolCall(tool, allowed->view(), around_));
    EXPECT_TRUE(always);
    LastingRules lasting;
    EXPECT_TRUE(lasting.Set({{"1", always->form, always->tool, always->pattern}}, around_).empty());
    const Result<Json> asked = Json::Parse(then);
    return lasting.Decide(rules, ToolCall(tool, asked->view(), around_), {}).verdict == Verdict::kAllow;
  }

  Surroundings around_;
};

TEST_F(LastingRulesTest, WhatAlwaysMeansIsNarrow) {
  const struct {
    const char* tool;
    std::string input;
    const char* text;
  } cases[] = {
      {"Bash", Input("git push origin main"), "Bash(git push:*)"},
      {"Bash", Input("npm run test -- --all"), "Bash(npm run test:*)"},
      {"Bash", Input("make check"), "Bash(make check:*)"},
      {"Bash", Input("git config core.pager x"), "Bash: git config core.pager x"},
      {"Bash", Input("npm exec x"), "Bash: npm exec x"},
      {"Bash", Input("go run x"), "Bash: go run x"},
      {"Bash", Input("git -C /x push"), "Bash: git -C /x push"},
      {"Bash", Input("rm -rf build"), "Bash: rm -rf build"},
      {"Bash", Input("git push && rm x"), "Bash: git push && rm x"},
      {"Bash", Input("git push > log"), "Bash: git push > log"},
      {"Bash", Input("python3 x.py"), "Bash: python3 x.py"},
      {"Bash", Input(""), "none"},
      {"Bash", Input("echo " + std::string(5000, 'x')), "none"},
      {"Write", R"({"file_path":"/work-of-nobody/a/../b"})", "Write: /work-of-nobody/b"},
      {"WebFetch", R"({"url":"https://Example.org/x"})", "WebFetch(domain:example.org)"},
      {"WebFetch", R"({"url":"https://a@b/x"})", "none"},
      {"mcp__mgmt__create_agent", R"({"name":"x"})", "mcp__mgmt__create_agent"},
  };

  for (const auto& c : cases) {
    EXPECT_EQ(AlwaysText(c.tool, c.input), c.text) << c.input.substr(0, 80);
  }
}

TEST_F(LastingRulesTest, ItAllowsWhatItSaysAndNothingMore) {
  const RuleSet rules = Rules(R"json({"permissions":{"ask":["Bash(git push:*)","Bash(rm:*)","Write"]}})json");

  const struct {
    const char* tool;
    std::string first, then;
    bool is_allowed;
  } cases[] = {
      {"Bash", Input("git push origin main"), Input("git push origin docs"), true},
      {"Bash", Input("git push origin main"), Input("ls && git push"), true},
      {"Bash", Input("git push origin main"), Input("git push && rm x"), false},
      {"Bash", Input("git push origin main"), Input("git push $(rm x)"), false},
      {"Bash", Input("git push origin main"), Input("git push > /tmp/x"), false},
      {"Bash", Input("git push origin main"), Input("bash -c 'git push'"), false},
      {"Bash", Input("rm -rf build/*"), Input("rm -rf build/*"), true},
      {"Bash", Input("rm -rf build/*"), Input("rm -rf build/x"), false},
      {"Bash", Input("rm x:*"), Input("rm x y"), false},
      {"Bash", Input("rm x"), Input("rm x; git push"), false},
      {"Write", R"({"file_path":"a"})", R"({"file_path":"./a"})", true},
      {"Write", R"({"file_path":"a"})", R"({"file_path":"b"})", false},
  };

  for (const auto& c : cases) {
    EXPECT_EQ(IsAllowed(rules, c.tool, c.first, c.then), c.is_allowed) << c.first << " then " << c.then;
  }
}

TEST_F(LastingRulesTest, ItNeverTurnsADenialRound) {
  const RuleSet rules =
      Rules(R"json({"default":"deny","permissions":{"ask":["Bash(git push:*)"],"deny":["Bash(rm:*)"]}})json");
  EXPECT_TRUE(IsAllowed(rules, "Bash", Input("git push a"), Input("git push b")));
  EXPECT_FALSE(IsAllowed(rules, "Bash", Input("rm x"), Input("rm x")));
  EXPECT_FALSE(IsAllowed(rules, "Bash", Input("git push a"), Input("git push b; ls")));
}

TEST_F(LastingRulesTest, WhatCannotBeReadIsLeftOutAndNamed) {
  LastingRules lasting;
  const std::vector<std::string> left =
      lasting.Set({{"1", "rule", "Bash", "Bash(git push:*)"}, {"2", "rule", "Bash", "Bash("}}, around_);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0], "2");
}

}  // namespace
}  // namespace tutti::approvals
