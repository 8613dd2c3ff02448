#include "postgresql_errors.h"

#include <string>

namespace tutti::storage::postgresql {
namespace {

constexpr std::chrono::milliseconds kRetry(1000);
constexpr std::chrono::milliseconds kRetryAtOnce(20);

Status Integrity(const ServerError& error) {
  const std::string name(error.constraint);
  if (error.sqlstate == "23505" || error.sqlstate == "23P01") {
    return Status::AlreadyExists("a row with these values exists already: " + name).WithDetails(name);
  }
  if (error.sqlstate == "23503") {
    return Status::FailedPrecondition("foreign key " + name +
                                      " is violated: the row referred to does not exist, or rows "
                                      "still refer to this one")
        .WithDetails(name);
  }
  if (error.sqlstate == "23502") {
    const std::string column(error.column);
    return Status::InvalidArgument("a value is missing: " + column + " must not be null").WithDetails(column);
  }
  if (error.sqlstate == "23514") {
    return Status::InvalidArgument("a value is not allowed: check " + name + " failed").WithDetails(name);
  }
  return Status::FailedPrecondition(std::string(error.message));
}

}  // namespace

Status FromServer(const ServerError& error) {
  std::string message(error.message);
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) {
    message.pop_back();
  }
  const std::string text = "postgresql: " + message;
  const std::string_view state = error.sqlstate;
  const std::string_view kind = state.substr(0, 2);
  if (state.empty() || kind == "08" || state.starts_with("57P") || kind == "58" || state == "25P03" ||
      state == "55P03" || state == "55006") {
    return Status::Unavailable(text).WithRetryAfter(kRetry);
  }
  if (state == "25006") {
    return Status::Unavailable(text + "; the server is a standby or read-only, promote it or name the primary in url")
        .WithRetryAfter(kRetry);
  }
  if (state == "53100") {
    return Status::Unavailable(text + "; free space on the database server's disk").WithRetryAfter(kRetry);
  }
  if (state == "53300") {
    return Status::Unavailable(text + "; raise max_connections, or lower `readers` of the hosts that share it")
        .WithRetryAfter(kRetry);
  }
  if (kind == "53") {
    return Status::Unavailable(text).WithRetryAfter(kRetry);
  }
  if (kind == "23") {
    return Integrity(error);
  }
  if (kind == "22" || kind == "54") {
    return Status::InvalidArgument(text);
  }
  if (kind == "40" || state == "72000") {
    return Status(Code::kAborted, text + "; another transaction came between, try again").WithRetryAfter(kRetryAtOnce);
  }
  if (state == "57014") {
    return Status::DeadlineExceeded(text + " (statement_timeout_ms)");
  }
  if (state == "42501" || state == "42P01" || state == "42703" || kind == "28" || state == "3D000" ||
      state == "3F000" || state == "55000" || state == "2BP01") {
    return Status::FailedPrecondition(text);
  }
  if (state == "XX001" || state == "XX002") {
    return {Code::kDataLoss, text};
  }
  return Status::Internal(text + " (" + std::string(state) + ")");
}

}  // namespace tutti::storage::postgresql
