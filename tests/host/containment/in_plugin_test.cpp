#include "host/containment/in_plugin.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>

namespace tutti::host {
namespace {

const PluginTag& Tag(const std::string& id) {
  return KeepPluginTag(id, "1.0.0");
}

// What the calling thread is inside of, the outermost first.
std::string Here() {
  PluginFrame frames[ThreadSlot::kFrames];
  const std::size_t count = ThreadSlot::Current().Read(frames);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += frames[i].plugin->id + ": " + Describe(frames[i]) + " " + std::to_string(frames[i].call) + "; ";
  }
  return text;
}

TEST(InPlugin, NestedEntriesGiveBackTheOuterOne) {
  EXPECT_EQ(Here(), "");
  {
    const InPlugin outer(Tag("a"), operation::kInvoke, 7, "a.do");
    EXPECT_EQ(Here(), "a: command.invoke a.do 7; ");
    {
      const InPlugin inner(Tag("b"), operation::kOnEvents);
      EXPECT_EQ(Here(), "a: command.invoke a.do 7; b: hook.on_events 0; ");
    }
    EXPECT_EQ(Here(), "a: command.invoke a.do 7; ");
  }
  EXPECT_EQ(Here(), "");
}

TEST(InPlugin, ALongDetailIsCutOffAndAShortOneLeavesNothingOfIt) {
  for (std::size_t size = 0; size < 60; ++size) {
    const std::string detail(size, 'x');
    const InPlugin inside(Tag("a"), operation::kInvoke, 1, detail);
    PluginFrame frames[ThreadSlot::kFrames];
    ASSERT_EQ(ThreadSlot::Current().Read(frames), 1U);
    EXPECT_EQ(frames[0].detail, detail.substr(0, PluginFrame::kDetail - 1)) << size;
    const InPlugin after(Tag("a"), operation::kInvoke, 1, "ab");
    ASSERT_EQ(ThreadSlot::Current().Read(frames), 2U);
    EXPECT_STREQ(frames[1].detail, "ab");
  }
}

void Nest(int depth) {
  const InPlugin inside(Tag("deep"), operation::kInvoke, static_cast<tutti_call>(depth));
  if (depth > 0) {
    Nest(depth - 1);
  }
}

TEST(InPlugin, MoreEntriesThanAreDescribedDoNoHarm) {
  Nest(100);
  EXPECT_EQ(Here(), "");
}

TEST(InPlugin, AnEntryLastsAsLongAsItsNumber) {
  PluginFrame frames[ThreadSlot::kFrames];
  std::uint64_t number = 0;
  {
    const InPlugin inside(Tag("a"), operation::kTimer);
    ASSERT_EQ(ThreadSlot::Current().Read(frames), 1U);
    number = frames[0].number;
    EXPECT_TRUE(ThreadSlot::Current().IsInside(0, number));
  }
  EXPECT_FALSE(ThreadSlot::Current().IsInside(0, number));
  const InPlugin again(Tag("a"), operation::kTimer);
  EXPECT_FALSE(ThreadSlot::Current().IsInside(0, number));
}

TEST(InPlugin, OtherThreadsAreSeenUntilTheyLeave) {
  const PluginTag& tag = Tag("elsewhere");
  std::latch entered(1);
  std::latch leave(1);
  std::thread other([&] {
    const InPlugin inside(tag, operation::kInvoke, 3);
    entered.count_down();
    leave.wait();
  });
  entered.wait();
  EXPECT_EQ(PresenceIn(tag), Presence::kSomebody);
  EXPECT_EQ(PresenceIn(Tag("elsewhere")), Presence::kNobody) << "another instance of the same plugin";
  {
    const InPlugin own(Tag("own"), operation::kInvoke);
    EXPECT_EQ(ThreadsInside().size(), 2U);
  }
  for (const ThreadInside& thread : ThreadsInside()) {
    thread.slot->GiveUp(true);
  }
  EXPECT_EQ(PresenceIn(tag), Presence::kLost);
  leave.count_down();
  other.join();
  EXPECT_EQ(PresenceIn(tag), Presence::kNobody);
}

TEST(InPlugin, TheCallingThreadDoesNotCountAsPresent) {
  const PluginTag& tag = Tag("self");
  const InPlugin inside(tag, operation::kDeactivate);
  EXPECT_EQ(PresenceIn(tag), Presence::kNobody);
}

// A reader never sees half of one entry and half of another.
TEST(InPlugin, AReaderSeesWholeEntries) {
  const PluginTag& a = Tag("a");
  const PluginTag& b = Tag("b");
  std::atomic<bool> stop{false};
  std::latch started(1);
  std::thread writer([&] {
    started.count_down();
    while (!stop.load()) {
      const InPlugin one(a, operation::kInvoke, 1, "aaaaaaaaaaaaaaaaaaaaaaaa");
      const InPlugin two(b, operation::kTimer, 2, "bbbb");
    }
  });
  started.wait();
  int seen = 0;
  for (int i = 0; i < 20000 || (seen < 100 && i < 20000000); ++i) {
    for (const ThreadInside& thread : ThreadsInside()) {
      for (const PluginFrame& frame : thread.frames) {
        ++seen;
        const bool is_a = frame.plugin == &a;
        ASSERT_EQ(frame.call, is_a ? 1U : 2U);
        ASSERT_EQ(frame.operation, is_a ? &operation::kInvoke : &operation::kTimer);
        ASSERT_STREQ(frame.detail, is_a ? "aaaaaaaaaaaaaaaaaaaaaaaa" : "bbbb");
      }
    }
  }
  stop = true;
  writer.join();
  EXPECT_GE(seen, 100);
}

TEST(InPlugin, SlotsAreUsedAgain) {
  const auto count = [] {
    int slots = 0;
    for (const ThreadSlot* slot = ThreadSlot::First(); slot != nullptr; slot = slot->next()) {
      ++slots;
    }
    return slots;
  };
  std::thread([] { const InPlugin inside(Tag("a"), operation::kInvoke); }).join();
  const int before = count();
  for (int i = 0; i < 20; ++i) {
    std::thread([] { const InPlugin inside(Tag("a"), operation::kInvoke); }).join();
  }
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace tutti::host
