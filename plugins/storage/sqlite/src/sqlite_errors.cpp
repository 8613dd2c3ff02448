#include "sqlite_errors.h"

#include <sqlite3.h>

#include <string>

namespace tutti::storage::sqlite {
namespace {

constexpr std::chrono::milliseconds kRetry(1000);

// "UNIQUE constraint failed: agents.name" and "CHECK constraint failed: status" end with what was violated.
std::string_view Violated(std::string_view message) {
  const std::size_t colon = message.rfind(": ");
  return colon == std::string_view::npos ? std::string_view() : message.substr(colon + 2);
}

Status Constraint(int code, std::string_view message) {
  const std::string name(Violated(message));
  const std::string text(message);
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Status::AlreadyExists("a row with these values exists already: " + name).WithDetails(name);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
    case SQLITE_CONSTRAINT_TRIGGER:
      return Status::FailedPrecondition(
          "a foreign key is violated: the row referred to does not exist, or rows still "
          "refer to this one");
    case SQLITE_CONSTRAINT_NOTNULL:
      return Status::InvalidArgument("a value is missing: " + name + " must not be null").WithDetails(name);
    case SQLITE_CONSTRAINT_CHECK:
      return Status::InvalidArgument("a value is not allowed: check " + name + " failed").WithDetails(name);
    default:
      return Status::InvalidArgument(text);
  }
}

}  // namespace

Status FromSqlite(int code, std::string_view message, std::string_view doing) {
  const std::string text = "sqlite, " + std::string(doing) + ": " + std::string(message);
  switch (code & 0xFF) {
    case SQLITE_CONSTRAINT:
      return Constraint(code, message);
    case SQLITE_FULL:
      return Status::Unavailable(text + "; free space on the disk (or of the quota), then it goes on by itself")
          .WithRetryAfter(kRetry);
    case SQLITE_NOMEM:
      return Status::ResourceExhausted(text);
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
      return Status::InvalidArgument(text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
      return Status::Unavailable(text).WithRetryAfter(kRetry);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Code::kDataLoss, text + "; the file is damaged: stop the server and restore it from a backup"};
    case SQLITE_INTERRUPT:
      return Status::DeadlineExceeded(text + ": the statement took longer than statement_timeout_ms");
    default:
      // What reaches SQLite was compiled against the schema; its own refusals of a value (an overflow, a JSON fault).
      return message.find("overflow") != std::string_view::npos ||
                     message.find("malformed JSON") != std::string_view::npos
                 ? Status::InvalidArgument(text)
                 : Status::Internal(text);
  }
}

}  // namespace tutti::storage::sqlite
