// One change after another, as an operator makes them: what is refused, what goes on, what is remembered.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include "tests/support/live_server.h"

namespace tutti::test {
namespace {

constexpr const char* kEcho = "org.example.echo";
constexpr const char* kHang = "org.example.hang";

class Change : public LiveServer {
 protected:
  void SetUp() override {
    LiveServer::SetUp();
    Install("echo1", "echo");
    List(kEcho);
  }

  std::string Say() { return Run("echo.say").body; }

  std::string ReadData(const std::string& name) {
    std::ifstream in(data_ + "/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
};

TEST_F(Change, DisableTakesAPluginOutAndEnableBringsItBackOverARestart) {
  Start();
  EXPECT_EQ(What(Manage("disable", kEcho)), "disabled");
  EXPECT_EQ(Run("echo.say").status, 404);
  EXPECT_EQ(StateOf(kEcho), "disabled");
  EXPECT_EQ(Manage("reload", kEcho).status, 409);
  EXPECT_EQ(Stop(), 0) << server().output();

  struct stat info {};

  ASSERT_EQ(::stat((data_ + "/plugins.yaml").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  Start();
  EXPECT_EQ(Run("echo.say").status, 404);
  EXPECT_EQ(What(Manage("enable", kEcho)), "enabled");
  EXPECT_EQ(Say(), R"({"version":"1.0.0","greeting":"hello"})");
  EXPECT_EQ(Stop(), 0) << server().output();
  Start();
  EXPECT_EQ(Say(), R"({"version":"1.0.0","greeting":"hello"})");
}

TEST_F(Change, ANewVersionIsTakenByReloadAndItsCallsGoOn) {
  Install("steady", "steady");
  List("org.example.steady");
  Start();
  auto running = std::async(std::launch::async, [this] { return Run("steady.wait", R"({"ms":300})"); });
  Install("echo2", "echo");
  EXPECT_EQ(Say(), R"({"version":"1.0.0","greeting":"hello"})");
  EXPECT_EQ(What(Manage("reload", kEcho)), "upgraded");
  EXPECT_EQ(Say(), R"({"version":"2.0.0","greeting":"hello"})");
  EXPECT_EQ(What(Manage("reload", "org.example.steady")), "reloaded");
  EXPECT_EQ(running.get().body, R"({"waited":300})");
}

TEST_F(Change, WhateverIsWrongWithTheNewOneLeavesTheGoodOneRunning) {
  Start();

  const struct {
    const char* greeting;
    const char* says;
  } cases[] = {
      {"bad", "nobody greets with 'bad'"},
      {"worse", "the greeting server is away; the one before goes on"},
      {"garbled", "expected a JSON array of command definitions"},
      {"[]", "config.greeting"},
  };

  for (const auto& c : cases) {
    List(kEcho, std::string("config: {greeting: ") + c.greeting + "}");
    const HttpAnswer answer = Manage("reload", kEcho);
    EXPECT_EQ(answer.status, 409) << c.greeting << answer.body;
    EXPECT_NE(answer.body.find(c.says), std::string::npos) << answer.body;
    EXPECT_EQ(Say(), R"({"version":"1.0.0","greeting":"hello"})") << c.greeting;
    EXPECT_EQ(StateOf(kEcho), "active");
  }
  std::ofstream(directory_.path() + "/plugins/echo/specimen.so") << "no library";
  EXPECT_EQ(Manage("reload", kEcho).status, 409);
  EXPECT_EQ(Say(), R"({"version":"1.0.0","greeting":"hello"})");
  EXPECT_EQ(Stop(), 0) << server().output();
}

TEST_F(Change, HangupAppliesTheDifferenceOfTheManifestAndSaysIt) {
  Install("gate", "gate");
  Install("steady", "steady");
  List("org.example.steady");
  Start();
  List(kEcho, "config: {greeting: hi}");
  List("org.example.gate");
  Unlist("org.example.steady");
  Hangup();
  EXPECT_EQ(Say(), R"({"version":"1.0.0","greeting":"hi"})");
  EXPECT_EQ(StateOf("org.example.gate"), "active");
  EXPECT_EQ(StateOf("org.example.steady"), "not listed");
  EXPECT_NE(server().output().find("org.example.echo reloaded: configuration\norg.example.gate enabled: listed and "
                                   "enabled\norg.example.steady disabled: no longer enabled\n"),
            std::string::npos)
      << server().output();

  List(kEcho, "config: {greting: hi}");
  Unlist("org.example.gate");
  Hangup();
  EXPECT_NE(server().output().find("unknown key 'greting'"), std::string::npos) << server().output();
  EXPECT_EQ(StateOf("org.example.gate"), "active");
  EXPECT_EQ(Say(), R"({"version":"1.0.0","greeting":"hi"})");

  List(kEcho, "config: {greeting: hi}");
  List("org.example.gate");
  const HttpAnswer same = Run("plugins.apply");
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(same.body, R"({"changed":[],"unchanged":5,"problems":[],"notes":[]})");
}

TEST_F(Change, WhatOthersNeedAndWhatIsRequiredStays) {
  Start();
  HttpAnswer answer = Manage("disable", "tutti.transport.http");
  EXPECT_EQ(answer.status, 409);
  EXPECT_NE(answer.body.find("is marked `required: true`"), std::string::npos) << answer.body;
  answer = Manage("disable", "tutti.storage.sqlite");
  EXPECT_EQ(answer.status, 409) << answer.body;
  answer = Manage("disable", "org.example.ecko");
  EXPECT_EQ(answer.status, 404);
  EXPECT_NE(answer.body.find("did you mean 'org.example.echo'"), std::string::npos) << answer.body;

  directory_.WriteFile("plugins/needy.yaml", "");
  Install("steady", "steady");
  std::ofstream(directory_.path() + "/plugins/steady/plugin.yaml", std::ios::app) << "requires: [org.example.echo]\n";
  List("org.example.steady");
  EXPECT_EQ(What(Manage("enable", "org.example.steady")), "enabled");
  answer = Manage("disable", kEcho);
  EXPECT_EQ(answer.status, 409);
  EXPECT_NE(answer.body.find("org.example.echo cannot be disabled: org.example.steady needs it"), std::string::npos)
      << answer.body;
  EXPECT_EQ(What(Manage("disable", "org.example.steady")), "disabled");
  EXPECT_EQ(What(Manage("disable", kEcho)), "disabled");
  answer = Manage("enable", "org.example.steady");
  EXPECT_EQ(answer.status, 409);
  EXPECT_NE(answer.body.find("needs org.example.echo, which is installed but not enabled"), std::string::npos)
      << answer.body;
}

TEST_F(Change, APluginThatDoesNotDrainIsAVisibleZombieBesideAFreshInstance) {
  const std::string release = directory_.path() + "/release";
  const std::string started = directory_.path() + "/started";
  Install("hang", "hang");
  List(kHang, "config: {release: " + release + ", started: " + started + "}");
  Start();
  auto hanging = std::async(std::launch::async, [this] { return Run("hang.on"); });
  while (!std::filesystem::exists(started)) {
    ASSERT_NE(Run("plugins.list").status, 0);
  }
  EXPECT_EQ(What(Manage("disable", kHang, R"("drain_ms":50)")), "disabled");
  EXPECT_EQ(StateOf(kHang), "zombie+disabled");
  EXPECT_EQ(Metric("tutti_plugins{state=\"zombie\"}"), 1);
  EXPECT_EQ(What(Manage("enable", kHang)), "enabled");
  EXPECT_EQ(StateOf(kHang), "active+zombie");
  std::ofstream(release) << "";
  // The call was not cut off: it ends as it would have, and so does the zombie.
  EXPECT_EQ(hanging.get().body, R"({"ended":true})");
  EXPECT_TRUE(WaitForState(kHang, "active")) << StateOf(kHang);
  EXPECT_EQ(Run("hang.on").body, R"({"ended":true})");
  EXPECT_EQ(Stop(), 0) << server().output();
}

TEST_F(Change, WithCancelTheCallsOfAHangingPluginAreEndedForIt) {
  const std::string release = directory_.path() + "/release";
  const std::string started = directory_.path() + "/started";
  Install("hang", "hang");
  List(kHang, "config: {release: " + release + ", started: " + started + "}");
  Start();
  auto hanging = std::async(std::launch::async, [this] { return Run("hang.on"); });
  while (!std::filesystem::exists(started)) {
    ASSERT_NE(Run("plugins.list").status, 0);
  }
  EXPECT_EQ(What(Manage("disable", kHang, R"("drain":"cancel","drain_ms":50)")), "disabled");
  const HttpAnswer ended = hanging.get();
  EXPECT_EQ(ended.status, 503) << ended.body;
  EXPECT_NE(ended.body.find("was switched off and did not end this call"), std::string::npos) << ended.body;
  EXPECT_EQ(StateOf(kHang), "zombie+disabled");
  std::ofstream(release) << "";
  EXPECT_EQ(Stop(), 1) << server().output();
}

TEST_F(Change, TheHostFileLetsItsUsersToolsInAndGoesWithTheServer) {
  SetHost("  gateway: {tokens: [{token: operators-own}]}\n");
  Start();
  const Result<Json> host = Json::Parse(ReadData("host.json"));
  ASSERT_TRUE(host.ok());
  EXPECT_EQ((*host)["pid"].AsInt(), server().pid());
  EXPECT_EQ((*host)["addresses"].Dump(), "[\"127.0.0.1:" + std::to_string(server().port()) + "\"]");

  struct stat info {};

  ASSERT_EQ(::stat((data_ + "/host.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(Run("plugins.list").status, 401);
  const std::string token((*host)["token"].AsString());
  EXPECT_EQ(token.size(), 64U);
  EXPECT_EQ(Request(server().port(), "POST", "/v1/commands/plugins.list", "{}", {{"Authorization", "Bearer " + token}})
                .status,
            200);
  EXPECT_EQ(Stop(), 0) << server().output();
  EXPECT_EQ(ReadData("host.json"), "");
}

TEST_F(Change, TheTransportAndTheCommandsThemselvesAreReplacedByThoseWhoUseThem) {
  Start();
  EXPECT_EQ(What(Manage("reload", "tutti.commands.plugins")), "reloaded");
  EXPECT_EQ(What(Manage("reload", "tutti.storage.sqlite")), "reloaded");
  EXPECT_EQ(Say(), R"({"version":"1.0.0","greeting":"hello"})");
  EXPECT_EQ(What(Manage("disable", "tutti.commands.plugins")), "disabled");
  EXPECT_EQ(Run("plugins.list").status, 404);
  std::filesystem::remove(data_ + "/plugins.yaml");
  Hangup();
  EXPECT_EQ(StateOf("tutti.commands.plugins"), "active");
  EXPECT_EQ(Stop(), 0) << server().output();
}

}  // namespace
}  // namespace tutti::test
