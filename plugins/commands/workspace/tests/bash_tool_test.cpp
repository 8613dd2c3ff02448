#include "bash_tool.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "waiting_runner.h"

namespace tutti::workspace {
namespace {

struct BashToolTest : RunnerTest {
  ToolResult Tool(std::string_view command, std::chrono::milliseconds timeout = std::chrono::milliseconds(0)) {
    BashTool tool(directory, *runner, confinement, settings);
    auto promise = std::make_shared<std::promise<ToolResult>>();
    auto future = promise->get_future();
    const auto id =
        tool.Start(command, timeout, [promise](ToolResult result) { promise->set_value(std::move(result)); });
    if (!id.ok()) {
      return ToolResult::Error(id.status());
    }
    EXPECT_EQ(future.wait_for(kPatience), std::future_status::ready);
    return future.get();
  }

  Confinement confinement = Confinement::None();
  BashSettings settings{.environment = {"PATH=/usr/bin:/bin"}};
};

TEST_F(BashToolTest, SuccessIsTheOutput) {
  const ToolResult result = Tool("echo hello");
  EXPECT_FALSE(result.is_error);
  EXPECT_EQ(result.text, "hello\n");
  const auto json = Json::Parse(result.ToJson());
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["exit_code"].AsInt(-1), 0);
  EXPECT_EQ((*json)["confinement"].AsString(), "none");
  EXPECT_EQ(Tool("true").text, "[no output]");
}

TEST_F(BashToolTest, AFailureTellsItsCodeFirst) {
  const ToolResult result = Tool("echo why >&2; exit 3");
  EXPECT_TRUE(result.is_error);
  EXPECT_EQ(result.text, "Exit code 3\nwhy\n");
}

TEST_F(BashToolTest, ASignalIsNamed) {
  EXPECT_EQ(Tool("kill -KILL $$").text, "Ended by signal 9 (Killed)");
}

TEST_F(BashToolTest, TheTimeLimitIsToldWithTheOutputSoFar) {
  settings.max_timeout = std::chrono::milliseconds(400);
  const ToolResult result = Tool("echo begun; sleep 1000", std::chrono::hours(1));
  EXPECT_TRUE(result.is_error);
  EXPECT_NE(result.text.find("time limit of 400 ms"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("begun"), std::string::npos);
}

TEST_F(BashToolTest, ProcessesLeftBehindAreMentioned) {
  EXPECT_NE(Tool("sleep 1000 & echo x").text.find("1 processes still running"), std::string::npos);
}

TEST_F(BashToolTest, InvalidUtf8LeavesAsValidJson) {
  const auto json = Json::Parse(Tool("printf 'a\\377\\000b'").ToJson());
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  EXPECT_EQ((*json)["content"][0]["text"].AsString(),
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");
}

TEST_F(BashToolTest, CommandsBashCannotTakeAreRefused) {
  EXPECT_TRUE(Tool(" \n").is_error);
  EXPECT_TRUE(Tool(std::string_view("a\0b", 3)).is_error);
}

TEST(SelectEnvironment, TakesOnlyWhatIsListed) {
  ASSERT_EQ(::setenv("TUTTI_TEST_WANTED", "yes", 1), 0);
  ASSERT_EQ(::setenv("TUTTI_TEST_KEY", "secret", 1), 0);
  EXPECT_EQ(SelectEnvironment({"TUTTI_TEST_WANTED", "TUTTI_TEST_MISSING"}),
            std::vector<std::string>{"TUTTI_TEST_WANTED=yes"});
}

}  // namespace
}  // namespace tutti::workspace
