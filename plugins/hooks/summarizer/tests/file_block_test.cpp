#include "file_block.h"

#include <gtest/gtest.h>

namespace tutti::summarizer {
namespace {

constexpr const char* kRow = R"({"id":"row","agent_id":"a","task_slug":"slug","payload":{"text":"done","file_changes":[
  {"path":"one","status":"modified","lines_added":1,"lines_removed":0,"diff":"+x","summary":"old","agent_name":"scout"},
  {"path":"two","status":"deleted","lines_added":0,"lines_removed":0,"diff":null,"summary":"gone","agent_name":"scout"},
  {"path":"three","status":"created","lines_added":3,"lines_removed":0,"diff":"+y","summary":"new","agent_name":"scout"}],
  "read_files":[{"path":"r","line_count":2}],"total_files_modified":3,"total_files_read":1,"calls_not_listed":2,"generated_at":"g"}})";

std::shared_ptr<FileBlock> Block() {
  const Result<Json> row = Json::Parse(kRow);
  return FileBlock::FromRow(row->view(), "stream");
}

TEST(FileBlock, OnlyFilesWithADifferenceAreSummedUp) {
  const auto block = Block();
  const std::vector<Job> jobs = FileBlock::Jobs(block, 7, 2000);
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].target.file, 0U);
  EXPECT_EQ(jobs[1].target.file, 2U);
  EXPECT_NE(jobs[0].Key(), jobs[1].Key());
  EXPECT_NE(jobs[1].details.find("three"), std::string::npos);
}

TEST(FileBlock, LastSummaryWritesAndAnnouncesTheWholeBlockAgain) {
  const auto block = Block();
  (void)FileBlock::Jobs(block, 7, 2000);
  EXPECT_FALSE(block->Set(0, "better"));
  EXPECT_TRUE(block->Set(2, ""));
  const Result<Json> ops = Json::Parse("[" + block->Operations() + "]");
  ASSERT_TRUE(ops.ok());
  const JsonView merged = ops->view()[0]["merge"]["payload"];
  EXPECT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged["file_changes"][0]["summary"].AsString(), "better");
  EXPECT_EQ(merged["file_changes"][0]["diff"].AsString(), "+x");
  EXPECT_EQ(merged["file_changes"][1]["summary"].AsString(), "gone");
  EXPECT_EQ(merged["file_changes"][2]["summary"].AsString(), "new");
  const JsonView log = ops->view()[1]["data"]["log"];
  EXPECT_EQ(ops->view()[1]["stream"].AsString(), "stream");
  EXPECT_EQ(log["event_type"].AsString(), "FileTrackingBlock");
  EXPECT_EQ(log["event_category"].AsString(), "file_tracking");
  EXPECT_EQ(log["parent_log_id"].AsString(), "row");
  EXPECT_EQ(log["agent_name"].AsString(), "scout");
  EXPECT_EQ(log["task_slug"].AsString(), "slug");
  EXPECT_EQ(log["summary"].AsString(), "File tracking: 3 modified, 1 read");
  EXPECT_FALSE(log["payload"]["text"]);
  EXPECT_EQ(log["payload"]["file_changes"].Dump(), merged["file_changes"].Dump());
  EXPECT_EQ(log["payload"]["read_files"].size(), 1U);
  EXPECT_EQ(log["payload"]["total_files_modified"].AsInt(), 3);
  EXPECT_EQ(log["payload"]["calls_not_listed"].AsInt(), 2);
}

TEST(FileBlock, WithoutAnythingNewNothingIsWritten) {
  const auto block = Block();
  (void)FileBlock::Jobs(block, 7, 2000);
  EXPECT_FALSE(block->Set(0, ""));
  EXPECT_FALSE(block->Set(2, ""));
}

TEST(FileBlock, ARowWithoutChangesHasNone) {
  for (const char* row : {R"({"id":"row","payload":{"text":"x"}})", R"({"id":"row","payload":{"file_changes":[]}})",
                          R"({"payload":{"file_changes":[{}]}})", "null"}) {
    const Result<Json> json = Json::Parse(row);
    EXPECT_EQ(FileBlock::FromRow(json->view(), "s"), nullptr) << row;
  }
}

}  // namespace
}  // namespace tutti::summarizer
