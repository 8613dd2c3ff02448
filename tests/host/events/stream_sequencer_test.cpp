#include "host/events/stream_sequencer.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tutti::host {
namespace {

// Notes what comes out, and runs what follows when it is told to.
class Notes final : public StreamSequencer::Outlet {
 public:
  void Deliver(EventPtr event) override {
    text_ += event->stream + (event->seq == 0 ? "~" : std::to_string(event->seq)) + " ";
  }

  void DeliverGap(const std::string& stream, EventGap gap) override {
    text_ += stream + std::to_string(gap.from) + "-" + std::to_string(gap.to) + " ";
  }

  void After(std::function<void()> fn) override { after_.push_back(std::move(fn)); }

  void RunAll() {
    while (!after_.empty()) {
      const auto fn = std::move(after_.front());
      after_.pop_front();
      fn();
    }
  }

  std::string Take() { return std::exchange(text_, {}); }

 private:
  std::deque<std::function<void()>> after_;
  std::string text_;
};

class Journal final : public JournalPort {
 public:
  void ReadPage(const std::string& stream, std::uint64_t since, OnPage on_page) override {
    asked_ += stream + std::to_string(since) + " ";
    answers_.push_back(std::move(on_page));
  }

  void WantHeads() override { ++wanted_; }

  void Answer(Result<JournalPage> page) {
    const OnPage answer = std::move(answers_.front());
    answers_.pop_front();
    answer(std::move(page));
  }

  std::string asked_;
  int wanted_ = 0;

 private:
  std::deque<OnPage> answers_;
};

EventPtr Make(const std::string& stream, std::uint64_t seq) {
  Event event;
  event.stream = stream;
  event.seq = seq;
  return std::make_shared<const Event>(std::move(event));
}

class Sequencer : public ::testing::Test {
 protected:
  Sequencer() : sequencer_(notes_, 10) { sequencer_.SetJournal(&journal_); }

  static JournalPage Page(const std::string& stream, std::vector<std::uint64_t> numbers) {
    JournalPage page;
    page.last = numbers.back();
    page.next = numbers.back();
    for (const std::uint64_t number : numbers) {
      page.events.push_back(*Make(stream, number));
    }
    return page;
  }

  Notes notes_;
  Journal journal_;
  StreamSequencer sequencer_;
};

TEST_F(Sequencer, WhatNobodyFollowsPassesAsItComes) {
  sequencer_.Publish(Make("a", 7));
  sequencer_.Follow("b", {});
  sequencer_.Publish(Make("a", 5));
  EXPECT_EQ(notes_.Take(), "a7 a5 ");
  EXPECT_EQ(journal_.asked_, "");
}

TEST_F(Sequencer, FollowWantsAHeadOnceAndTellsWhereItBegins) {
  std::vector<std::uint64_t> begun;
  const auto on_begin = [&](std::uint64_t base) { begun.push_back(base); };
  sequencer_.Follow("a", on_begin);
  sequencer_.Follow("a", on_begin);
  EXPECT_EQ(journal_.wanted_, 1);
  notes_.RunAll();
  EXPECT_TRUE(begun.empty());
  sequencer_.OnHead("a", 4);
  sequencer_.Publish(Make("a", 5));
  sequencer_.Follow("a", on_begin);
  notes_.RunAll();
  EXPECT_EQ(begun, (std::vector<std::uint64_t>{4, 4, 5}));
}

TEST_F(Sequencer, ReadsAfterWhatWasDeliveredAndKeepsStreamsApart) {
  sequencer_.Follow("a", {});
  sequencer_.Follow("b", {});
  sequencer_.OnHead("a", 0);
  sequencer_.OnHead("b", 0);
  sequencer_.OnHead("none", 3);
  sequencer_.Publish(Make("a", 2));
  sequencer_.Publish(Make("b", 1));
  EXPECT_EQ(notes_.Take(), "b1 ");
  EXPECT_EQ(journal_.asked_, "");
  notes_.RunAll();
  EXPECT_EQ(journal_.asked_, "a0 ");
  journal_.Answer(Page("a", {1, 2, 3}));
  EXPECT_EQ(notes_.Take(), "a1 a2 a3 ");
}

TEST_F(Sequencer, AFailedReadIsAGapAndHoldsUpNothing) {
  sequencer_.Follow("a", {});
  sequencer_.OnHead("a", 0);
  sequencer_.Publish(Make("a", 3));
  notes_.RunAll();
  journal_.Answer(Status::Unavailable("away"));
  EXPECT_EQ(notes_.Take(), "a1-2 a3 ");
}

TEST_F(Sequencer, TheLastUnfollowGivesOutWhatWaitsAndForgetsThePage) {
  sequencer_.Follow("a", {});
  sequencer_.Follow("a", {});
  sequencer_.OnHead("a", 0);
  sequencer_.Publish(Make("a", 2));
  notes_.RunAll();
  sequencer_.Unfollow("a");
  EXPECT_EQ(notes_.Take(), "");
  sequencer_.Unfollow("a");
  EXPECT_EQ(notes_.Take(), "a1-1 a2 ");
  EXPECT_TRUE(sequencer_.Followed().empty());
  sequencer_.Follow("a", {});
  sequencer_.OnHead("a", 0);
  journal_.Answer(Page("a", {1, 2}));
  EXPECT_EQ(notes_.Take(), "");
}

TEST_F(Sequencer, WithoutAJournalAHoleIsAGap) {
  sequencer_.SetJournal(nullptr);
  sequencer_.Follow("a", {});
  sequencer_.Publish(Make("a", 3));
  sequencer_.Publish(Make("a", 5));
  notes_.RunAll();
  EXPECT_EQ(notes_.Take(), "a3 a4-4 a5 ");
}

}  // namespace
}  // namespace tutti::host
