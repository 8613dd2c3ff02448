#include "host/dispatch/tool_calls.h"

#include <gtest/gtest.h>

#include <optional>

namespace tutti::host {
namespace {

TEST(ToolCalls, StoppedCallTellsWhenItIsOver) {
  ToolCalls calls;
  const auto node = std::make_shared<CallNode>();
  int ended = 0;
  std::optional<ToolCalls::Entry> entry(std::in_place, calls, "run", "t1", node);
  EXPECT_FALSE(entry->is_stopped());
  EXPECT_EQ(calls.Stop("run", "t1", [&] { ++ended; }), node);
  EXPECT_EQ(calls.Stop("run", "t1", [&] { ++ended; }), node);
  EXPECT_TRUE(entry->is_stopped());
  EXPECT_EQ(ended, 0);
  entry.reset();
  EXPECT_EQ(ended, 2);
}

TEST(ToolCalls, WhatIsNotUnderWayIsNotFound) {
  ToolCalls calls;
  const auto nobody = [] { FAIL() << "told of a call that is not there"; };
  EXPECT_EQ(calls.Stop("run", "t1", nobody), nullptr);
  { const ToolCalls::Entry entry(calls, "run", "t1", std::make_shared<CallNode>()); }
  EXPECT_EQ(calls.Stop("run", "t1", nobody), nullptr);
  // Outside a run nothing is known by a tool_use_id.
  const ToolCalls::Entry outside(calls, "", "t1", std::make_shared<CallNode>());
  EXPECT_EQ(calls.Stop("", "t1", nobody), nullptr);
}

TEST(ToolCalls, SecondCallOfOneIdDoesNotEndTheFirst) {
  ToolCalls calls;
  const auto node = std::make_shared<CallNode>();
  const ToolCalls::Entry first(calls, "run", "t1", node);
  { const ToolCalls::Entry second(calls, "run", "t1", std::make_shared<CallNode>()); }
  EXPECT_EQ(calls.Stop("run", "t1", [] {}), node);
  EXPECT_TRUE(first.is_stopped());
}

}  // namespace
}  // namespace tutti::host
