// CrashServer: a server that is killed and started again on the same data.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tests/end_to_end/test_database.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tutti::test {

class CrashServer {
 public:
  CrashServer();
  ~CrashServer();
  CrashServer(const CrashServer&) = delete;
  CrashServer& operator=(const CrashServer&) = delete;

  // When a server is killed: so long after it was ready or, as a share of the time that a start has taken before, in
  // the middle of its start.
  struct Life {
    std::chrono::milliseconds after_ready{0};
    double of_start = 0;  // 0: not during the start
  };

  // Starts it and, when `life` is given, kills it with SIGKILL then, whatever it is doing. false: it was killed before
  // it was ready. Throws when it ended by itself.
  [[nodiscard]] bool Start(const std::optional<Life>& life);

  // Waits for its death. Only after a Start with a life.
  void WaitForDeath();

  // The exit status of an orderly stop; nullopt when it did not come to one.
  std::optional<int> Stop() { return server_->Stop(); }

  // nullopt: no answer came, because the server died before or under it.
  std::optional<HttpAnswer> Ask(const std::string& method, const std::string& target, const std::string& body = {},
                                const std::map<std::string, std::string>& headers = {});

  // Of the orchestrator; empty when the server died before it said so. The servers after it go on with that session: a
  // request that is repeated is for it.
  std::string Orchestrator();

  [[nodiscard]] std::vector<DatabaseView::Row> Rows(const std::string& sql) const { return database_->Query(sql, {}); }

  // The lines of a file in the agents' directory.
  [[nodiscard]] std::vector<std::string> Lines(const std::string& file) const;

  [[nodiscard]] std::string output() const { return server_ == nullptr ? std::string() : server_->output(); }

  [[nodiscard]] const std::string& config() const { return config_; }

  [[nodiscard]] const std::string& data() const { return data_; }

  [[nodiscard]] ServerProcess::Options Options() const;

 private:
  class Killer;

  TemporaryDirectory directory_;
  std::string data_;
  std::string working_directory_;
  std::string config_;
  std::string session_;
  std::chrono::milliseconds start_{500};    // how long the last whole start took
  std::unique_ptr<TestDatabase> database_;  // outlives the server
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Killer> killer_;
};

}  // namespace tutti::test
