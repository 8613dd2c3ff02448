#include "host/lifecycle/control_loop.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <string>
#include <thread>
#include <vector>

namespace tutti::host {
namespace {

// Signals reach the loop of this thread only.
class ControlLoopTest : public testing::Test {
 protected:
  ControlLoopTest() {
    const sigset_t set = ControlLoop::Signals();
    pthread_sigmask(SIG_BLOCK, &set, &former_);
  }

  ~ControlLoopTest() override { pthread_sigmask(SIG_SETMASK, &former_, nullptr); }

  sigset_t former_{};
};

TEST_F(ControlLoopTest, TasksRunInOrderOnTheLoopsThreadAndSignalsBetweenThem) {
  ControlLoop loop;
  std::vector<std::string> seen;
  const auto here = std::this_thread::get_id();
  std::thread poster([&] {
    for (const char* name : {"a", "b"}) {
      ASSERT_TRUE(loop.Post([&seen, name, here](bool is_stopping) {
                        EXPECT_FALSE(is_stopping);
                        EXPECT_EQ(std::this_thread::get_id(), here);
                        seen.emplace_back(name);
                      })
                      .ok());
    }
    ASSERT_TRUE(loop.Post([](bool) { ::raise(SIGHUP); }).ok());
  });
  poster.join();
  loop.Run({.on_hangup =
                [&] {
                  seen.emplace_back("hangup");
                  ASSERT_TRUE(loop.Post([](bool) { ::raise(SIGTERM); }).ok());
                },
            .on_tick = [] { return false; }});
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "b", "hangup"}));
}

TEST_F(ControlLoopTest, WhatWaitsAtTheEndIsToldAndNothingMoreIsTaken) {
  ControlLoop loop;
  bool was_told = false;
  ASSERT_TRUE(loop.Post([&](bool is_stopping) { was_told = is_stopping; }).ok());
  loop.RequestStop();
  loop.Run({.on_hangup = [] {}, .on_tick = [] { return true; }});
  EXPECT_FALSE(was_told);
  loop.Close();
  EXPECT_TRUE(was_told);
  EXPECT_EQ(loop.Post([](bool) {}).code(), Code::kUnavailable);
}

TEST_F(ControlLoopTest, TooManyAreRefusedAndALongTaskSeesTheSignal) {
  ControlLoop loop;
  bool is_requested = false;
  ASSERT_TRUE(loop.Post([&](bool is_stopping) {
                    if (!is_stopping) {
                      EXPECT_FALSE(loop.IsStopRequested());
                      ::raise(SIGINT);
                      is_requested = loop.IsStopRequested();
                    }
                  })
                  .ok());
  for (std::size_t i = 1; i < ControlLoop::kMaxWaiting; ++i) {
    ASSERT_TRUE(loop.Post([](bool) {}).ok());
  }
  EXPECT_EQ(loop.Post([](bool) {}).code(), Code::kResourceExhausted);
  loop.Run({.on_hangup = [] {}, .on_tick = [] { return false; }});
  EXPECT_TRUE(is_requested);
}

}  // namespace
}  // namespace tutti::host
