#include "host/gateway/recent_events.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

EventPtr Numbered(std::uint64_t seq, std::size_t bytes = 1) {
  Event event;
  event.seq = seq;
  event.data = std::string(bytes, 'x');
  return std::make_shared<const Event>(std::move(event));
}

std::vector<std::uint64_t> After(const RecentEvents& recent, std::uint64_t position, std::size_t most = 100) {
  std::vector<std::uint64_t> numbers;
  for (const EventPtr& event : recent.After(position, most)) {
    numbers.push_back(event->seq);
  }
  return numbers;
}

TEST(RecentEvents, TheLastOnesAreThere) {
  RecentEvents recent(3, 1 << 20);
  EXPECT_FALSE(recent.is_known());
  EXPECT_FALSE(recent.Covers(0));
  for (std::uint64_t seq = 7; seq <= 11; ++seq) {
    recent.Push(Numbered(seq));
  }
  EXPECT_EQ(recent.head(), 11U);
  EXPECT_FALSE(recent.Covers(7));
  ASSERT_TRUE(recent.Covers(8));
  EXPECT_EQ(After(recent, 8), (std::vector<std::uint64_t>{9, 10, 11}));
  EXPECT_EQ(After(recent, 8, 2), (std::vector<std::uint64_t>{9, 10}));
  EXPECT_TRUE(recent.Covers(11));
  EXPECT_TRUE(After(recent, 11).empty());
  EXPECT_FALSE(recent.Covers(12));
}

TEST(RecentEvents, AHoleForgetsWhatWasBefore) {
  RecentEvents recent(10, 1 << 20);
  recent.Push(Numbered(1));
  recent.Push(Numbered(2));
  recent.Push(Numbered(5));
  EXPECT_FALSE(recent.Covers(1));
  EXPECT_EQ(After(recent, 4), (std::vector<std::uint64_t>{5}));
  recent.Jump(9);
  EXPECT_EQ(recent.head(), 9U);
  EXPECT_FALSE(recent.Covers(8));
  EXPECT_TRUE(recent.Covers(9));
}

TEST(RecentEvents, BytesAreABoundToo) {
  RecentEvents recent(100, 4000);
  recent.Push(Numbered(1, 100));
  recent.Push(Numbered(2, 3000));
  recent.Push(Numbered(3, 3000));
  EXPECT_FALSE(recent.Covers(1));
  EXPECT_TRUE(recent.Covers(2));
  recent.Push(Numbered(4, 10000));
  EXPECT_FALSE(recent.Covers(3));
  EXPECT_TRUE(recent.Covers(4));
}

}  // namespace
}  // namespace tutti::host
