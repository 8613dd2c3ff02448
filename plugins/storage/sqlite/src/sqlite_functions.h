// SQL functions this engine adds to a connection, so that rows leave the database in canonical form.
#pragma once

#include <sqlite3.h>

namespace tutti::storage::sqlite {

// Returns an SQLite result code.
int AddSqlFunctions(sqlite3* database);

}  // namespace tutti::storage::sqlite
