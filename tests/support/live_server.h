// LiveServer: a `tutti` process with HTTP, SQLite, the plugin commands and whichever specimens a test installs.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tutti::test {

class LiveServer : public testing::Test {
 protected:
  void SetUp() override;

  // Puts a built specimen into the plugin folder `folder`, over what is there, as an installer would: whole.
  void Install(const std::string& specimen, const std::string& folder);

  // What is known of a plugin's entry in the manifest from now on, a YAML flow map without the id, such as
  // "config: {greeting: x}"; listed in the order of the first call.
  void List(const std::string& id, const std::string& entry = {});
  void Unlist(const std::string& id);

  // Where the specimens run: "host", or "process" as plugins do that nobody has accepted.
  void SetIsolation(const std::string& isolation) { isolation_ = isolation; }

  // The manifest's lines below `host:`.
  void SetHost(const std::string& yaml) { host_ = yaml; }

  // Starts a server and waits until it is ready.
  void Start();

  // The same without waiting, for one that may not get there.
  void Launch();

  // SIGTERM; the server's exit status.
  int Stop();

  // Reads the manifest again, and waits until the server has said so.
  void Hangup();

  HttpAnswer Run(const std::string& command, const std::string& args = "{}");
  HttpAnswer Manage(const std::string& verb, const std::string& id, const std::string& more = {});

  // "what" of the first change of a report; the whole body when there is none.
  static std::string What(const HttpAnswer& answer);

  // What plugins.info says.
  Json Info(const std::string& id);

  std::string StateOf(const std::string& id);

  // Looks again and again until it holds or the patience ends.
  static bool WaitUntil(const std::function<bool()>& holds);

  // Waits until plugins.list shows the plugin in this state.
  bool WaitForState(const std::string& id, const std::string& state);

  // A value of /metrics; 0 when it is not there. `series` as it stands before the value.
  double Metric(const std::string& series);

  [[nodiscard]] ServerProcess& server() { return *server_; }

  TemporaryDirectory directory_;
  std::string data_;

 private:
  void WriteManifest();

  std::string config_;
  std::string host_;
  std::string isolation_ = "host";
  std::vector<std::pair<std::string, std::string>> entries_;
  std::unique_ptr<ServerProcess> server_;
};

}  // namespace tutti::test
