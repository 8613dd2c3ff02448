#include "aside.h"

#include <libpq-fe.h>

#include <memory>

#include "answer_wait.h"

namespace tutti::storage::postgresql {

Result<std::string> AskAside(const std::string& connection_text, std::chrono::milliseconds limit,
                             const std::string& sql, const std::string& parameter) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(connection_text.c_str()), &PQfinish);
  PGconn* const raw = connection.get();
  const char* const values[] = {parameter.c_str()};
  if (PQstatus(raw) != CONNECTION_OK || PQsetnonblocking(raw, 1) != 0 ||
      PQsendQueryParams(raw, sql.c_str(), 1, nullptr, values, nullptr, nullptr, 0) == 0) {
    return Status::Unavailable(PQerrorMessage(raw));
  }
  std::string text;
  bool is_first = true;
  AnswerWait wait(raw, limit, [] { return false; });
  while (true) {
    if (!wait.ForResult()) {
      return Status::Unavailable("no answer in time");
    }
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQgetResult(raw), &PQclear);
    if (!result) {
      return text;
    }
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      return Status::Unavailable(PQresultErrorMessage(result.get()));
    }
    if (is_first && PQntuples(result.get()) > 0) {
      text = PQgetvalue(result.get(), 0, 0);
    }
    is_first = false;
  }
}

}  // namespace tutti::storage::postgresql
