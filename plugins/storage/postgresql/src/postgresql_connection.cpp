#include "postgresql_connection.h"

#include <Poco/Data/PostgreSQL/Connector.h>
#include <Poco/Data/PostgreSQL/SessionHandle.h>
#include <Poco/Data/PostgreSQL/Utility.h>
#include <Poco/Exception.h>
#include <libpq-fe.h>

#include <charconv>
#include <memory>
#include <mutex>

#include "answer_wait.h"
#include "aside.h"
#include "names.h"
#include "postgresql_dialect.h"
#include "postgresql_errors.h"

namespace tutti::storage::postgresql {
namespace {

std::string_view Field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

bool IsNull(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

// An array in the server's text form: every element quoted, so that none needs a look.
std::string ArrayText(const RowPointers& rows, std::size_t column, Type type) {
  std::string text = "{";
  for (const Row* row : rows) {
    text += text.size() > 1 ? "," : "";
    if (IsNull((*row)[column])) {
      text += "NULL";
      continue;
    }
    text += '"';
    for (const char c : PostgresqlDialect::ValueText((*row)[column], type)) {
      if (c == '"' || c == '\\') {
        text += '\\';
      }
      text += c;
    }
    text += '"';
  }
  return text += '}';
}

// Why the server cannot be reached; empty when it can. Poco 1.11 never frees the libpq connection of an attempt that
// fails, and while the database is away attempts go on: only one that will succeed is left to it.
std::string Probe(const std::string& connection_text) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(connection_text.c_str()), &PQfinish);
  if (PQstatus(connection.get()) == CONNECTION_OK) {
    return {};
  }
  std::string text = PQerrorMessage(connection.get());
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text.empty() ? "no reason given" : text;
}

std::int64_t Affected(PGresult* result) {
  const std::string_view text = PQcmdTuples(result);
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

}  // namespace

void PostgresqlConnection::Clear::operator()(pg_result* result) const {
  PQclear(result);
}

Result<std::unique_ptr<Connection>> PostgresqlConnection::Open(const PostgresqlOptions& options,
                                                               const ConnectionTarget& target, Driver::Access access,
                                                               std::shared_ptr<LostSessions> lost) {
  static std::once_flag registered;
  std::call_once(registered, [] { Poco::Data::PostgreSQL::Connector::registerConnector(); });
  constexpr std::chrono::milliseconds kRetry(1000);
  if (std::string trouble = Probe(target.text); !trouble.empty()) {
    return Status::Unavailable("cannot connect to the database " + target.shown + ": " + trouble)
        .WithRetryAfter(kRetry);
  }
  try {
    Poco::Data::Session session(Poco::Data::PostgreSQL::Connector::KEY, target.text);
    std::unique_ptr<PostgresqlConnection> connection(
        new PostgresqlConnection(options, target, std::move(session), std::move(lost)));
    if (Status status = connection->Configure(access); !status.ok()) {
      return status;
    }
    return std::unique_ptr<Connection>(std::move(connection));
  } catch (const Poco::Exception& error) {
    // The text is libpq's and names host and port; connection strings are not in it.
    return Status::Unavailable("cannot connect to the database " + target.shown + ": " + error.message())
        .WithRetryAfter(kRetry);
  }
}

PostgresqlConnection::PostgresqlConnection(const PostgresqlOptions& options, ConnectionTarget target,
                                           Poco::Data::Session session, std::shared_ptr<LostSessions> lost)
    : options_(options),
      target_(std::move(target)),
      lost_(std::move(lost)),
      session_(std::move(session)),
      raw_(*Poco::Data::PostgreSQL::Utility::handle(session_)) {
  // Nothing but AnswerWait waits.
  PQsetnonblocking(raw_, 1);
}

PostgresqlConnection::~PostgresqlConnection() {
  if (!usable() && lost_ && !session_name_.empty()) {
    lost_->Add(session_name_);
  }
}

Status PostgresqlConnection::Configure(Driver::Access access) {
  PQsetNoticeProcessor(
      raw_, [](void*, const char*) {}, nullptr);
  constexpr int kOldestServer = 130000;
  if (PQserverVersion(raw_) < kOldestServer) {
    return Status::FailedPrecondition("expected PostgreSQL 13 or later, found " +
                                      std::to_string(PQserverVersion(raw_) / 10000));
  }
  const std::string statement = std::to_string(options_.statement_timeout.count());
  std::string sql =
      "SET client_encoding = 'UTF8'; SET TIME ZONE 'UTC'; SET standard_conforming_strings = on; SET extra_float_digits "
      "= 1; "
      "SET statement_timeout = " +
      statement + "; SET lock_timeout = " + std::to_string(options_.lock_timeout.count()) +
      "; SET idle_in_transaction_session_timeout = " + statement;
  if (access == Driver::Access::kRead) {
    sql += "; SET default_transaction_read_only = on";
  }
  if (Status status = Control(sql); !status.ok()) {
    return status;
  }
  return Run({"SELECT pid || '@' || extract(epoch FROM backend_start) FROM pg_stat_activity WHERE pid = "
              "pg_backend_pid()",
              {}},
             [this](std::span<const std::string_view> fields) {
               session_name_ = fields[0];
               return Status();
             })
      .status();
}

bool PostgresqlConnection::IsAtWork() const {
  // Its own limit is that of connecting: both are how long an answer over the network may take.
  const auto state = AskAside(
      target_.text, options_.connect_timeout,
      "SELECT state FROM pg_stat_activity WHERE pid || '@' || extract(epoch FROM backend_start) = $1", session_name_);
  return state.ok() && *state == "active";
}

bool PostgresqlConnection::Await() {
  AnswerWait wait(raw_, options_.silence, [this] { return IsAtWork(); });
  if (wait.ForResult()) {
    return true;
  }
  broken_ = true;
  return false;
}

PostgresqlConnection::ResultPointer PostgresqlConnection::LastResult(bool was_sent) {
  ResultPointer last;
  while (was_sent && Await()) {
    ResultPointer next(PQgetResult(raw_));
    if (!next) {
      return last;
    }
    // What follows a failure in one text is not run.
    const bool is_failed = last && PQresultStatus(last.get()) == PGRES_FATAL_ERROR;
    last = is_failed ? std::move(last) : std::move(next);
  }
  return was_sent ? nullptr : std::move(last);
}

Status PostgresqlConnection::Failure(const pg_result* result) {
  if (result == nullptr && broken_) {
    return FromServer({"",
                       "the server has not answered for " + std::to_string(options_.silence.count()) +
                           " ms (silence_ms), and does not work on the statement or cannot be asked",
                       "", ""});
  }
  const Status status = PQstatus(raw_) != CONNECTION_OK
                            ? FromServer({"", PQerrorMessage(raw_), "", ""})
                            : FromServer({Field(result, PG_DIAG_SQLSTATE), Field(result, PG_DIAG_MESSAGE_PRIMARY),
                                          Field(result, PG_DIAG_CONSTRAINT_NAME), Field(result, PG_DIAG_COLUMN_NAME)});
  const std::string_view state = Field(result, PG_DIAG_SQLSTATE);
  // 0A000 and 26000: the kept statements no longer fit what the server has; 57P: it is going down; 25006: it has become
  // a standby, and another one may be found by connecting again.
  broken_ = broken_ || PQstatus(raw_) != CONNECTION_OK || state == "0A000" || state == "26000" || state == "25006" ||
            state.starts_with("57P");
  return status;
}

Status PostgresqlConnection::Control(const std::string& sql) {
  const ResultPointer result = LastResult(PQsendQuery(raw_, sql.c_str()) != 0);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    return Failure(result.get());
  }
  // COMMIT of a failed transaction succeeds and says ROLLBACK.
  if (sql.ends_with("COMMIT") && std::string_view(PQcmdStatus(result.get())) != "COMMIT") {
    return Status(Code::kAborted, "postgresql: the transaction had failed and was rolled back");
  }
  return {};
}

Status PostgresqlConnection::Commit(const CommitMark& mark) {
  // Together with the COMMIT, so that it costs no round trip. Both values are the engine's own.
  return Control("INSERT INTO tutti_writers (writer, number, \"time\") VALUES ('" + mark.writer + "', " +
                 std::to_string(mark.number) +
                 ", now()) ON CONFLICT (writer) DO UPDATE SET number = excluded.number, \"time\" = excluded.\"time\"; "
                 "COMMIT");
}

Result<std::string> PostgresqlConnection::Prepare(const std::string& sql) {
  if (const auto found = by_sql_.find(sql); found != by_sql_.end()) {
    kept_.splice(kept_.begin(), kept_, found->second);
    return kept_.front().name;
  }
  const std::string name = "t" + std::to_string(next_name_++);
  const ResultPointer result = LastResult(PQsendPrepare(raw_, name.c_str(), sql.c_str(), 0, nullptr) != 0);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    return Failure(result.get());
  }
  kept_.push_front({sql, name});
  by_sql_.emplace(kept_.front().sql, kept_.begin());
  if (kept_.size() > options_.statement_cache) {
    const Status freed = Control("DEALLOCATE " + kept_.back().name);
    by_sql_.erase(kept_.back().sql);
    kept_.pop_back();
    if (!freed.ok()) {
      return freed;
    }
  }
  return name;
}

Result<std::int64_t> PostgresqlConnection::Execute(const std::string& sql, const std::vector<const char*>& values,
                                                   const RowVisitor& visit) {
  auto name = Prepare(sql);
  if (!name.ok()) {
    return name.status();
  }
  const int count = static_cast<int>(values.size());
  if (visit) {
    if (PQsendQueryPrepared(raw_, name->c_str(), count, values.data(), nullptr, nullptr, 0) == 0) {
      return Failure(nullptr);
    }
    return ReadRows(visit);
  }
  const ResultPointer result =
      LastResult(PQsendQueryPrepared(raw_, name->c_str(), count, values.data(), nullptr, nullptr, 0) != 0);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    return Failure(result.get());
  }
  return Affected(result.get());
}

Result<std::int64_t> PostgresqlConnection::ReadRows(const RowVisitor& visit) {
  // Row by row, so that the bound on a result also bounds what the client library holds.
  PQsetSingleRowMode(raw_);
  Status status;
  std::int64_t rows = 0;
  std::vector<std::string_view> fields;
  while (true) {
    if (!Await()) {
      return Failure(nullptr);
    }
    const ResultPointer result(PQgetResult(raw_));
    if (!result) {
      break;
    }
    const ExecStatusType kind = PQresultStatus(result.get());
    if (kind != PGRES_SINGLE_TUPLE && kind != PGRES_TUPLES_OK && kind != PGRES_COMMAND_OK) {
      status = status.ok() ? Failure(result.get()) : status;
      continue;
    }
    for (int row = 0; status.ok() && row < PQntuples(result.get()); ++row, ++rows) {
      fields.clear();
      for (int i = 0; i < PQnfields(result.get()); ++i) {
        fields.push_back(PQgetisnull(result.get(), row, i) != 0
                             ? std::string_view()
                             : std::string_view(PQgetvalue(result.get(), row, i),
                                                static_cast<std::size_t>(PQgetlength(result.get(), row, i))));
      }
      status = visit(fields);
      if (!status.ok()) {
        Cancel();
      }
    }
  }
  return status.ok() ? Result<std::int64_t>(rows) : status;
}

void PostgresqlConnection::Cancel() {
  // Over a connection of its own, as libpq would, but within a time limit. Without success all rows are read.
  (void)AskAside(
      target_.text, options_.connect_timeout,
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid || '@' || extract(epoch FROM backend_start) = $1",
      session_name_);
}

Result<std::int64_t> PostgresqlConnection::Run(const Statement& statement, const RowVisitor& visit) {
  std::vector<std::string> texts(statement.parameters.size());
  std::vector<const char*> values(statement.parameters.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Parameter& parameter = statement.parameters[i];
    const auto* text = std::get_if<std::string>(&parameter.value);
    if (text == nullptr || parameter.type == Type::kBytes) {
      texts[i] = PostgresqlDialect::ValueText(parameter.value, parameter.type);
      text = &texts[i];
    }
    values[i] = IsNull(parameter.value) ? nullptr : text->c_str();
  }
  return Execute(statement.sql, values, visit);
}

Result<std::int64_t> PostgresqlConnection::Insert(const Table& table, const RowPointers& rows, bool ignore_conflict) {
  if (rows.empty()) {
    return std::int64_t{0};
  }
  const bool one = rows.size() == 1;
  const PostgresqlDialect dialect;
  std::string columns;
  std::string places;
  std::vector<std::string> texts;
  std::vector<const char*> values;
  texts.reserve(table.columns.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    const std::string separator = i == 0 ? "" : ", ";
    columns += separator + QuoteName(column.name);
    places += separator + dialect.Placeholder(i + 1, column.type) + (one ? "" : "[]");
    texts.push_back(one ? PostgresqlDialect::ValueText((*rows[0])[i], column.type) : ArrayText(rows, i, column.type));
    values.push_back(one && IsNull((*rows[0])[i]) ? nullptr : texts.back().c_str());
  }
  const std::string sql = "INSERT INTO " + QuoteName(table.physical) + " (" + columns + ") " +
                          (one ? "VALUES (" + places + ")" : "SELECT * FROM unnest(" + places + ")") +
                          (ignore_conflict ? " ON CONFLICT DO NOTHING" : "");
  return Execute(sql, values, nullptr);
}

bool PostgresqlConnection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(raw_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

bool PostgresqlConnection::usable() const {
  return !broken_ && PQstatus(raw_) == CONNECTION_OK;
}

}  // namespace tutti::storage::postgresql
