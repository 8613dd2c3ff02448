#include "tutti/sdk/plugin.hpp"

#include <gtest/gtest.h>

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti {
namespace {

using testing::FakeHost;
using testing::Load;
using testing::LoadedPlugin;

// The smallest plugin.
class Bare {
 public:
  explicit Bare(const Host&) {}
};

class ThrowsEverywhere {
 public:
  explicit ThrowsEverywhere(const Host&) {}

  Status Init(const Config& config) {
    if (config["in"].AsString() == "init") {
      throw std::runtime_error("in init");
    }
    return {};
  }

  Status Activate() { throw 7; }

  void Deactivate() { throw std::runtime_error("in deactivate"); }

  std::string Commands() { throw std::runtime_error("in commands"); }

  void Invoke(std::string_view, std::string_view, const Call&) { throw std::runtime_error("in invoke"); }

  void OnEvents(std::span<const tutti_event>) { throw std::runtime_error("in events"); }

  std::string Models() { return "{}"; }

  Task<Result<std::string>> Complete(std::string_view, const Call&) {
    throw std::runtime_error("in complete");
    co_return std::string();
  }
};

class ThrowsInConstructor {
 public:
  explicit ThrowsInConstructor(const Host&) { throw std::runtime_error("no memory for this"); }
};

// Answers from a Task and looks at its views late.
class Waiter {
 public:
  explicit Waiter(const Host& host) : host_(host) {}

  Task<HookReply> OnPoint(const Point& point, std::string_view payload, const Call&) {
    const bool is_record = point.is_record;
    co_await host_.Delay(std::chrono::milliseconds(1));
    co_return is_record ? HookReply::Record("[]") : HookReply::Deny(payload);
  }

  Task<Result<std::string>> Start(std::string_view request, const Call& call) {
    co_await host_.Delay(std::chrono::milliseconds(1));
    call.Emit("{}");
    co_return std::string(request);
  }

 private:
  Host host_;
};

class OtherTables {
 public:
  explicit OtherTables(const Host&) {}

  const void* Extension(std::string_view id) { return id == "org.example/0" ? this : nullptr; }
};

TEST(Adapter, BarePluginLivesAndServesNothing) {
  FakeHost host;
  LoadedPlugin plugin = Load<Bare>(host);
  EXPECT_TRUE(plugin.Start().ok());
  for (const char* kind : {TUTTI_KIND_COMMAND, TUTTI_KIND_HOOK, TUTTI_KIND_STORAGE, TUTTI_KIND_MODEL,
                           TUTTI_KIND_RUNTIME, "tutti.none/0", ""}) {
    EXPECT_EQ(plugin.Extension<void>(kind), nullptr) << kind;
  }
}

TEST(Adapter, ConfigurationThatIsNoJsonIsRefused) {
  FakeHost host;
  LoadedPlugin plugin = Load<Bare>(host);
  EXPECT_EQ(plugin.Init("{").code(), Code::kInvalidArgument);
  EXPECT_TRUE(plugin.Init("").ok());
}

TEST(Adapter, WhatIsThrownBecomesInternal) {
  FakeHost host;
  LoadedPlugin plugin = Load<ThrowsEverywhere>(host);
  EXPECT_EQ(plugin.Init(R"({"in":"init"})").ToString(), "INTERNAL: the plugin threw: in init");
  ASSERT_TRUE(plugin.Init().ok());
  EXPECT_EQ(plugin.Activate().ToString(), "INTERNAL: the plugin threw something that is no std::exception");
  EXPECT_EQ(plugin.Invoke("a", "{}").status().ToString(), "INTERNAL: the plugin threw: in invoke");
  EXPECT_EQ(plugin.Complete("{}").status().ToString(), "INTERNAL: the plugin threw: in complete");
  EXPECT_EQ(plugin.Commands(), "");
  EXPECT_TRUE(plugin.OnEvents(std::vector<tutti_event>(1)));
}

TEST(Adapter, FailedConstructionIsReported) {
  FakeHost host;
  const LoadedPlugin plugin = Load<ThrowsInConstructor>(host);
  EXPECT_EQ(plugin.status().ToString(), "INTERNAL: the plugin threw: no memory for this");
}

TEST(Adapter, ViewsOfATaskOutliveTheCallThatBroughtThem) {
  FakeHost host;
  LoadedPlugin plugin = Load<Waiter>(host);
  ASSERT_TRUE(plugin.Start().ok());
  const std::string long_text(1000, 'x');
  EXPECT_EQ(*plugin.OnPoint("PreToolUse", long_text), R"({"deny":")" + long_text + R"("})");
  EXPECT_EQ(*plugin.OnPoint("Stop", long_text, TUTTI_HOOK_RECORD), R"({"ops":[]})");
  EXPECT_EQ(*plugin.Run(long_text), long_text);
}

TEST(Adapter, HookTableHoldsOnlyWhatTheClassServes) {
  FakeHost host;
  LoadedPlugin points = Load<Waiter>(host);
  LoadedPlugin events = Load<ThrowsEverywhere>(host);
  EXPECT_NE(points.Extension<tutti_hook>(TUTTI_KIND_HOOK)->on_point, nullptr);
  EXPECT_EQ(points.Extension<tutti_hook>(TUTTI_KIND_HOOK)->on_events, nullptr);
  EXPECT_EQ(events.Extension<tutti_hook>(TUTTI_KIND_HOOK)->on_point, nullptr);
  EXPECT_NE(events.Extension<tutti_hook>(TUTTI_KIND_HOOK)->on_events, nullptr);
}

TEST(Adapter, OwnTablesAreAskedForLast) {
  FakeHost host;
  const LoadedPlugin plugin = Load<OtherTables>(host);
  EXPECT_NE(plugin.Extension<void>("org.example/0"), nullptr);
  EXPECT_EQ(plugin.Extension<void>("org.example/1"), nullptr);
}

TEST(HookReply, SaysWhatTheHostReads) {
  EXPECT_EQ(*HookReply::Allow().result(), "");
  EXPECT_EQ(*HookReply::Deny("no \"x\"").result(), R"({"deny":"no \"x\""})");
  EXPECT_EQ(*HookReply::Ask("may I?").result(), R"({"ask":"may I?"})");
  EXPECT_EQ(*HookReply::Patch(R"({"a":1})").result(), R"({"patch":{"a":1}})");
  EXPECT_EQ(HookReply::Fail(Status::Unavailable("away")).result().status().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace tutti
