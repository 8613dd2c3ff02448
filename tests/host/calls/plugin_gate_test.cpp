#include "host/calls/plugin_gate.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tutti::host {
namespace {

using std::chrono::milliseconds;

TEST(PluginGate, AdmitsNobodyUntilItIsOpen) {
  PluginGate gate;
  EXPECT_FALSE(gate.Enter());
  gate.Open();
  EXPECT_TRUE(gate.Enter());
}

TEST(PluginGate, AdmitsNoMoreThanTheLimit) {
  PluginGate gate;
  gate.Open();
  {
    const PluginGate::Ticket first = gate.Enter(2);
    const PluginGate::Ticket second = gate.Enter(2);
    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    EXPECT_FALSE(gate.Enter(2));
    EXPECT_TRUE(gate.Enter(3));
  }
  EXPECT_TRUE(gate.Enter(1));
}

TEST(PluginGate, CloseTimesOutWhileACallIsInside) {
  PluginGate gate;
  gate.Open();
  {
    const PluginGate::Ticket inside = gate.Enter();
    EXPECT_EQ(gate.Close(milliseconds(5)), PluginGate::CloseResult::kTimedOut);
    EXPECT_FALSE(gate.Enter());
  }
  EXPECT_EQ(gate.Close(milliseconds(0)), PluginGate::CloseResult::kDrained);
}

TEST(PluginGate, CloseWaitsForTheLastOfMany) {
  PluginGate gate;
  gate.Open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&gate] {
      while (gate.Enter()) {
      }
    });
  }
  EXPECT_EQ(gate.Close(std::chrono::seconds(20)), PluginGate::CloseResult::kDrained);
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(gate.inside(), 0U);
}

}  // namespace
}  // namespace tutti::host
