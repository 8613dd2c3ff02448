#include "report_job.h"

#include <gtest/gtest.h>

#include "git_sandbox.h"

namespace tutti::file_tracker {
namespace {

class Job : public testing::Test {
 protected:
  void SetUp() override {
    sandbox_.Git("init -q");
    for (const char* name : {"a.txt", "b.txt", "r.txt"}) {
      sandbox_.Write(name, "one\n");
    }
    state_.changed = {{sandbox_.At("a.txt"), "Write"}, {sandbox_.At("b.txt"), "Edit"}};
    state_.read = {{sandbox_.At("r.txt"), "Read"}};
    state_.calls_not_listed = 3;
  }

  ReportJob Make() {
    return ReportJob(sandbox_.root(), {}, state_, FileInspector::Clock::now() + std::chrono::hours(1),
                     [this](ChangeReport report) { told_.push_back(std::move(report)); });
  }

  const GitLibrary git_;
  const GitSandbox sandbox_;
  Turn::State state_;
  std::vector<ChangeReport> told_;
};

TEST_F(Job, TellsWhatItFound) {
  ReportJob job = Make();
  job.Run();
  ASSERT_EQ(told_.size(), 1U);
  ASSERT_EQ(told_[0].changes.size(), 2U);
  EXPECT_EQ(told_[0].changes[0].path, "a.txt");
  EXPECT_TRUE(told_[0].changes[1].diff);
  EXPECT_EQ(told_[0].reads.at(0).line_count, 1);
  EXPECT_EQ(told_[0].calls_not_listed, 3U);
}

TEST_F(Job, GivenUpTellsTheFilesWithoutDiffs) {
  ReportJob job = Make();
  job.GiveUp("no time");
  ASSERT_EQ(told_.size(), 1U);
  ASSERT_EQ(told_[0].changes.size(), 2U);
  for (const FileChange& change : told_[0].changes) {
    EXPECT_FALSE(change.diff);
    EXPECT_EQ(change.diff_omitted, "no time");
    EXPECT_EQ(change.status, "modified");
  }
  EXPECT_FALSE(told_[0].reads.at(0).is_counted);
}

TEST_F(Job, TellsOnceWhoeverIsFirst) {
  ReportJob given_up = Make();
  given_up.GiveUp("no time");
  given_up.Run();
  given_up.GiveUp("again");
  ReportJob done = Make();
  done.Run();
  done.GiveUp("late");
  EXPECT_EQ(told_.size(), 2U);
}

}  // namespace
}  // namespace tutti::file_tracker
