// TestDatabase: what a test's server stores in, and a way into it past the server.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/database_view.h"

namespace tutti::test {

// Threads: the test's own only. Throws std::runtime_error with the database's message.
class TestDatabase {
 public:
  // SQLite in the server's data directory; with TUTTI_TEST_STORAGE=postgresql a fresh database of a PostgreSQL server
  // that lives as long as the test process.
  static std::unique_ptr<TestDatabase> Create(const std::string& data);

  virtual ~TestDatabase() = default;

  // The storage plugin in the manifest: its id, its role, and the members of its configuration.
  struct Plugin {
    const char* id;
    const char* name;
    const char* config;
  };

  [[nodiscard]] virtual Plugin plugin() const = 0;

  // What the configuration refers to.
  [[nodiscard]] virtual std::map<std::string, std::string> environment() const = 0;

  // Reads. A `?` of the statement stands for a value, compared by the type of what it is compared with; NULL is
  // "<null>".
  [[nodiscard]] virtual std::vector<DatabaseView::Row> Query(const std::string& sql,
                                                             const std::vector<std::string>& values) const = 0;

  // Changes rows behind the server's back.
  virtual void Execute(const std::string& sql) const = 0;
};

}  // namespace tutti::test
