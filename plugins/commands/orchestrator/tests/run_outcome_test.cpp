#include "run_outcome.h"

#include <gtest/gtest.h>

namespace tutti::orchestrator {
namespace {

TEST(RunOutcome, PromptIsUnheardOnlyWhenTheRunWasStoppedBeforeItBegan) {
  EXPECT_TRUE(WasHeard(Status()));
  EXPECT_TRUE(WasHeard(Status::Unavailable("no model")));
  EXPECT_TRUE(WasHeard(Status::Cancelled("interrupted").WithDetails(R"({"stop_reason":"interrupted"})")));
  EXPECT_FALSE(WasHeard(Status::Cancelled("interrupted")));
  EXPECT_FALSE(WasHeard(Status::Cancelled("interrupted").WithDetails(R"({"stop_reason":"error"})")));
  EXPECT_FALSE(WasHeard(Status::Cancelled("interrupted").WithDetails("no json")));
}

}  // namespace
}  // namespace tutti::orchestrator
