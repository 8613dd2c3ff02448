// Plugins that were built from the headers of revision 1 load into the server of today and do their work.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tutti::test {
namespace {

constexpr const char* kManifest = R"(version: 1
plugin_path: ["${TUTTI_PLUGINS}", "${FROZEN_PLUGINS}"]
roles: {storage: auto}
host:
  data_dir: ${TUTTI_DATA}
plugins:
  - {id: tutti.transport.http, as: http, required: true}
  - {id: tutti.storage.sqlite, as: sqlite, required: true, config: {file: "${TUTTI_DATA}/tutti.db"}}
  - {id: org.example.frozen.hook, required: true}
  - {id: org.example.frozen.command, required: true}
  - {id: org.example.frozen.relay, required: true, grants: {services: [commands, hooks]}}
)";

class FrozenPlugins : public testing::Test {
 protected:
  void SetUp() override {
    config_ = directory_.WriteFile("tutti.yaml", kManifest);
    server_ =
        std::make_unique<ServerProcess>(ServerProcess::Options{.config = config_,
                                                               .data = directory_.MakeDirectory("data"),
                                                               .working_directory = directory_.MakeDirectory("work"),
                                                               .session = {},
                                                               .environment = {{"FROZEN_PLUGINS", FROZEN_PLUGINS}}});
    ASSERT_TRUE(server_->WaitUntilReady()) << server_->output();
  }

  HttpAnswer Get(const std::string& target) { return Request(server_->port(), "GET", target); }

  TemporaryDirectory directory_;
  std::string config_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(FrozenPlugins, CommandInCAnswers) {
  const HttpAnswer answer = Get("/v1/frozen/Ada");
  EXPECT_EQ(answer.status, 200) << answer.body << server_->output();
  EXPECT_EQ(answer.body, R"({"greeted":"Ada"})");
}

TEST_F(FrozenPlugins, CommandWithoutSdkCallsAnotherAndFiresAPoint) {
  const HttpAnswer answer = Get("/v1/frozen-relay/Ada");
  EXPECT_EQ(answer.status, 200) << answer.body << server_->output();
  EXPECT_EQ(answer.body, R"({"relayed":{"greeted":"Ada"}})");
}

TEST_F(FrozenPlugins, HookInCDeniesWhoeverAsks) {
  for (const char* target : {"/v1/frozen/nobody", "/v1/frozen-relay/nobody"}) {
    const HttpAnswer answer = Get(target);
    EXPECT_EQ(answer.status, 403) << target << answer.body;
    EXPECT_NE(answer.body.find("Nobody is not greeted."), std::string::npos) << answer.body;
  }
}

TEST_F(FrozenPlugins, WaitingCommandIsCancelledAtItsDeadline) {
  const HttpAnswer answer = Request(server_->port(), "POST", "/v1/commands/frozen.wait", "{}");
  EXPECT_EQ(answer.status, 504) << answer.body;
}

TEST_F(FrozenPlugins, TheyStopWithTheServer) {
  (void)Get("/v1/frozen/Ada");
  EXPECT_EQ(server_->Stop(), 0) << server_->output();
  EXPECT_NE(server_->output().find("frozen commands are there"), std::string::npos) << server_->output();
  EXPECT_NE(server_->output().find("frozen hook observed a command"), std::string::npos) << server_->output();
}

}  // namespace
}  // namespace tutti::test
