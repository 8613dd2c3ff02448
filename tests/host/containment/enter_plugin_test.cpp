#include "host/containment/enter_plugin.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace tutti::host {
namespace {

class EnterPluginTest : public ::testing::Test {
 protected:
  EnterPluginTest() {
    faults_.SetHandler([this](const std::string& plugin, const std::string&) { reported_.push_back(plugin); });
  }

  const PluginTag& tag_ = KeepPluginTag("org.example.x", "1.0.0");
  std::vector<std::string> counted_;
  std::vector<std::string> reported_;
  PluginFaults faults_;
  PluginConduct conduct_{faults_, {.strikes = 2}, [this](std::string_view plugin, std::string_view kind) {
                           counted_.push_back(std::string(plugin) + " " + std::string(kind));
                         }};
};

TEST_F(EnterPluginTest, WhatReturnsIsOk) {
  bool ran = false;
  EXPECT_TRUE(EnterPlugin(tag_, operation::kTimer, 0, {}, &conduct_, [&] { ran = true; }).ok());
  EXPECT_TRUE(ran);
  EXPECT_TRUE(counted_.empty());
}

TEST_F(EnterPluginTest, AnExceptionBecomesASentenceAndAStrike) {
  const Status status =
      EnterPlugin(tag_, operation::kOnPoint, 5, "PreToolUse", &conduct_, [] { throw std::runtime_error("no room"); });
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_EQ(status.message(), "the plugin org.example.x let an exception out of hook.on_point PreToolUse: no room");
  EXPECT_EQ(counted_, std::vector<std::string>{"org.example.x threw"});
  EXPECT_TRUE(reported_.empty());
  EXPECT_EQ(ThreadsInside().size(), 0U) << "the entry has ended";
}

TEST_F(EnterPluginTest, WhatIsNoExceptionIsCaughtToo) {
  for (int i = 0; i < 2; ++i) {
    const Status status = EnterPlugin(tag_, operation::kTimer, 0, {}, &conduct_, [] { throw 7; });
    EXPECT_EQ(status.message(),
              "the plugin org.example.x let an exception out of a timer: something that is no std::exception");
  }
  EXPECT_EQ(reported_, std::vector<std::string>{"org.example.x"});
}

TEST_F(EnterPluginTest, NobodyNeedsToCount) {
  EXPECT_FALSE(EnterPlugin(tag_, operation::kTimer, 0, {}, nullptr, [] { throw 7; }).ok());
}

}  // namespace
}  // namespace tutti::host
