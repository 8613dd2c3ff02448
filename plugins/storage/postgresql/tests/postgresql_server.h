// A real PostgreSQL server of the test's own: fresh data directory, free port on loopback, password authentication, no
// fsync. It ends with the test process, also when that crashes.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace tutti::storage::testing {

class PostgresqlServer {
 public:
  // The process's one server, started at the first use; nullptr after reporting why it could not be started.
  static PostgresqlServer* Shared();

  PostgresqlServer();
  ~PostgresqlServer();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  // False with the reason in error().
  bool Start();

  // kFast ends every session first; kImmediate is like a crash: the next start recovers from the log.
  enum class StopMode { kFast, kImmediate };
  void Stop(StopMode mode = StopMode::kFast);

  [[nodiscard]] const std::string& error() const { return error_; }

  // A fresh, empty database; the URL to it.
  std::string CreateDatabase();
  void DropDatabase(const std::string& url);

  // Runs SQL in a database and returns the first field of the last result; "error: ..." when it failed.
  static std::string Query(const std::string& url, const std::string& sql);

  [[nodiscard]] std::string Url(const std::string& database) const;

  // Everything the server has logged so far.
  [[nodiscard]] std::string Log() const;

  // Not part of any message that a user sees.
  static constexpr const char* kPassword = "pa55'w%3Ard";  // percent-encoded as it stands in the URL

 private:
  bool Initialise();

  std::filesystem::path directory_;
  std::string binaries_;
  std::string error_;
  int port_ = 0;
  int databases_ = 0;
  pid_t process_ = 0;
};

}  // namespace tutti::storage::testing
