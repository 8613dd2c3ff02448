// One SQLite connection with kept prepared statements (least recently used go first), a time limit per statement, and
// the SQL functions tutti_double, tutti_decimal, tutti_round, tutti_base64 and tutti_merge.
//
// One thread at a time.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "driver.h"

namespace tutti::storage::sqlite {

struct SqliteOptions {
  std::string file = "tutti.db";     // ":memory:" lives as long as the engine
  std::string synchronous = "full";  // full | normal | off | extra
  std::chrono::milliseconds busy_timeout{5000};
  std::chrono::milliseconds statement_timeout{30000};
  std::size_t statement_cache = 128;
  int checkpoint_pages = 4000;
  std::string check_at_start = "quick";  // off | quick | full
  std::chrono::milliseconds check_limit{5000};
};

class SqliteConnection final : public Connection {
 public:
  static Result<std::unique_ptr<Connection>> Open(const SqliteOptions& options, Driver::Access access,
                                                  const Dialect& dialect);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  Result<std::int64_t> Run(const Statement& statement, const RowVisitor& visit) override;
  Result<std::int64_t> Insert(const Table& table, const RowPointers& rows, bool ignore_conflict) override;
  Status Control(const std::string& sql) override;
  [[nodiscard]] bool in_transaction() const override;

  [[nodiscard]] bool usable() const override { return usable_; }

  [[nodiscard]] std::chrono::milliseconds statement_timeout() const { return statement_timeout_; }

  // Of statements from now on, beside the options.
  void set_statement_timeout(std::chrono::milliseconds timeout) { statement_timeout_ = timeout; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  struct Kept {
    std::string sql;
    std::unique_ptr<sqlite3_stmt, Finalize> statement;
  };

  SqliteConnection(const SqliteOptions& options, const Dialect& dialect)
      : options_(options), dialect_(dialect), statement_timeout_(options.statement_timeout) {}

  Status Configure(Driver::Access access);
  Status AddFunctions();
  Result<sqlite3_stmt*> Prepare(const std::string& sql);
  Result<std::int64_t> Step(sqlite3_stmt* statement, const RowVisitor& visit);
  Status Failure(std::string_view doing);
  static int Bind(sqlite3_stmt* statement, int index, const Value& value, Type type);
  static int Watch(void* self);

  const SqliteOptions options_;
  const Dialect& dialect_;
  std::chrono::milliseconds statement_timeout_;
  sqlite3* database_ = nullptr;
  std::list<Kept> kept_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Kept>::iterator> by_sql_;
  std::chrono::steady_clock::time_point deadline_;
  bool usable_ = true;
};

}  // namespace tutti::storage::sqlite
