#include "place.h"

#include <gtest/gtest.h>

namespace tutti::orchestrator {
namespace {

TEST(Place, OrchestratorHasNobodyAbove) {
  const Place root = Place::Of("o");
  EXPECT_EQ(root.tree(), "/o/");
  EXPECT_EQ(root.parent(), "");
  EXPECT_EQ(root.depth(), 0);
}

TEST(Place, WhoIsCreatedStandsBelowItsCreator) {
  const Place agent = Place::Of("o").Below("a");
  EXPECT_EQ(agent.tree(), "/o/a/");
  EXPECT_EQ(agent.parent(), "o");
  EXPECT_EQ(agent.depth(), 1);
  const Place lower = agent.Below("b");
  EXPECT_EQ(lower.tree(), "/o/a/b/");
  EXPECT_EQ(lower.parent(), "a");
  EXPECT_EQ(lower.depth(), 2);
}

TEST(Place, RowWithoutATreeIsOfTheOrchestrator) {
  EXPECT_EQ(Place::Of("o", "", "a").tree(), "/o/a/");
  EXPECT_EQ(Place::Of("o", "/o/b/a/", "a").tree(), "/o/b/a/");
}

}  // namespace
}  // namespace tutti::orchestrator
