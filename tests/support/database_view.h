// DatabaseView: looks into a server's SQLite file while it runs, for what no endpoint shows.
#pragma once

#include <map>
#include <string>
#include <vector>

struct sqlite3;

namespace tutti::test {

// Reads only. Throws std::runtime_error with SQLite's message.
class DatabaseView {
 public:
  explicit DatabaseView(const std::string& file);
  ~DatabaseView();
  DatabaseView(const DatabaseView&) = delete;
  DatabaseView& operator=(const DatabaseView&) = delete;

  using Row = std::map<std::string, std::string>;  // NULL is "<null>"

  [[nodiscard]] std::vector<Row> Query(const std::string& sql, const std::vector<std::string>& values = {}) const;

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace tutti::test
