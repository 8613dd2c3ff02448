#include "listed_commands.h"

#include <gtest/gtest.h>

#include <future>

#include "tutti/sdk/plugin.hpp"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::orchestrator {
namespace {

using testing::FakeHost;
using testing::FakeRequest;

std::string List(FakeHost& fake, Result<std::string> answer) {
  fake.OnCommands([answer](const FakeRequest&) { return answer; });
  std::promise<std::string> listed;
  auto list = [](Host host, std::promise<std::string>* to) -> Task<void> {
    std::string commands = co_await ListedCommands(host, 0);
    to->set_value(std::move(commands));
  };
  Spawn(list(Host(fake.raw()), &listed), [](const std::exception_ptr& thrown) { std::rethrow_exception(thrown); });
  return listed.get_future().get();
}

TEST(ListedCommands, HaveTheConsolesMembersInItsOrder) {
  FakeHost host;
  EXPECT_EQ(List(host, std::string(R"({"commands":[{"name":"a:b","description":"d","arguments":"[x]","model":"haiku",
      "allowed_tools":["Read"],"disable_model_invocation":true,"user_invocable":true,"path":"p","error":null},
      {"name":"hidden","user_invocable":false},{"name":"odd","error":"odd.md:1"}]})")),
            R"([{"name":"a:b","description":"d","arguments":"[x]","model":"haiku","allowed_tools":["Read"],)"
            R"("disable_model_invocation":true},{"name":"odd","description":"","arguments":"","model":"",)"
            R"("allowed_tools":[],"disable_model_invocation":false}])");
  EXPECT_EQ(host.Requests("commands").at(0).name, "slash.list");
}

TEST(ListedCommands, WithoutAPluginThatHasSomeThereAreNone) {
  FakeHost host;
  EXPECT_EQ(List(host, Status::NotFound("no command")), "[]");
  EXPECT_TRUE(host.records().logs().empty());
}

TEST(ListedCommands, AFailureIsAnEmptyListAndALineInTheLog) {
  FakeHost host;
  EXPECT_EQ(List(host, Status::Unavailable("away")), "[]");
  EXPECT_EQ(List(host, std::string("no json")), "[]");
  ASSERT_EQ(host.records().logs().size(), 2U);
  EXPECT_EQ(host.records().logs()[0].message, "slash commands could not be listed");
}

}  // namespace
}  // namespace tutti::orchestrator
