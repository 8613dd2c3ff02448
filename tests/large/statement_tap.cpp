// Loaded before SQLite into a server: writes each statement that is prepared with its plan, and each that ran with the
// steps it took, into the file that TUTTI_STATEMENT_TAP names. One line each, tab between members.
#include <dlfcn.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

template <typename Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

void Write(std::string line) {
  static const int file = [] {
    const char* path = std::getenv("TUTTI_STATEMENT_TAP");
    return path == nullptr ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }();
  for (char& c : line) {
    c = c == '\n' ? ' ' : c;
  }
  line += '\n';
  // One call, so that lines of several threads stay whole.
  if (write(file, line.data(), line.size()) < 0) {
    std::abort();
  }
}

bool IsExplain(const char* sql) {
  return std::strncmp(sql, "EXPLAIN", 7) == 0;
}

int OnEnd(unsigned, void*, void* statement, void*) {
  auto* ended = static_cast<sqlite3_stmt*>(statement);
  const char* sql = sqlite3_sql(ended);
  if (sql != nullptr && !IsExplain(sql)) {
    Write("RAN\t" + std::to_string(sqlite3_stmt_status(ended, SQLITE_STMTSTATUS_VM_STEP, 1)) + "\t" + sql);
  }
  return 0;
}

}  // namespace

extern "C" int sqlite3_open_v2(const char* file, sqlite3** database, int flags, const char* vfs) {
  const int code = Real<decltype(&sqlite3_open_v2)>("sqlite3_open_v2")(file, database, flags, vfs);
  if (code == SQLITE_OK) {
    sqlite3_trace_v2(*database, SQLITE_TRACE_PROFILE, &OnEnd, nullptr);
  }
  return code;
}

extern "C" int sqlite3_prepare_v3(sqlite3* database, const char* sql, int size, unsigned flags,
                                  sqlite3_stmt** statement, const char** tail) {
  const auto real = Real<decltype(&sqlite3_prepare_v3)>("sqlite3_prepare_v3");
  const int code = real(database, sql, size, flags, statement, tail);
  const std::string text(sql, size < 0 ? std::strlen(sql) : static_cast<std::size_t>(size));
  sqlite3_stmt* explain = nullptr;
  const std::string question = "EXPLAIN QUERY PLAN " + text;
  if (code == SQLITE_OK && text.find("SELECT") != std::string::npos &&
      real(database, question.c_str(), -1, 0, &explain, nullptr) == SQLITE_OK) {
    std::string plan;
    while (sqlite3_step(explain) == SQLITE_ROW) {
      plan.append(reinterpret_cast<const char*>(sqlite3_column_text(explain, 3))).append("; ");
    }
    sqlite3_finalize(explain);
    Write("PLAN\t" + text + "\t" + plan);
  }
  return code;
}
