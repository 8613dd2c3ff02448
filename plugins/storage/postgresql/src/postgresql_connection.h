// One session: made and configured through Poco Data, its statements prepared once, kept, and run on the session's
// libpq connection, which reports SQLSTATE, constraint and column as fields and takes whole columns of values as
// arrays.
//
// A session that met a connection failure is never used again: usable() turns false and its owner throws it away. No
// call waits for ever: after `silence` without a byte the server is asked over another connection whether it is still
// at work on the statement; if not, or if it does not answer within connect_timeout, the session is lost.
// One thread at a time.
#pragma once

#include <Poco/Data/Session.h>

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "driver.h"
#include "lost_sessions.h"
#include "postgresql_url.h"

struct pg_conn;
struct pg_result;

namespace tutti::storage::postgresql {

struct PostgresqlOptions {
  std::string url;
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds statement_timeout{60000};
  std::chrono::milliseconds lock_timeout{10000};
  std::chrono::milliseconds silence{5000};
  std::size_t statement_cache = 256;
  std::string announcer;  // names this host in what it announces (PostgresqlDialect); empty: announces nothing
};

class PostgresqlConnection final : public Connection {
 public:
  // A session that is lost is told to `lost`.
  static Result<std::unique_ptr<Connection>> Open(const PostgresqlOptions& options, const ConnectionTarget& target,
                                                  Driver::Access access, std::shared_ptr<LostSessions> lost = nullptr);
  ~PostgresqlConnection() override;
  PostgresqlConnection(const PostgresqlConnection&) = delete;
  PostgresqlConnection& operator=(const PostgresqlConnection&) = delete;

  Result<std::int64_t> Run(const Statement& statement, const RowVisitor& visit) override;
  Result<std::int64_t> Insert(const Table& table, const RowPointers& rows, bool ignore_conflict) override;
  Status Control(const std::string& sql) override;
  Status Commit(const CommitMark& mark) override;
  [[nodiscard]] bool in_transaction() const override;
  [[nodiscard]] bool usable() const override;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };

  using ResultPointer = std::unique_ptr<pg_result, Clear>;

  struct Kept {
    std::string sql;
    std::string name;
  };

  PostgresqlConnection(const PostgresqlOptions& options, ConnectionTarget target, Poco::Data::Session session,
                       std::shared_ptr<LostSessions> lost);

  // The last result of what was sent; nullptr when the session was lost. A failure of sending is in it too.
  ResultPointer LastResult(bool was_sent);
  // Whether PQgetResult can be called.
  bool Await();
  [[nodiscard]] bool IsAtWork() const;
  Status Configure(Driver::Access access);
  Result<std::string> Prepare(const std::string& sql);
  Result<std::int64_t> Execute(const std::string& sql, const std::vector<const char*>& values, const RowVisitor& visit);
  Result<std::int64_t> ReadRows(const RowVisitor& visit);
  void Cancel();
  Status Failure(const pg_result* result);

  const PostgresqlOptions options_;
  const ConnectionTarget target_;
  const std::shared_ptr<LostSessions> lost_;
  std::string session_name_;  // process id and start, as the server shows them
  Poco::Data::Session session_;
  pg_conn* raw_;          // owned by session_
  std::list<Kept> kept_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Kept>::iterator> by_sql_;
  std::uint64_t next_name_ = 0;
  bool broken_ = false;
};

}  // namespace tutti::storage::postgresql
