// A plugin from a stranger, from its archive to a running server: packed, installed, pinned, run, tampered with,
// refused, accepted again.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/system/command_run.h"
#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;

class StrangersPlugin : public RunningServer {
 protected:
  void SetUp() override {
    RunningServer::SetUp();
    source_ = directory_.MakeDirectory("source");
    fs::copy(TUTTI_NOTES_PLUGIN, source_);
  }

  // tutti plugin ..., with this server's manifest and data directory.
  CommandRun Plugin(std::vector<std::string> arguments, bool is_site = true) {
    arguments.insert(arguments.begin(), "plugin");
    if (is_site) {
      arguments.insert(arguments.end(), {"--config", config_, "--data", data_});
    }
    return RunTutti(arguments, {{"TUTTI_SCRIPTS", directory_.path() + "/scripts"}});
  }

  void Install(const std::vector<std::string>& more = {}) {
    const std::string archive = directory_.path() + "/notes.tutti-plugin";
    const CommandRun packed = Plugin({"pack", source_, "-o", archive}, false);
    ASSERT_EQ(packed.status, 0) << packed.output;
    std::vector<std::string> arguments = {"install", archive};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandRun installed = Plugin(arguments);
    ASSERT_EQ(installed.status, 0) << installed.output;
    const CommandRun enabled = Plugin({"enable", "org.example.notes"});
    ASSERT_EQ(enabled.status, 0) << enabled.output;
  }

  [[nodiscard]] std::string Library() const { return data_ + "/plugins-installed/org.example.notes/1.0.0/notes.so"; }

  HttpAnswer Hello() { return Post("/v1/commands/notes.hello", "{}"); }

  std::string source_;
};

TEST_F(StrangersPlugin, RunsAsItWasPinnedAndNotOtherwise) {
  Install();
  const CommandRun pinned = Plugin({"pin", "org.example.notes", "--yes"});
  ASSERT_EQ(pinned.status, 0) << pinned.output;
  Start();
  const HttpAnswer hello = Hello();
  EXPECT_EQ(hello.status, 200) << hello.body << server().output();
  EXPECT_EQ(hello.body, R"({"says":"hello"})");
  ASSERT_EQ(server().Stop(), 0) << server().output();

  // The loader would take it: what follows the last section is nobody's.
  std::ofstream(Library(), std::ios::binary | std::ios::app) << "tampered";
  const CommandRun check =
      RunTutti({"check", "--config", config_, "--data", data_}, {{"TUTTI_SCRIPTS", directory_.path() + "/scripts"}});
  EXPECT_EQ(check.status, 2) << check.output;
  EXPECT_NE(check.output.find("refused: plugin org.example.notes is not what was accepted"), std::string::npos)
      << check.output;
  Start();
  EXPECT_EQ(Hello().status, 404);
  EXPECT_NE(server().output().find("not started: org.example.notes: plugin org.example.notes is not what was accepted"),
            std::string::npos)
      << server().output();
  EXPECT_NE(server().output().find("`tutti plugin pin org.example.notes` accepts it"), std::string::npos)
      << server().output();
  EXPECT_EQ(Get("/health").status, 200);
  ASSERT_EQ(server().Stop(), 0) << server().output();

  const CommandRun verified = Plugin({"verify", "org.example.notes"});
  EXPECT_EQ(verified.status, 1) << verified.output;
  const CommandRun again = Plugin({"pin", "org.example.notes", "--yes"});
  ASSERT_EQ(again.status, 0) << again.output;
  Start();
  EXPECT_EQ(Hello().status, 200) << server().output();
}

TEST_F(StrangersPlugin, FindsOnlyTheServicesItWasGranted) {
  Install({"--pin"});
  Start();
  const HttpAnswer denied = Post("/v1/commands/notes.reach", "{}");
  EXPECT_EQ(denied.status, 403) << denied.body << server().output();
  EXPECT_NE(denied.body.find("this plugin was not granted commands"), std::string::npos) << denied.body;
  ASSERT_EQ(server().Stop(), 0) << server().output();

  Overlay("grant", "version: 1\nplugins:\n  - {id: org.example.notes, grants: {services: [commands]}}\n");
  Start();
  const HttpAnswer granted = Post("/v1/commands/notes.reach", "{}");
  EXPECT_EQ(granted.status, 200) << granted.body << server().output();
}

TEST_F(StrangersPlugin, ThatAsksForMoreThanItWasGrantedIsRefusedWithTheWordsThatGrantIt) {
  std::ofstream(source_ + "/plugin.yaml", std::ios::app) << "permissions: [commands, net]\n";
  Install();
  Start();
  EXPECT_EQ(Hello().status, 404);
  EXPECT_NE(server().output().find("asks for commands, net, which nobody granted; write `grants: {services: "
                                   "[commands], net: true}` into its entry in the manifest, or accept it with `tutti "
                                   "plugin pin org.example.notes`"),
            std::string::npos)
      << server().output();
}

TEST_F(StrangersPlugin, OfTheWrongMakerStaysOut) {
  const std::string key = directory_.path() + "/key";
  ASSERT_EQ(Plugin({"keygen", key}, false).status, 0);
  const CommandRun signed_by = Plugin({"sign", source_, "--key", key}, false);
  ASSERT_EQ(signed_by.status, 0) << signed_by.output;
  Install({"--pin"});
  Overlay("trust",
          "version: 1\nhost: {trust: {require: third_party, keys: "
          "[\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"]}}\n");
  Start();
  EXPECT_EQ(Hello().status, 404);
  EXPECT_NE(server().output().find("found it signed by the unknown key"), std::string::npos) << server().output();
}

}  // namespace
}  // namespace tutti::test
