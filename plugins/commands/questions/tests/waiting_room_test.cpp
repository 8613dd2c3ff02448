#include "waiting_room.h"

#include <gtest/gtest.h>

#include <vector>

namespace tutti::questions {
namespace {

TEST(WaitingRoom, AWaiterIsEndedOnceByTheFirst) {
  WaitingRoom room(2);
  std::vector<Ending> endings;
  ASSERT_TRUE(room.Enter("a"));
  room.Wait("a", [&](Ending ending) { endings.push_back(ending); });
  room.End("b", Ending::kAnswered);
  room.End("a", Ending::kExpired);
  room.End("a", Ending::kAnswered);
  EXPECT_EQ(endings, std::vector{Ending::kExpired});
}

TEST(WaitingRoom, AnEndBeforeTheWaitIsNotLost) {
  WaitingRoom room(2);
  ASSERT_TRUE(room.Enter("a"));
  room.End("a", Ending::kAnswered);
  room.End("a", Ending::kCancelled);
  std::vector<Ending> endings;
  room.Wait("a", [&](Ending ending) { endings.push_back(ending); });
  EXPECT_EQ(endings, std::vector{Ending::kAnswered});
}

TEST(WaitingRoom, IsBoundedAndRoomComesBack) {
  WaitingRoom room(2);
  EXPECT_TRUE(room.Enter("a"));
  EXPECT_TRUE(room.Enter("b"));
  EXPECT_FALSE(room.Enter("c"));
  room.Leave("a");
  EXPECT_TRUE(room.Enter("c"));
  room.Wait("b", [](Ending) {});
  room.End("b", Ending::kAnswered);
  EXPECT_TRUE(room.Enter("d"));
}

TEST(WaitingRoom, AllCanBeEnded) {
  WaitingRoom room(5);
  int ended = 0;
  for (const char* id : {"a", "b"}) {
    ASSERT_TRUE(room.Enter(id));
    room.Wait(id, [&](Ending ending) { ended += ending == Ending::kCancelled ? 1 : 0; });
  }
  room.EndAll(Ending::kCancelled);
  EXPECT_EQ(ended, 2);
}

}  // namespace
}  // namespace tutti::questions
