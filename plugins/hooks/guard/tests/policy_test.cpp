#include "policy.h"

#include <gtest/gtest.h>

namespace tutti::guard {
namespace {

Result<Policy> Parse(std::string_view rules, std::string_view default_action = "allow") {
  const Result<Json> json = Json::Parse(rules);
  EXPECT_TRUE(json.ok()) << json.status().ToString();
  return Policy::Parse(json->view(), default_action, {.home = "/home/me", .max_command_bytes = 1000});
}

Decision Decide(const Policy& policy, std::string_view tool, std::string_view input) {
  const Result<Json> json = Json::Parse(input);
  EXPECT_TRUE(json.ok()) << input;
  return policy.Decide(tool, json->view());
}

TEST(Policy, TheFirstMatchDecides) {
  const auto policy = Parse(R"json([
      {"action":"allow","tool":"Read","argument":"file_path","pattern":"^docs/"},
      {"action":"deny","tool":"Re*","reason":"no reading"}])json");
  ASSERT_TRUE(policy.ok());
  EXPECT_TRUE(Decide(*policy, "Read", R"({"file_path":"docs/a"})").is_allowed);
  EXPECT_EQ(Decide(*policy, "Read", R"({"file_path":"src/a"})").reason, "no reading");
  EXPECT_TRUE(Decide(*policy, "Write", "{}").is_allowed);
}

TEST(Policy, WithoutAMatchTheDefaultDecides) {
  EXPECT_FALSE(Decide(*Parse("[]", "deny"), "Read", "{}").is_allowed);
  EXPECT_TRUE(Decide(*Parse("[]", "allow"), "Read", "{}").is_allowed);
}

TEST(Policy, ToolPatternsKnowAlternatives) {
  const auto policy = Parse(R"json([{"action":"deny","tool":"@(Read|Grep)"}])json");
  EXPECT_FALSE(Decide(*policy, "Grep", "{}").is_allowed);
  EXPECT_TRUE(Decide(*policy, "Grepper", "{}").is_allowed);
}

TEST(Policy, AnyTextArgumentIsSearchedForAStar) {
  const auto policy = Parse(R"json([{"action":"deny","argument":"*","pattern":"secret"}])json");
  EXPECT_FALSE(Decide(*policy, "x", R"({"a":{"b":["ok","a secret"]}})").is_allowed);
  EXPECT_FALSE(Decide(*policy, "x", R"({"command":"echo se\"cr\"et"})").is_allowed);
  EXPECT_TRUE(Decide(*policy, "x", R"({"secret":1})").is_allowed);
}

TEST(Policy, AnAllowRuleMustMatchEveryCommand) {
  const auto policy =
      Parse(R"json([{"action":"allow","tool":"Bash","argument":"command","pattern":"^(ls|cat)( |$)"}])json", "deny");
  EXPECT_TRUE(Decide(*policy, "Bash", R"({"command":"ls | cat"})").is_allowed);
  for (const char* command : {"ls; rm x", "ls && rm x", "ls $(rm x)", "ls | xargs rm", "ls\nrm x", "", "ls <(rm x)"}) {
    EXPECT_FALSE(Decide(*policy, "Bash", JsonObject()("command", command).Take()).is_allowed) << command;
  }
}

TEST(Policy, CommandsThatCannotBeReadAreDenied) {
  const auto policy = Parse("[]");
  EXPECT_FALSE(Decide(*policy, "Bash", JsonObject()("command", std::string(1001, 'x')).Take()).is_allowed);
  std::string nested = "ls";
  for (int i = 0; i < 20; ++i) {
    nested = "$(" + nested + ")";
  }
  EXPECT_FALSE(Decide(*policy, "Bash", JsonObject()("command", nested).Take()).is_allowed);
}

TEST(Policy, WrongRulesAreExplainedByTheirPlace) {
  struct Case {
    const char* rules;
    const char* reason;
  };

  for (const Case& c : {Case{R"([{"action":"allow"},{"action":"maybe"}])", "rule 2: expected action"},
                        {R"([{"action":"deny","argument":"x","pattern":"("}])", "rule 1: expected an RE2 pattern"},
                        {R"([{"action":"deny","pattern":"x"}])", "argument and pattern together"}}) {
    const auto policy = Parse(c.rules);
    ASSERT_FALSE(policy.ok()) << c.rules;
    EXPECT_NE(policy.status().message().find(c.reason), std::string::npos) << policy.status().ToString();
  }
  EXPECT_FALSE(Parse("[]", "perhaps").ok());
}

}  // namespace
}  // namespace tutti::guard
