#include "host/isolation/restart_policy.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

using std::chrono::milliseconds;

const RestartPolicy::Clock::time_point kBegin{};

TEST(RestartPolicy, WaitsTwiceAsLongEachTimeUpToABound) {
  RestartPolicy policy({milliseconds(250), milliseconds(1500), 10, milliseconds(60000)});
  EXPECT_EQ(policy.Died(kBegin), milliseconds(250));
  EXPECT_EQ(policy.Died(kBegin), milliseconds(500));
  EXPECT_EQ(policy.Died(kBegin), milliseconds(1000));
  EXPECT_EQ(policy.Died(kBegin), milliseconds(1500));
  EXPECT_EQ(policy.Died(kBegin), milliseconds(1500));
}

TEST(RestartPolicy, GivesUpAfterTooManyDeathsInTheWindow) {
  RestartPolicy policy({milliseconds(250), milliseconds(30000), 2, milliseconds(1000)});
  EXPECT_TRUE(policy.Died(kBegin).has_value());
  EXPECT_TRUE(policy.Died(kBegin + milliseconds(10)).has_value());
  EXPECT_FALSE(policy.Died(kBegin + milliseconds(20)).has_value());
}

TEST(RestartPolicy, ForgetsDeathsThatAreLongAgo) {
  RestartPolicy policy({milliseconds(250), milliseconds(30000), 1, milliseconds(1000)});
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(policy.Died(kBegin + milliseconds(1001) * i), milliseconds(250)) << i;
  }
}

TEST(RestartPolicy, MayAllowNone) {
  RestartPolicy policy({milliseconds(250), milliseconds(30000), 0, milliseconds(1000)});
  EXPECT_FALSE(policy.Died(kBegin).has_value());
}

}  // namespace
}  // namespace tutti::host
