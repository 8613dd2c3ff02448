// What the storage suite does not ask of examples/keyvalue: its log file.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "library.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti {
namespace {

using testing::FakeHost;
using testing::LoadedPlugin;

constexpr const char* kSchema = R"({"namespace":"a","version":1,"owner":"o","tables":{"t":{"columns":{
  "id":{"type":"int64","primary":true},"text":{"type":"text"}}}}})";

std::string Insert(int id) {
  return R"({"parts":[{"by":"o","ops":[{"op":"insert","table":"a.t","row":{"id":)" + std::to_string(id) +
         R"(,"text":"x\ny"}}]}]})";
}

constexpr const char* kQuery = R"({"parts":[{"by":"o","ops":[{"op":"query","from":"a.t","select":["id"]}]}]})";

class KeyValueExample : public ::testing::Test {
 protected:
  KeyValueExample() {
    const auto folder = validator::ReadFolder(TUTTI_KEYVALUE);
    EXPECT_TRUE(folder.ok()) << folder.status().ToString();
    const auto entry = validator::LoadUsableEntry(*folder);
    EXPECT_TRUE(entry.ok()) << entry.status().ToString();
    entry_ = *entry;
  }

  ~KeyValueExample() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string File() const { return (directory_ / "keyvalue.log").string(); }

  Status Start(LoadedPlugin& plugin, const std::string& more = "") const {
    return plugin.Start(R"({"file":")" + File() + "\"" + more + "}");
  }

  std::string Read() const {
    std::stringstream text;
    text << std::ifstream(File()).rdbuf();
    return text.str();
  }

  const tutti_entry* entry_ = nullptr;
  std::filesystem::path directory_ = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "tutti-keyvalue-XXXXXX").string();
    return std::filesystem::path(::mkdtemp(pattern.data()));
  }();
  FakeHost host_;
};

TEST_F(KeyValueExample, ALineThatWasCutOffIsLeftOutAndTheNextOneIsWhole) {
  {
    LoadedPlugin plugin(host_, entry_->create);
    ASSERT_TRUE(Start(plugin).ok());
    ASSERT_TRUE(plugin.EnsureSchema(kSchema).ok());
    ASSERT_TRUE(plugin.Execute(Insert(1)).ok());
  }
  const std::string whole = Read();
  std::ofstream(File(), std::ios::app) << R"({"rows":[{"table":"a.t","ke)";
  for (int id = 2; id <= 3; ++id) {
    LoadedPlugin plugin(host_, entry_->create);
    const Status started = Start(plugin);
    ASSERT_TRUE(started.ok()) << started.ToString();
    EXPECT_TRUE(id == 3 || Read() == whole);
    ASSERT_TRUE(plugin.EnsureSchema(kSchema).ok());
    ASSERT_TRUE(plugin.Execute(Insert(id)).ok());
    const Result<std::string> rows = plugin.Execute(kQuery);
    ASSERT_TRUE(rows.ok());
    EXPECT_NE(rows->find(R"("count":)" + std::to_string(id)), std::string::npos) << *rows;
  }
}

TEST_F(KeyValueExample, ALogThatIsDamagedInTheMiddleIsNamedWithItsLine) {
  std::ofstream(File()) << R"({"rows":[],"events":[]})"
                        << "\nnonsense\n";
  LoadedPlugin plugin(host_, entry_->create);
  const Status started = Start(plugin);
  EXPECT_EQ(started.code(), Code::kDataLoss);
  EXPECT_NE(started.message().find("keyvalue.log:2: "), std::string_view::npos) << started.ToString();
}

TEST_F(KeyValueExample, AFileThatAnotherHoldsIsRefused) {
  LoadedPlugin first(host_, entry_->create);
  ASSERT_TRUE(Start(first).ok());
  LoadedPlugin second(host_, entry_->create);
  EXPECT_EQ(Start(second).code(), Code::kUnavailable);
  first.Deactivate();
  EXPECT_TRUE(Start(second).ok());
}

TEST_F(KeyValueExample, WhatCannotBeWrittenDidNotHappen) {
  LoadedPlugin plugin(host_, entry_->create);
  ASSERT_TRUE(Start(plugin).ok());
  ASSERT_TRUE(plugin.EnsureSchema(kSchema).ok());
  const std::string before = Read();
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{before.size() + 10, limit.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Result<std::string> refused = plugin.Execute(Insert(1));
  const Result<std::string> refused_schema = plugin.EnsureSchema(
      R"({"namespace":"b","version":1,"owner":"o","tables":{"t":{"columns":{"id":{"type":"int64","primary":true}}}}})");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_EQ(refused.status().code(), Code::kUnavailable) << refused.status().ToString();
  EXPECT_EQ(refused_schema.status().code(), Code::kUnavailable);
  EXPECT_EQ(Read(), before);
  EXPECT_NE(plugin.Stats().find(R"("healthy":false)"), std::string::npos) << plugin.Stats();
  const Result<std::string> rows = plugin.Execute(kQuery);
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  EXPECT_NE(rows->find(R"("count":0)"), std::string::npos) << *rows;
  EXPECT_TRUE(plugin.Execute(Insert(1)).ok());
  EXPECT_NE(plugin.Stats().find(R"("healthy":true)"), std::string::npos) << plugin.Stats();
}

TEST_F(KeyValueExample, ABatchThatIsTooLargeIsRefused) {
  LoadedPlugin plugin(host_, entry_->create);
  ASSERT_TRUE(Start(plugin, R"(,"batch_bytes":1024)").ok());
  EXPECT_EQ(plugin.Execute(std::string(1025, ' ')).status().code(), Code::kResourceExhausted);
}

TEST_F(KeyValueExample, WhatTheLevelLeavesOutIsRefused) {
  LoadedPlugin plugin(host_, entry_->create);
  ASSERT_TRUE(Start(plugin).ok());
  ASSERT_TRUE(plugin.EnsureSchema(kSchema).ok());
  for (const char* op : {
           R"({"op":"claim","table":"a.t"})",
           R"({"op":"query","from":"a.t","offset":1})",
           R"({"op":"query","from":"a.t","where":{"id":{"gt":1}}})",
           R"({"op":"query","from":"a.t","select":{"n":{"count":"*"}}})",
           R"({"op":"update","table":"a.t","where":{},"merge":{"text":{}}})",
           R"({"op":"insert","table":"a.t","row":{"id":1},"refs":{"/row/id":"x.affected"}})",
       }) {
    const Result<std::string> answer = plugin.Execute(R"({"parts":[{"by":"o","ops":[)" + std::string(op) + "]}]}");
    EXPECT_EQ(answer.status().code(), Code::kInvalidArgument) << op;
  }
  EXPECT_EQ(plugin
                .EnsureSchema(R"({"namespace":"b","version":1,"owner":"o","tables":{"t":{"columns":{
      "id":{"type":"int64","primary":true,"references":"a.t.id"}}}}})")
                .status()
                .code(),
            Code::kInvalidArgument);
}

}  // namespace
}  // namespace tutti
