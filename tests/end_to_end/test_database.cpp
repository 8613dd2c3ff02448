#include "tests/end_to_end/test_database.h"

#include <libpq-fe.h>
#include <sqlite3.h>

#include <cstdlib>
#include <stdexcept>

#include "postgresql_server.h"

namespace tutti::test {
namespace {

using storage::testing::PostgresqlServer;

constexpr int kBusyMs = 10000;

class SqliteDatabase : public TestDatabase {
 public:
  explicit SqliteDatabase(const std::string& data) : file_(data + "/tutti.db") {}

  [[nodiscard]] Plugin plugin() const override {
    return {"tutti.storage.sqlite", "sqlite", R"(file: "${DATABASE_FILE}")"};
  }

  [[nodiscard]] std::map<std::string, std::string> environment() const override { return {{"DATABASE_FILE", file_}}; }

  [[nodiscard]] std::vector<DatabaseView::Row> Query(const std::string& sql,
                                                     const std::vector<std::string>& values) const override {
    return DatabaseView(file_).Query(sql, values);
  }

  void Execute(const std::string& sql) const override {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(file_.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, &sqlite3_close);
    sqlite3_busy_timeout(opened, kBusyMs);
    if (code != SQLITE_OK || sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sql + ": " + sqlite3_errmsg(opened));
    }
  }

 private:
  std::string file_;
};

// $1, $2 ... instead of question marks.
std::string Numbered(const std::string& sql) {
  std::string numbered;
  int number = 0;
  for (const char c : sql) {
    numbered += c == '?' ? "$" + std::to_string(++number) : std::string(1, c);
  }
  return numbered;
}

class PostgresqlDatabase : public TestDatabase {
 public:
  PostgresqlDatabase() {
    if (PostgresqlServer::Shared() == nullptr) {
      throw std::runtime_error("there is no PostgreSQL server to test with");
    }
    url_ = PostgresqlServer::Shared()->CreateDatabase();
  }

  ~PostgresqlDatabase() override { PostgresqlServer::Shared()->DropDatabase(url_); }

  [[nodiscard]] Plugin plugin() const override {
    return {"tutti.storage.postgresql", "postgresql", R"(url: "${DATABASE_URL}")"};
  }

  [[nodiscard]] std::map<std::string, std::string> environment() const override { return {{"DATABASE_URL", url_}}; }

  [[nodiscard]] std::vector<DatabaseView::Row> Query(const std::string& sql,
                                                     const std::vector<std::string>& values) const override {
    const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(url_.c_str()), &PQfinish);
    std::vector<const char*> texts;
    for (const std::string& value : values) {
      texts.push_back(value.c_str());
    }
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
        PQexecParams(connection.get(), Numbered(sql).c_str(), static_cast<int>(texts.size()), nullptr, texts.data(),
                     nullptr, nullptr, 0),
        &PQclear);
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
      throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
    }
    std::vector<DatabaseView::Row> rows;
    for (int number = 0; number < PQntuples(result.get()); ++number) {
      DatabaseView::Row row;
      for (int column = 0; column < PQnfields(result.get()); ++column) {
        const bool is_null = PQgetisnull(result.get(), number, column) != 0;
        row[PQfname(result.get(), column)] = is_null ? "<null>" : PQgetvalue(result.get(), number, column);
      }
      rows.push_back(std::move(row));
    }
    return rows;
  }

  void Execute(const std::string& sql) const override {
    const std::string answer = PostgresqlServer::Query(url_, sql);
    if (answer.starts_with("error: ")) {
      throw std::runtime_error(sql + ": " + answer);
    }
  }

 private:
  std::string url_;
};

}  // namespace

std::unique_ptr<TestDatabase> TestDatabase::Create(const std::string& data) {
  const char* chosen = std::getenv("TUTTI_TEST_STORAGE");
  const std::string storage = chosen == nullptr ? "sqlite" : chosen;
  if (storage == "sqlite") {
    return std::make_unique<SqliteDatabase>(data);
  }
  if (storage == "postgresql") {
    return std::make_unique<PostgresqlDatabase>();
  }
  throw std::runtime_error("TUTTI_TEST_STORAGE: expected sqlite or postgresql, found " + storage);
}

}  // namespace tutti::test
