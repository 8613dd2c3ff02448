#include "host/registry/routing_table.h"

#include "tests/host/dispatch/test_core.h"

namespace tutti::host {
namespace {

class RoutingTableTest : public TestCore {
 protected:
  RoutingTableTest() { Load(SpecOf("probe", {"command"})); }
};

TEST_F(RoutingTableTest, FindsRoutesByMethodAndPath) {
  const RoutingTablePtr table = core_.routes.Get();
  EXPECT_NE(table->FindRest("GET", "/echo").target.route, nullptr);
  EXPECT_NE(table->FindRest("HEAD", "/echo").target.route, nullptr);
  const RestMatch wrong_method = table->FindRest("POST", "/echo");
  EXPECT_EQ(wrong_method.target.route, nullptr);
  EXPECT_EQ(wrong_method.allowed, std::vector<std::string>{"GET"});
  const RestMatch captured = table->FindRest("GET", "/echo/hello");
  ASSERT_EQ(captured.captures.size(), 1U);
  EXPECT_EQ(captured.captures[0], (std::pair<std::string, std::string>("text", "hello")));
  EXPECT_TRUE(table->FindRest("GET", "/nowhere").allowed.empty());
  EXPECT_NE(table->FindRest("POST", "/v1/commands/probe.wait").target.route, nullptr);
}

TEST_F(RoutingTableTest, ReportsWhatIsTaken) {
  std::vector<std::string> problems;
  const RoutingTable table({plugins_[0].get(), plugins_[0].get()}, "", "", "", problems);
  EXPECT_EQ(problems.size(), table.commands().size());
  EXPECT_NE(problems.front().find("is taken by test.probe"), std::string::npos) << problems.front();
}

TEST_F(RoutingTableTest, ToolNamesReplaceDots) {
  EXPECT_NE(core_.routes.Get()->FindTool("probe_echo"), nullptr);
  EXPECT_EQ(core_.routes.Get()->FindTool("probe.echo"), nullptr);
}

TEST_F(RoutingTableTest, CommandsOfAPluginInQuarantineAreFoundAndNotListed) {
  std::vector<std::string> problems;
  const RoutingTablePtr before = core_.routes.Get();
  PluginInstance& probe = *plugins_[0];
  RoutingTable first({}, "", "", "", problems);
  first.AddQuarantined(probe, before.get(), "it hung");
  RoutingTable second({}, "", "", "", problems);
  second.AddQuarantined(probe, &first, "it hung");
  for (const RoutingTable* table : {&first, &second}) {
    EXPECT_TRUE(table->commands().empty());
    EXPECT_EQ(table->quarantined().size(), before->commands().size());
    const CommandRoute* route = table->FindCommand("probe.echo");
    ASSERT_NE(route, nullptr);
    EXPECT_EQ(route->quarantine, "it hung");
    EXPECT_EQ(table->FindTool("probe_echo"), route);
    EXPECT_EQ(table->FindRest("GET", "/echo").target.route, route);
  }
  EXPECT_EQ(before->FindCommand("probe.echo")->quarantine, "");
}

TEST_F(RoutingTableTest, WhatAnotherServesIsNotInQuarantine) {
  std::vector<std::string> problems;
  RoutingTable table({plugins_[0].get()}, "", "", "", problems);
  table.AddQuarantined(*plugins_[0], core_.routes.Get().get(), "it hung");
  EXPECT_TRUE(table.quarantined().empty());
  EXPECT_EQ(table.FindCommand("probe.echo")->quarantine, "");
  EXPECT_TRUE(problems.empty());
}

}  // namespace
}  // namespace tutti::host
