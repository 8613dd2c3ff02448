#include "job_queue.h"

#include <gtest/gtest.h>

#include "newest.h"

namespace tutti::summarizer {
namespace {

Job Of(const std::string& subject, std::int64_t time_us) {
  Job job;
  job.subject = subject;
  job.time_us = time_us;
  return job;
}

std::string Taken(const std::vector<Job>& jobs) {
  std::string text;
  for (const Job& job : jobs) {
    text += job.subject + std::to_string(job.time_us) + " ";
  }
  return text;
}

void Add(JobQueue& queue, const std::string& subject, std::int64_t time_us) {
  Job job = Of(subject, time_us);
  ASSERT_TRUE(queue.Add(job));
}

TEST(JobQueue, ABatchHoldsOneSubjectInOrderAndSubjectsTakeTurns) {
  JobQueue queue(10);
  for (int i = 1; i <= 3; ++i) {
    Add(queue, "a", i);
  }
  Add(queue, "b", 4);
  EXPECT_EQ(Taken(queue.Take(2)), "a1 a2 ");
  EXPECT_EQ(Taken(queue.Take(2)), "b4 ");
  EXPECT_EQ(Taken(queue.Take(2)), "a3 ");
  EXPECT_EQ(Taken(queue.Take(2)), "");
  EXPECT_EQ(queue.size(), 0U);
}

TEST(JobQueue, AFullQueueLeavesTheJobToItsOwner) {
  JobQueue queue(1);
  Add(queue, "a", 1);
  Job refused = Of("b", 2);
  EXPECT_FALSE(queue.Add(refused));
  EXPECT_EQ(refused.subject, "b");
  (void)queue.Take(1);
  EXPECT_TRUE(queue.Add(refused));
}

TEST(JobQueue, EverythingCanBeTaken) {
  JobQueue queue(10);
  Add(queue, "a", 1);
  Add(queue, "b", 2);
  Add(queue, "a", 3);
  EXPECT_EQ(Taken(queue.TakeAll()), "a1 a3 b2 ");
  EXPECT_EQ(queue.size(), 0U);
}

TEST(Newest, OnlyWhatIsNewerAdvances) {
  Newest newest(2);
  EXPECT_TRUE(newest.Advance("a", 5));
  EXPECT_FALSE(newest.Advance("a", 5));
  EXPECT_FALSE(newest.Advance("a", 4));
  EXPECT_TRUE(newest.Advance("a", 6));
  EXPECT_TRUE(newest.Advance("b", 1));
}

TEST(Newest, ForgetsTheSubjectThatWasQuietLongest) {
  Newest newest(2);
  EXPECT_TRUE(newest.Advance("a", 10));
  EXPECT_TRUE(newest.Advance("b", 20));
  EXPECT_TRUE(newest.Advance("c", 30));
  EXPECT_FALSE(newest.Advance("b", 20));
  EXPECT_TRUE(newest.Advance("a", 1));
}

}  // namespace
}  // namespace tutti::summarizer
