// Orchestrator: a server of its own per test, with a model that plays the script in script.h.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/end_to_end/test_database.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"
#include "tests/support/websocket_client.h"

namespace tutti::test {

class Orchestrator : public testing::Test {
 protected:
  void SetUp() override;

  // Stops the server; what a sanitizer found in it shows in its exit status.
  void TearDown() override;

  // A plugin besides those that every server of these tests has.
  struct MorePlugin {
    const char* id;
    const char* kind;
    std::string config;  // members of it
  };

  // What a test adds to its server: plugins, and scenes that are tried before those of script.h.
  virtual std::vector<MorePlugin> MorePlugins() const { return {}; }

  virtual std::string MoreScenes() const { return ""; }

  // Members of the configuration of the transport and of the runs, and of `host` in the manifest.
  virtual std::string TransportConfig() const { return ""; }

  virtual std::string RunsConfig() const { return ""; }

  virtual std::string HostConfig() const { return ""; }

  // How a server on the same data is started.
  [[nodiscard]] ServerProcess::Options Options(const std::string& session = {}) const;

  // Starts a server on the same data; the one before must have ended.
  void StartServer(const std::string& session = {});
  void ConnectClient();

  // GET and POST with JSON.
  HttpAnswer Get(const std::string& target);
  HttpAnswer Post(const std::string& target, const std::string& body);

  // Posts to /send_chat and expects that it is accepted.
  void Say(const std::string& text);

  // Says it and waits until its turn has ended. The number of the first message that came because of it.
  int SayAndWait(const std::string& text);

  // The text of the orchestrator's last line in the chat.
  std::string LastLine();

  // Types of the messages from number `from` on.
  std::vector<std::string> Types(int from = 0);

  // The live agent of that name in /list_agents; null when there is none.
  Json FindAgent(const std::string& name);

  // A file of .claude/agents with this front matter.
  void WriteTemplate(const std::string& file, const std::string& front_matter);

  // A file beneath the working directory, or beneath the home of the server's user.
  void WriteWorkFile(const std::string& relative, const std::string& content) const;
  void WriteHomeFile(const std::string& relative, const std::string& content) const;

  // Creates the agent by the orchestrator's tool and waits until it is announced.
  std::string CreateAgent(const std::string& name);

  // Commands it, and waits until the turn has ended (status idle or blocked again). First message of the turn.
  int CommandAndWait(const std::string& name, const std::string& command);

  // Number of the status message, from `from` on.
  int WaitForStatus(const std::string& agent, const std::string& status, int from = 0);

  // Rows of the server's database.
  std::vector<DatabaseView::Row> Rows(const std::string& sql, const std::vector<std::string>& values = {});

  // Changes rows behind the server's back.
  void Execute(const std::string& sql);

  [[nodiscard]] ServerProcess& server() { return *server_; }

  [[nodiscard]] WebSocketClient& client() { return *client_; }

  std::vector<std::string> left_out_;  // ids of plugins that do not run; set before SetUp
  TemporaryDirectory directory_;
  std::string working_directory_;
  std::string home_directory_;
  std::string id_;  // of the orchestrator

 private:
  std::string config_;
  std::string data_;
  std::unique_ptr<TestDatabase> database_;  // outlives the server
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<WebSocketClient> client_;
};

}  // namespace tutti::test
