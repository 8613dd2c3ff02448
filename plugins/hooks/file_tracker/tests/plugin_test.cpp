// The built plugin behind its tables, as the host calls it.
#include <gtest/gtest.h>

#include "git_sandbox.h"
#include "tutti/sdk/testing/fake_host.hpp"
#include "tutti/sdk/testing/library.hpp"

namespace tutti::file_tracker {
namespace {

using tutti::testing::CallContext;
using tutti::testing::FakeHost;
using tutti::testing::LoadedPlugin;

class FileTracker : public ::testing::Test {
 protected:
  void SetUp() override {
    sandbox_.Git("init -q");
    sandbox_.Write("a.txt", "one\n");
    sandbox_.Commit("first");
  }

  LoadedPlugin Load(const std::string& more = {}) {
    LoadedPlugin plugin = tutti::testing::LoadLibrary(host_, TUTTI_PLUGIN_LIBRARY);
    const Status started = plugin.Start("{\"working_dir\":\"" + sandbox_.root() + "\"" + more + "}");
    EXPECT_TRUE(started.ok()) << started.ToString();
    return plugin;
  }

  static CallContext Agent(const std::string& run) {
    CallContext context;
    context.run = run;
    context.agent = "agent";
    context.stream = "stream";
    context.labels = R"({"role":"agent","agent_name":"builder","task_slug":"slug"})";
    return context;
  }

  // What the plugin adds to the step, an array; null when nothing.
  static Json Fire(LoadedPlugin& plugin, const std::string& point, const std::string& payload,
                   const CallContext& context) {
    const Result<std::string> reply = plugin.OnPoint(point, payload, TUTTI_HOOK_RECORD, context);
    EXPECT_TRUE(reply.ok()) << reply.status().ToString();
    const std::string ops(reply.ok() ? JsonMember(*reply, "ops") : std::string_view());
    return std::move(*Json::Parse(ops.empty() ? "null" : ops));
  }

  static std::string Tool(const std::string& name, const std::string& path) {
    JsonObject payload;
    payload("tool_name", name).Raw("tool_input", JsonObject()("file_path", path).Take());
    return payload("is_error", false).Take();
  }

  FakeHost host_;
  const GitSandbox sandbox_;
};

TEST_F(FileTracker, ATurnEndsWithItsFilesBelowItsLastText) {
  LoadedPlugin plugin = Load();
  const CallContext run = Agent("run");
  Fire(plugin, "TextBlock", R"({"text":"x","id":"first"})", run);
  sandbox_.Write("a.txt", "one\ntwo\n");
  Fire(plugin, "PostToolUse", Tool("Edit", "a.txt"), run);
  Fire(plugin, "PostToolUse", Tool("Write", "./x/../a.txt"), run);
  Fire(plugin, "PostToolUse", Tool("Read", sandbox_.At("a.txt")), run);
  Fire(plugin, "TextBlock", R"({"text":"y","id":"last"})", run);
  const Json ops = Fire(plugin, "Stop", "{}", run);
  ASSERT_EQ(ops.view().size(), 2U) << ops.view().Dump();
  const JsonView log = ops.view()[1]["data"]["log"];
  EXPECT_EQ(log["parent_log_id"].AsString(), "last");
  EXPECT_EQ(log["agent_name"].AsString(), "builder");
  EXPECT_EQ(log["task_slug"].AsString(), "slug");
  const JsonView payload = log["payload"];
  ASSERT_EQ(payload["file_changes"].size(), 1U) << payload.Dump();
  EXPECT_EQ(payload["file_changes"][0]["path"].AsString(), "a.txt");
  EXPECT_EQ(payload["file_changes"][0]["lines_added"].AsInt(), 1);
  EXPECT_EQ(payload["read_files"][0]["line_count"].AsInt(), 2);
}

TEST_F(FileTracker, TheNextTurnBeginsWithNothing) {
  LoadedPlugin plugin = Load();
  const CallContext run = Agent("run");
  Fire(plugin, "TextBlock", R"({"text":"x","id":"t"})", run);
  Fire(plugin, "PostToolUse", Tool("Read", "a.txt"), run);
  EXPECT_EQ(Fire(plugin, "Stop", "{}", run).view().size(), 2U);
  const CallContext next = Agent("next");
  Fire(plugin, "TextBlock", R"({"text":"x","id":"t2"})", next);
  EXPECT_TRUE(Fire(plugin, "Stop", "{}", next).view().is_null());
}

TEST_F(FileTracker, NothingIsAddedWithoutATextOrAFile) {
  LoadedPlugin plugin = Load();
  const CallContext run = Agent("run");
  Fire(plugin, "PostToolUse", Tool("Write", "a.txt"), run);
  EXPECT_TRUE(Fire(plugin, "Stop", "{}", run).view().is_null());
  Fire(plugin, "TextBlock", R"({"text":"x","id":"t"})", run);
  EXPECT_TRUE(Fire(plugin, "Stop", "{}", run).view().is_null());
  EXPECT_TRUE(Fire(plugin, "Stop", "{}", Agent("never seen")).view().is_null());
}

TEST_F(FileTracker, OtherRunsThanThoseOfAgentsAreLeftAlone) {
  LoadedPlugin plugin = Load();
  CallContext chat = Agent("run");
  for (const char* labels : {R"({"role":"orchestrator"})", "{}", "", "no json"}) {
    chat.labels = labels;
    Fire(plugin, "TextBlock", R"({"text":"x","id":"t"})", chat);
    Fire(plugin, "PostToolUse", Tool("Read", "a.txt"), chat);
    EXPECT_TRUE(Fire(plugin, "Stop", "{}", chat).view().is_null()) << labels;
  }
}

TEST_F(FileTracker, DiffsThatAreNotReadyInTimeAreLeftOut) {
  LoadedPlugin plugin = Load(R"(,"time_limit_ms":1,"max_file_bytes":67108864)");
  const CallContext run = Agent("run");
  Fire(plugin, "TextBlock", R"({"text":"x","id":"t"})", run);
  // Much more to compare than a millisecond allows.
  std::string lines;
  for (int i = 0; i < 300'000; ++i) {
    lines += std::to_string(i) + "\n";
  }
  sandbox_.Write("big.txt", lines);
  Fire(plugin, "PostToolUse", Tool("Write", "big.txt"), run);
  const Json ops = Fire(plugin, "Stop", "{}", run);
  const JsonView change = ops.view()[1]["data"]["log"]["payload"]["file_changes"][0];
  EXPECT_TRUE(change["diff"] && change["diff"].is_null());
  EXPECT_EQ(change["diff_omitted"].AsString(), "it was not ready within 1 ms");
}

TEST_F(FileTracker, ManyTurnsEndSideBySide) {
  constexpr int kTurns = 40;
  LoadedPlugin plugin = Load();
  for (int i = 0; i < kTurns; ++i) {
    const CallContext run = Agent("run-" + std::to_string(i));
    Fire(plugin, "TextBlock", R"({"text":"x","id":"t"})", run);
    const std::string name = "n" + std::to_string(i) + ".txt";
    sandbox_.Write(name, "new\n");
    Fire(plugin, "PostToolUse", Tool("Write", name), run);
  }
  std::vector<tutti::testing::RunningCall> ending;
  for (int i = 0; i < kTurns; ++i) {
    ending.push_back(plugin.BeginPoint("Stop", "{}", TUTTI_HOOK_RECORD, Agent("run-" + std::to_string(i))));
  }
  for (tutti::testing::RunningCall& call : ending) {
    const Result<std::string> reply = call.Wait();
    ASSERT_TRUE(reply.ok()) << reply.status().ToString();
    EXPECT_EQ((*Json::Parse(*reply))["ops"].size(), 2U) << *reply;
    EXPECT_EQ(call.finish_attempts(), 1U);
  }
}

TEST_F(FileTracker, PayloadsThatAreNoJsonFailTheHookOnly) {
  LoadedPlugin plugin = Load();
  EXPECT_FALSE(plugin.OnPoint("PostToolUse", "{", TUTTI_HOOK_RECORD, Agent("run")).ok());
  EXPECT_TRUE(plugin.OnPoint("PostToolUse", "{}", TUTTI_HOOK_RECORD, Agent("run")).ok());
}

}  // namespace
}  // namespace tutti::file_tracker
