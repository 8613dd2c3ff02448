#include "slug.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tutti::orchestrator {
namespace {

constexpr std::time_t kTime = 1763633730;  // 2025-11-20 10:15:30 UTC

class Slug : public testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "UTC", 1);
    tzset();
  }
};

TEST_F(Slug, FollowsTheRuleForEachCommand) {
  const std::pair<const char*, const char*> cases[] = {
      {"Fix the test!", "fix-the-test"},
      {"  --Hello,   World--  ", "hello-world"},
      {"/compact", "compact"},
      {"ümläut", "ml-ut"},
      {"!!!", "task"},
      {"", "task"},
      {"0123456789012345678901234567890123456789012345678 and more",
       "0123456789012345678901234567890123456789012345678"},
  };
  for (const auto& [command, expected] : cases) {
    EXPECT_EQ(TaskSlug(command, kTime), std::string(expected) + "-20251120-101530") << command;
  }
}

}  // namespace
}  // namespace tutti::orchestrator
