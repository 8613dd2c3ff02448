#include "sqlite_connection.h"

#include <algorithm>

#include "names.h"
#include "sqlite_errors.h"
#include "sqlite_functions.h"

namespace tutti::storage::sqlite {
namespace {

constexpr int kInstructionsBetweenChecks = 10000;
constexpr std::string_view kSynchronousModes[] = {"full", "normal", "extra", "off"};

std::string_view FieldText(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
}

}  // namespace

Result<std::unique_ptr<Connection>> SqliteConnection::Open(const SqliteOptions& options, Driver::Access access,
                                                           const Dialect& dialect) {
  const auto& modes = kSynchronousModes;
  if (std::find(std::begin(modes), std::end(modes), options.synchronous) == std::end(modes)) {
    return Status::InvalidArgument("synchronous: expected full, normal, extra or off, found '" + options.synchronous +
                                   "'");
  }
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(options, dialect));
  const int flags =
      SQLITE_OPEN_NOMUTEX |
      (access == Driver::Access::kRead ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(options.file.c_str(), &connection->database_, flags, nullptr);
  if (code != SQLITE_OK) {
    return FromSqlite(code, sqlite3_errmsg(connection->database_), "opening " + options.file);
  }
  if (Status status = connection->Configure(access); !status.ok()) {
    return status;
  }
  return std::unique_ptr<Connection>(std::move(connection));
}

SqliteConnection::~SqliteConnection() {
  by_sql_.clear();
  kept_.clear();
  sqlite3_close(database_);
}

Status SqliteConnection::Configure(Driver::Access access) {
  sqlite3_extended_result_codes(database_, 1);
  sqlite3_busy_timeout(database_, static_cast<int>(options_.busy_timeout.count()));
  sqlite3_progress_handler(database_, kInstructionsBetweenChecks, &SqliteConnection::Watch, this);
  deadline_ = std::chrono::steady_clock::now() + options_.statement_timeout;
  if (const int code = AddSqlFunctions(database_); code != SQLITE_OK) {
    return Failure("adding functions");
  }
  std::vector<std::string> settings = {"PRAGMA foreign_keys = ON"};
  if (access == Driver::Access::kWrite) {
    settings.insert(settings.end(), {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = " + options_.synchronous,
                                     "PRAGMA wal_autocheckpoint = " + std::to_string(options_.checkpoint_pages),
                                     "PRAGMA journal_size_limit = 67108864",
                                     // What was deleted must not be found in the file.
                                     "PRAGMA secure_delete = ON"});
  } else {
    settings.emplace_back("PRAGMA query_only = ON");
  }
  for (const std::string& sql : settings) {
    char* error = nullptr;
    const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &error);
    sqlite3_free(error);
    if (code != SQLITE_OK) {
      return Failure("opening " + options_.file + ", " + sql);
    }
  }
  return {};
}

int SqliteConnection::Watch(void* self) {
  return std::chrono::steady_clock::now() > static_cast<SqliteConnection*>(self)->deadline_ ? 1 : 0;
}

Status SqliteConnection::Failure(std::string_view doing) {
  const int code = sqlite3_extended_errcode(database_);
  Status status = FromSqlite(code, sqlite3_errmsg(database_), doing);
  usable_ = usable_ && (code & 0xFF) != SQLITE_IOERR && (code & 0xFF) != SQLITE_CANTOPEN;
  return status;
}

Result<sqlite3_stmt*> SqliteConnection::Prepare(const std::string& sql) {
  if (const auto found = by_sql_.find(sql); found != by_sql_.end()) {
    kept_.splice(kept_.begin(), kept_, found->second);
    return kept_.front().statement.get();
  }
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &prepared, nullptr);
  if (code != SQLITE_OK) {
    return Failure("preparing a statement");
  }
  kept_.push_front({sql, std::unique_ptr<sqlite3_stmt, Finalize>(prepared)});
  by_sql_.emplace(kept_.front().sql, kept_.begin());
  if (kept_.size() > options_.statement_cache) {
    by_sql_.erase(kept_.back().sql);
    kept_.pop_back();
  }
  return prepared;
}

int SqliteConnection::Bind(sqlite3_stmt* statement, int index, const Value& value, Type type) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return type == Type::kBytes
               ? sqlite3_bind_blob64(statement, index, text->empty() ? "" : text->data(), text->size(), SQLITE_STATIC)
               : sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *integer);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    return sqlite3_bind_double(statement, index, *number);
  }
  if (const auto* flag = std::get_if<bool>(&value)) {
    return sqlite3_bind_int(statement, index, *flag ? 1 : 0);
  }
  return sqlite3_bind_null(statement, index);
}

Result<std::int64_t> SqliteConnection::Step(sqlite3_stmt* statement, const RowVisitor& visit) {
  deadline_ = std::chrono::steady_clock::now() + statement_timeout_;
  const int columns = sqlite3_column_count(statement);
  std::vector<std::string_view> fields(static_cast<std::size_t>(columns));
  std::int64_t rows = 0;
  Status status;
  while (status.ok()) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) {
      break;
    }
    if (code != SQLITE_ROW) {
      status = Failure("running a statement");
      break;
    }
    ++rows;
    for (int i = 0; i < columns; ++i) {
      fields[static_cast<std::size_t>(i)] = FieldText(statement, i);
    }
    status = visit ? visit(fields) : Status();
  }
  const bool reads = sqlite3_stmt_readonly(statement) != 0;
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  if (!status.ok()) {
    return status;
  }
  return columns > 0 || reads ? rows : static_cast<std::int64_t>(sqlite3_changes64(database_));
}

Result<std::int64_t> SqliteConnection::Run(const Statement& statement, const RowVisitor& visit) {
  auto prepared = Prepare(statement.sql);
  if (!prepared.ok()) {
    return prepared.status();
  }
  for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
    const Parameter& parameter = statement.parameters[i];
    if (Bind(*prepared, static_cast<int>(i + 1), parameter.value, parameter.type) != SQLITE_OK) {
      Status status = Failure("binding a value");
      sqlite3_clear_bindings(*prepared);
      return status;
    }
  }
  return Step(*prepared, visit);
}

Result<std::int64_t> SqliteConnection::Insert(const Table& table, const RowPointers& rows, bool ignore_conflict) {
  std::string sql = "INSERT INTO " + QuoteName(table.physical) + " (";
  std::string placeholders;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    sql += (i == 0 ? "" : ", ") + QuoteName(table.columns[i].name);
    placeholders += (i == 0 ? "?" : ", ?") + std::to_string(i + 1);
  }
  sql += ") VALUES (" + placeholders + ")" + (ignore_conflict ? " ON CONFLICT DO NOTHING" : "");
  std::int64_t affected = 0;
  for (const Row* row : rows) {
    auto prepared = Prepare(sql);
    if (!prepared.ok()) {
      return prepared.status();
    }
    for (std::size_t i = 0; i < row->size(); ++i) {
      if (Bind(*prepared, static_cast<int>(i + 1), (*row)[i], table.columns[i].type) != SQLITE_OK) {
        Status status = Failure("binding a value");
        sqlite3_clear_bindings(*prepared);
        return status;
      }
    }
    auto stepped = Step(*prepared, nullptr);
    if (!stepped.ok()) {
      return stepped.status();
    }
    affected += *stepped;
  }
  return affected;
}

Status SqliteConnection::Control(const std::string& sql) {
  return Run({sql, {}}, nullptr).status();
}

bool SqliteConnection::in_transaction() const {
  return sqlite3_get_autocommit(database_) == 0;
}

}  // namespace tutti::storage::sqlite
