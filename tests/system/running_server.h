// RunningServer: a `tutti` process with every plugin, a manifest tests lay things over, and a WebSocket client.
//
// The model is the rehearsal one with the scenes of running_server.cpp; with an ANTHROPIC_API_KEY it is the other one.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/database_view.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"
#include "tests/support/websocket_client.h"

namespace tutti::test {

class RunningServer : public testing::Test {
 protected:
  // Writes the manifest; starts nothing.
  void SetUp() override;

  // Lays this over the manifest of servers started from now on.
  void Overlay(const std::string& name, const std::string& yaml);

  // With TUTTI_TEST_ISOLATE set to this kind, servers started from now on run the plugin in a process of its own.
  void MayRunApart(const std::string& kind, const std::string& plugin);

  // Plays these scenes before the others.
  void AddScenes(const std::string& yaml);

  [[nodiscard]] ServerProcess::Options Options() const;

  // Starts a server on the same data, after the one before has ended, and connects the client.
  void Start(const std::string& session = {}, const std::map<std::string, std::string>& environment = {});

  HttpAnswer Get(const std::string& target);
  HttpAnswer Post(const std::string& target, const std::string& body);

  void Say(const std::string& text);
  // Says it and waits until its turn has ended. The number of the first message that came because of it.
  int SayAndWait(const std::string& text);
  // The text of the orchestrator's last line in the chat.
  std::string LastLine();

  // Number of the status message, from `from` on; -1 when it does not come.
  int WaitForStatus(const std::string& agent, const std::string& status, int from = 0);
  // The live agent's id; empty when there is none.
  std::string AgentId(const std::string& name);

  std::vector<DatabaseView::Row> Rows(const std::string& sql, const std::vector<std::string>& values = {});

  [[nodiscard]] ServerProcess& server() { return *server_; }

  [[nodiscard]] WebSocketClient& client() { return *client_; }

  // How long Start waits for a server to be ready.
  std::chrono::milliseconds start_patience_ = kPatience;

  TemporaryDirectory directory_;
  std::string data_;
  std::string working_directory_;
  std::string config_;
  std::string id_;  // of the orchestrator

 private:
  std::vector<std::string> apart_;  // plugins in processes of their own
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<WebSocketClient> client_;
};

}  // namespace tutti::test
