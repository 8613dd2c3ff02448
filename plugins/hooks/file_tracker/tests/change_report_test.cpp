#include "change_report.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::file_tracker {
namespace {

constexpr const char* kTime = "2025-11-20T10:16:00.000001+00:00";

const Subject kSubject{
    .agent = "agent", .agent_name = "builder", .task_slug = "slug", .run = "run", .stream = "stream"};

FileChange Change(const std::string& path, const std::string& status, std::optional<std::string> diff) {
  FileChange change;
  change.path = path;
  change.absolute_path = "/w/" + path;
  change.status = status;
  change.tool = "Write";
  change.lines_added = 3;
  change.lines_removed = 1;
  change.diff_omitted = diff ? "" : "it is a binary file";
  change.diff = std::move(diff);
  return change;
}

TEST(ChangeReport, PayloadHasTheKeysOfTheConsole) {
  ChangeReport report;
  report.changes = {Change("src/a.txt", "modified", "@@ -1 +1 @@"), Change("b.bin", "created", std::nullopt)};
  report.reads = {{.path = "README.md", .absolute_path = "/w/README.md", .line_count = 120, .is_counted = true}};
  const Result<Json> payload = Json::Parse(report.Payload(kSubject, kTime));
  ASSERT_TRUE(payload.ok());
  EXPECT_EQ((*payload)["total_files_modified"].AsInt(), 2);
  EXPECT_EQ((*payload)["total_files_read"].AsInt(), 1);
  EXPECT_EQ((*payload)["generated_at"].AsString(), kTime);
  EXPECT_FALSE((*payload)["calls_not_listed"]);
  const JsonView first = (*payload)["file_changes"][0];
  EXPECT_EQ(first.Dump(), R"({"path":"src/a.txt","absolute_path":"/w/src/a.txt","status":"modified","lines_added":3,)"
                          R"("lines_removed":1,"diff":"@@ -1 +1 @@","summary":"Added 3 lines, removed 1 line",)"
                          R"("agent_id":"agent","agent_name":"builder"})");
  const JsonView second = (*payload)["file_changes"][1];
  EXPECT_TRUE(second["diff"] && second["diff"].is_null());
  EXPECT_EQ(second["diff_omitted"].AsString(), "it is a binary file");
  EXPECT_EQ((*payload)["read_files"][0].Dump(),
            R"({"path":"README.md","absolute_path":"/w/README.md","line_count":120,)"
            R"("agent_id":"agent","agent_name":"builder"})");
}

TEST(ChangeReport, EmptyListsAreThereAndWhatIsNotListedIsCounted) {
  ChangeReport report;
  report.calls_not_listed = 7;
  report.reads = {{.path = "a", .absolute_path = "/w/a", .line_count = 5, .is_counted = false}};
  const Result<Json> payload = Json::Parse(report.Payload(kSubject, kTime));
  EXPECT_TRUE((*payload)["file_changes"].is_array());
  EXPECT_EQ((*payload)["calls_not_listed"].AsInt(), 7);
  EXPECT_TRUE((*payload)["read_files"][0]["line_count_is_partial"].AsBool());
}

TEST(ChangeReport, NamesThatAreNoUtf8AreStillText) {
  ChangeReport report;
  report.changes = {Change("\xff.txt", "modified", "")};
  const Result<Json> payload = Json::Parse(report.Payload(kSubject, kTime));
  ASSERT_TRUE(payload.ok()) << payload.status().ToString();
  EXPECT_EQ((*payload)["file_changes"][0]["path"].AsString(), "\xEF\xBF\xBD.txt");
}

TEST(ChangeReport, SummarySaysWhatIsKnown) {
  const std::pair<FileChange, const char*> cases[] = {
      {Change("s/a.txt", "created", "x"), "Created with 3 lines"},
      {Change("s/a.txt", "deleted", "x"), "Deleted with 1 line"},
      {Change("s/a.txt", "modified", "x"), "Added 3 lines, removed 1 line"},
      {Change("s/a.txt", "modified", ""), "As in the last commit"},
      {Change("s/a.txt", "modified", std::nullopt), "Write a.txt; diff omitted: it is a binary file"},
  };
  for (const auto& [change, summary] : cases) {
    EXPECT_EQ(Summary(change), summary);
  }
}

TEST(ChangeReport, MergesIntoTheTextRowAndAnnouncesIt) {
  ChangeReport report;
  report.reads = {{.path = "a", .absolute_path = "/w/a", .line_count = 5, .is_counted = true}};
  const Result<Json> ops = Json::Parse(report.Operations(kSubject, "row", kTime));
  ASSERT_TRUE(ops.ok());
  ASSERT_EQ(ops->view().size(), 2U);
  const JsonView merge = ops->view()[0];
  EXPECT_EQ(merge["op"].AsString(), "update");
  EXPECT_EQ(merge["table"].AsString(), "orchestrator.agent_logs");
  EXPECT_EQ(merge["where"].Dump(), R"({"id":"row"})");
  const JsonView append = ops->view()[1];
  EXPECT_EQ(append["op"].AsString(), "append");
  EXPECT_EQ(append["stream"].AsString(), "stream");
  EXPECT_EQ(append["type"].AsString(), "agent_log");
  const JsonView log = append["data"]["log"];
  EXPECT_EQ(log["parent_log_id"].AsString(), "row");
  EXPECT_NE(log["id"].AsString(), "row");
  EXPECT_EQ(log["event_category"].AsString(), "file_tracking");
  EXPECT_EQ(log["event_type"].AsString(), "FileTrackingBlock");
  EXPECT_EQ(log["content"].AsString(), "\U0001F4C1 0 modified, 1 read");
  EXPECT_EQ(log["summary"].AsString(), "File tracking: 0 modified, 1 read");
  EXPECT_EQ(log["payload"].Dump(), merge["merge"]["payload"].Dump());
  EXPECT_FALSE(log["entry_index"]);
}

}  // namespace
}  // namespace tutti::file_tracker
