#include "tests/support/database_view.h"

#include <sqlite3.h>

#include <memory>
#include <stdexcept>

namespace tutti::test {

DatabaseView::DatabaseView(const std::string& file) {
  const int code = sqlite3_open_v2(file.c_str(), &database_, SQLITE_OPEN_READONLY, nullptr);
  if (code != SQLITE_OK) {
    const std::string reason = sqlite3_errmsg(database_);
    sqlite3_close(database_);
    throw std::runtime_error(file + ": " + reason);
  }
  sqlite3_busy_timeout(database_, 10000);
}

DatabaseView::~DatabaseView() {
  sqlite3_close(database_);
}

std::vector<DatabaseView::Row> DatabaseView::Query(const std::string& sql,
                                                   const std::vector<std::string>& values) const {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(database_));
  }
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, &sqlite3_finalize);
  for (std::size_t i = 0; i < values.size(); ++i) {
    sqlite3_bind_text(prepared, static_cast<int>(i + 1), values[i].c_str(), -1, SQLITE_TRANSIENT);
  }
  std::vector<Row> rows;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(prepared)) == SQLITE_ROW) {
    Row row;
    for (int column = 0; column < sqlite3_column_count(prepared); ++column) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(prepared, column));
      row[sqlite3_column_name(prepared, column)] = text == nullptr ? "<null>" : text;
    }
    rows.push_back(std::move(row));
  }
  if (code != SQLITE_DONE) {
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(database_));
  }
  return rows;
}

}  // namespace tutti::test
