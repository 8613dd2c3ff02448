#include "agent_template.h"

#include <gtest/gtest.h>

#include <future>

#include "tutti/sdk/plugin.hpp"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::orchestrator {
namespace {

using testing::FakeHost;
using testing::FakeRequest;

std::vector<AgentTemplate> List(FakeHost& fake) {
  std::promise<std::vector<AgentTemplate>> listed;
  auto list = [](Host host, std::promise<std::vector<AgentTemplate>>* to) -> Task<void> {
    std::vector<AgentTemplate> templates = co_await ListTemplates(host, 0);
    to->set_value(std::move(templates));
  };
  Spawn(list(Host(fake.raw()), &listed), [](const std::exception_ptr& thrown) { std::rethrow_exception(thrown); });
  return listed.get_future().get();
}

TEST(AgentTemplate, ReadsWhatAnAgentIsMadeFrom) {
  const Result<Json> json = Json::Parse(R"({"name":"scout","description":"d","system_prompt":"You.","tools":["Read"],
    "model":"haiku","color":null,"source":"scout.md","plugin":"p"})");
  const AgentTemplate scout = AgentTemplate::FromJson(json->view());
  EXPECT_EQ(scout.name, "scout");
  EXPECT_EQ(scout.system_prompt, "You.");
  EXPECT_EQ(scout.model, "haiku");
  EXPECT_EQ(scout.color, "");
  EXPECT_EQ(scout.tools, (std::vector<std::string>{"Read"}));
  const Result<Json> every = Json::Parse(R"({"name":"scout","tools":null})");
  EXPECT_EQ(AgentTemplate::FromJson(every->view()).tools, std::nullopt);
}

TEST(AgentTemplate, BrokenOnesAreLeftOutAndFailedSourcesLogged) {
  FakeHost host;
  host.OnTemplates([](const FakeRequest&) {
    return Result<std::string>(R"({"templates":[{"name":"bad","error":"bad.md:1"},{"name":"good","description":"d"}],
      "failed":[{"plugin":"p","error":"away"}]})");
  });
  EXPECT_EQ(TemplatesJson(List(host)), R"([{"name":"good","description":"d"}])");
  ASSERT_EQ(host.records().logs().size(), 1U);
  EXPECT_EQ(host.records().logs()[0].fields, R"({"plugin":"p","error":"away"})");
}

TEST(AgentTemplate, SourcesThatCannotBeAskedLeaveAnEmptyList) {
  FakeHost host;
  host.OnTemplates([](const FakeRequest&) { return Result<std::string>(Status::Unavailable("away")); });
  EXPECT_TRUE(List(host).empty());
  ASSERT_EQ(host.records().logs().size(), 1U);
  EXPECT_EQ(host.records().logs()[0].message, "templates could not be listed");
}

}  // namespace
}  // namespace tutti::orchestrator
