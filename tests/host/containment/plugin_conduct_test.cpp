#include "host/containment/plugin_conduct.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace tutti::host {
namespace {

using std::chrono::milliseconds;

class PluginConductTest : public ::testing::Test {
 protected:
  PluginConductTest() {
    faults_.SetHandler([this](const std::string&, std::string reason) { reasons_.push_back(std::move(reason)); });
  }

  void StrikeAt(const std::string& plugin, int ms) {
    conduct_.Strike(plugin, "overdue", "call 7 was late.", PluginConduct::Clock::time_point(milliseconds(ms)));
  }

  std::vector<std::string> reasons_;
  std::map<std::string, int> counts_;
  PluginFaults faults_;
  PluginConduct conduct_{
      faults_, {.strikes = 3, .window = milliseconds(10000)}, [this](std::string_view plugin, std::string_view kind) {
        ++counts_[std::string(plugin) + " " + std::string(kind)];
      }};
};

TEST_F(PluginConductTest, TheLastStrikeInTheWindowReports) {
  StrikeAt("a", 0);
  StrikeAt("a", 5000);
  StrikeAt("b", 5000);
  EXPECT_TRUE(reasons_.empty());
  StrikeAt("a", 10000);
  ASSERT_EQ(reasons_.size(), 1U);
  EXPECT_EQ(reasons_[0],
            "a went wrong 3 times within 10 s (host.containment.strikes); the last time: call 7 was late.");
  EXPECT_EQ(counts_["a overdue"], 3);
}

TEST_F(PluginConductTest, OldStrikesAreForgotten) {
  StrikeAt("a", 0);
  StrikeAt("a", 1);
  StrikeAt("a", 10002);
  StrikeAt("a", 10003);
  EXPECT_TRUE(reasons_.empty());
  StrikeAt("a", 10004);
  EXPECT_EQ(reasons_.size(), 1U);
}

TEST_F(PluginConductTest, AReportStartsANewCount) {
  for (int i = 0; i < 5; ++i) {
    StrikeAt("a", i);
  }
  EXPECT_EQ(reasons_.size(), 1U);
  StrikeAt("a", 5);
  EXPECT_EQ(reasons_.size(), 2U);
}

TEST_F(PluginConductTest, MisuseIsOnlyCounted) {
  for (int i = 0; i < 10; ++i) {
    conduct_.Misused("a", "late_finish");
  }
  EXPECT_TRUE(reasons_.empty());
  EXPECT_EQ(counts_["a late_finish"], 10);
}

}  // namespace
}  // namespace tutti::host
