#include "facts.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tutti::budget {
namespace {

TEST(Facts, ATreeIsTheAgentAndThoseAboveItWithoutTheOrchestrator) {
  const Facts facts =
      Facts::Read("r", "b", "o", "ann", R"({"tree":"/o/a/b/","depth":2,"agent_name":"scout","role":"agent"})");
  EXPECT_EQ(facts.trees, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(facts.depth, 2);
  EXPECT_EQ(facts.user, "ann");
  EXPECT_EQ(facts.ScopesOf(ScopeKind::kTree), (std::vector<Scope>{{ScopeKind::kTree, "a"}, {ScopeKind::kTree, "b"}}));
}

TEST(Facts, WithoutATreeAnAgentIsItsOwn) {
  const Facts facts = Facts::Read("r", "a", "o", "", "");
  EXPECT_EQ(facts.trees, std::vector<std::string>{"a"});
  EXPECT_EQ(facts.depth, 1);
  EXPECT_EQ(facts.user, "local");
}

TEST(Facts, TheOrchestratorStandsInNoTree) {
  const Facts facts = Facts::Read("r", "o", "o", "", R"({"tree":"/o/"})");
  EXPECT_TRUE(facts.trees.empty());
  EXPECT_EQ(facts.depth, 0);
}

TEST(Facts, APrincipalOfTheLabelsCounts) {
  EXPECT_EQ(Facts::Read("r", "a", "o", "ann", R"({"principal":"bob"})").user, "bob");
}

TEST(Facts, ACallOutsideARunIsChargedToItsUserAndTheServer) {
  const Facts facts = Facts::Read("", "", "", "ann", "");
  EXPECT_EQ(facts.Scopes(), (std::vector<Scope>{{ScopeKind::kUser, "ann"}, {ScopeKind::kServer, ""}}));
}

TEST(Facts, ScopesComeInOneOrder) {
  const Facts facts = Facts::Read("r", "b", "o", "", R"({"tree":"/o/z/b/"})");
  const std::vector<Scope> scopes = facts.Scopes();
  ASSERT_EQ(scopes.size(), 7U);
  EXPECT_TRUE(std::is_sorted(scopes.begin(), scopes.end()));
}

TEST(Facts, LabelsThatAreNoJsonAreAsIfThereWereNone) {
  EXPECT_EQ(Facts::Read("r", "a", "o", "", "{").agent_name, "");
}

}  // namespace
}  // namespace tutti::budget
