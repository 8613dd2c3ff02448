#include "host/events/stream_lane.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>

namespace tutti::host {
namespace {

EventPtr Make(std::uint64_t seq, std::string data = {}) {
  Event event;
  event.stream = "s";
  event.seq = seq;
  event.data = std::move(data);
  return std::make_shared<const Event>(std::move(event));
}

JournalPage Page(std::uint64_t since, std::uint64_t last, std::uint64_t limit = 1000, std::uint64_t first = 1) {
  JournalPage page;
  page.first = first;
  page.last = last;
  page.next = since;
  for (std::uint64_t seq = std::max(since + 1, first); seq <= last && page.events.size() < limit; ++seq) {
    page.events.push_back(*Make(seq));
    page.next = seq;
  }
  return page;
}

// "3 4 gap 5-6 'typing'", and " read 6" when a page is wanted.
std::string Text(const StreamLane::Output& output) {
  std::string text;
  for (const StreamLane::Item& item : output.items) {
    text += text.empty() ? "" : " ";
    if (const auto* event = std::get_if<EventPtr>(&item)) {
      text += (*event)->seq == 0 ? "'" + (*event)->data + "'" : std::to_string((*event)->seq);
    } else {
      const auto& gap = std::get<EventGap>(item);
      text += "gap " + std::to_string(gap.from) + "-" + std::to_string(gap.to);
    }
  }
  return text + (output.read_since ? " read " + std::to_string(*output.read_since) : "");
}

StreamLane Begun(std::uint64_t base, std::size_t most_held = 100) {
  StreamLane lane(most_held);
  EXPECT_EQ(Text(lane.OnHead(base)), "");
  return lane;
}

TEST(StreamLane, BeginsAtTheHead) {
  StreamLane lane = Begun(7);
  EXPECT_TRUE(lane.has_begun());
  EXPECT_EQ(lane.base(), 7U);
  EXPECT_EQ(Text(lane.OnEvent(Make(8))), "8");
}

TEST(StreamLane, BeginsWithAnEventOfThisHostWhenNoHeadIsKnown) {
  StreamLane lane(100);
  EXPECT_EQ(Text(lane.OnEvent(Make(0, "typing"))), "'typing'");
  EXPECT_FALSE(lane.has_begun());
  EXPECT_EQ(Text(lane.OnEvent(Make(8))), "8");
  EXPECT_EQ(lane.base(), 7U);
  EXPECT_EQ(Text(lane.OnHead(9)), " read 8");
}

TEST(StreamLane, DeliversWhatThisHostCommittedBeforeTheHeadWasSeen) {
  StreamLane lane = Begun(7);
  EXPECT_EQ(Text(lane.OnEvent(Make(6))), "6");
  EXPECT_EQ(Text(lane.OnEvent(Make(8))), "8");
}

TEST(StreamLane, ReadsWhatLiesBetweenBeforeItGoesOn) {
  StreamLane lane = Begun(0);
  EXPECT_EQ(Text(lane.OnEvent(Make(3))), " read 0");
  EXPECT_EQ(Text(lane.OnEvent(Make(0, "typing"))), "");
  EXPECT_EQ(Text(lane.OnEvent(Make(4))), "");
  EXPECT_EQ(Text(lane.OnPage(Page(0, 4))), "1 2 3 'typing' 4");
  EXPECT_EQ(Text(lane.OnEvent(Make(5))), "5");
}

TEST(StreamLane, DeliversAnEventOnceThatWasReadBeforeItWasAnnounced) {
  StreamLane lane = Begun(0);
  EXPECT_EQ(Text(lane.OnHead(3)), " read 0");
  EXPECT_EQ(Text(lane.OnPage(Page(0, 3))), "1 2 3");
  EXPECT_EQ(Text(lane.OnEvent(Make(2))), "");
  EXPECT_EQ(Text(lane.OnEvent(Make(4))), "4");
}

TEST(StreamLane, ReadsPageAfterPage) {
  StreamLane lane = Begun(0);
  EXPECT_EQ(Text(lane.OnHead(5)), " read 0");
  EXPECT_EQ(Text(lane.OnHead(5)), "");
  EXPECT_EQ(Text(lane.OnPage(Page(0, 5, 2))), "1 2 read 2");
  EXPECT_EQ(Text(lane.OnPage(Page(2, 6, 2))), "3 4 read 4");
  EXPECT_EQ(Text(lane.OnPage(Page(4, 6, 2))), "5 6");
}

TEST(StreamLane, GoesOnWithAGapWhenTheJournalCannotBeRead) {
  StreamLane lane = Begun(0);
  EXPECT_EQ(Text(lane.OnEvent(Make(3))), " read 0");
  EXPECT_EQ(Text(lane.OnReadFailed()), "gap 1-2 3");
  EXPECT_EQ(Text(lane.OnEvent(Make(4))), "4");
}

TEST(StreamLane, AsksAgainLaterWhenNothingWaitsForWhatCouldNotBeRead) {
  StreamLane lane = Begun(0);
  EXPECT_EQ(Text(lane.OnHead(2)), " read 0");
  EXPECT_EQ(Text(lane.OnReadFailed()), "");
  EXPECT_EQ(Text(lane.OnHead(2)), " read 0");
  EXPECT_EQ(Text(lane.OnPage(Page(0, 2))), "1 2");
}

TEST(StreamLane, HoldsNoMoreThanItsBound) {
  StreamLane lane = Begun(0, 2);
  EXPECT_EQ(Text(lane.OnEvent(Make(3))), " read 0");
  EXPECT_EQ(Text(lane.OnEvent(Make(0, "typing"))), "");
  EXPECT_EQ(Text(lane.OnEvent(Make(6))), "gap 1-2 3 'typing' gap 4-5 6");
  EXPECT_EQ(Text(lane.OnPage(Page(0, 6))), "");
  EXPECT_EQ(Text(lane.OnEvent(Make(7))), "7");
}

TEST(StreamLane, NamesWhatRetentionHasTakenAsAGap) {
  StreamLane lane = Begun(0);
  EXPECT_EQ(Text(lane.OnHead(9)), " read 0");
  EXPECT_EQ(Text(lane.OnPage(Page(0, 9, 1000, 8))), "gap 1-7 8 9");
}

TEST(StreamLane, PassesOverNumbersThatTheJournalNoLongerHas) {
  StreamLane lane = Begun(0);
  EXPECT_EQ(Text(lane.OnHead(4)), " read 0");
  JournalPage page = Page(0, 4);
  page.events.erase(page.events.begin() + 1, page.events.begin() + 3);
  EXPECT_EQ(Text(lane.OnPage(std::move(page))), "1 4");
  EXPECT_EQ(lane.delivered(), 4U);
}

TEST(StreamLane, DoesNotAskForEverWhenAPageLeadsNowhere) {
  StreamLane lane = Begun(0);
  EXPECT_EQ(Text(lane.OnEvent(Make(2))), " read 0");
  EXPECT_EQ(Text(lane.OnPage(Page(0, 0))), "gap 1-1 2");
}

// Own events in any order, pages late and of any size, heads in between, events read before they are announced.
TEST(StreamLane, DeliversEveryNumberOnceAndInOrderWhateverComesWhen) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    const auto any = [&](std::uint64_t most) { return std::uniform_int_distribution<std::uint64_t>(0, most)(random); };
    constexpr std::uint64_t kLast = 60;
    std::vector<std::uint64_t> own;
    for (std::uint64_t seq = 1; seq <= kLast; ++seq) {
      if (any(2) > 0) {
        own.push_back(seq);
      }
    }
    // Shuffled within a distance.
    for (std::size_t i = 0; i < own.size(); ++i) {
      std::swap(own[i], own[std::min(own.size() - 1, i + any(4))]);
    }
    StreamLane lane = Begun(0);
    std::uint64_t committed = 0;
    std::deque<std::uint64_t> reads;
    std::string seen;
    const auto take = [&](const StreamLane::Output& output) {
      StreamLane::Output items = output;
      items.read_since.reset();
      const std::string text = Text(items);
      seen += text.empty() ? "" : text + " ";
      if (output.read_since) {
        reads.push_back(*output.read_since);
        EXPECT_EQ(reads.size(), 1U) << "seed " << seed;
      }
    };
    auto next = own.begin();
    while (next != own.end() || !reads.empty()) {
      const std::uint64_t what = any(3);
      if (what == 0) {
        committed = std::max(committed, any(kLast));
        take(lane.OnHead(committed));
      } else if (what == 1 && !reads.empty()) {
        const std::uint64_t since = reads.front();
        reads.pop_front();
        take(lane.OnPage(Page(since, committed, 1 + any(20))));
      } else if (next != own.end()) {
        committed = std::max(committed, *next);
        take(lane.OnEvent(Make(*next++)));
      }
    }
    take(lane.OnHead(kLast));
    while (!reads.empty()) {
      const std::uint64_t since = reads.front();
      reads.pop_front();
      take(lane.OnPage(Page(since, kLast)));
    }
    std::string expected;
    for (std::uint64_t seq = 1; seq <= kLast; ++seq) {
      expected += std::to_string(seq) + " ";
    }
    ASSERT_EQ(seen, expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace tutti::host
