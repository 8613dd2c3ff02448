// One operation of a batch, checked against schema and rights, ready to run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dialect.h"
#include "schema.h"

namespace tutti::storage {

enum class OpKind { kInsert, kWrite, kUpdate, kClaim, kRows, kAppend, kJournal, kHeads, kTrim };

using Row = std::vector<Value>;
using RowPointers = std::vector<const Row*>;

// Rows with a value for every column of the table, in its order, so that one statement serves all inserts.
struct InsertPlan {
  std::shared_ptr<const Table> table;
  std::vector<Row> rows;
  bool ignore_conflict = false;
};

struct AppendPlan {
  std::string stream;
  std::string type;
  std::string run;
  std::string agent;
  std::string tree;
  std::string data;  // JSON
};

struct JournalPlan {
  std::string stream;
  std::int64_t since = 0;
  std::int64_t limit = 0;
  // What an event must have; empty lets everything through.
  std::string run;
  std::string agent;
  std::string tree;  // an agent's id
  std::vector<std::string> types;
};

struct HeadsPlan {
  std::vector<std::string> streams;  // empty: all, in order, `limit` of those behind `after`
  std::string after;
  std::int64_t limit = 0;
};

struct TrimPlan {
  enum class Until { kBefore, kOlderThan, kKeep };

  std::string stream;
  Until until = Until::kBefore;
  std::int64_t number = 0;  // kBefore, kKeep
  std::string time;         // kOlderThan
  std::int64_t limit = 0;   // numbers passed over in one operation
};

struct Expectation {
  std::optional<std::int64_t> affected;
  std::optional<std::int64_t> version;
  Code code = Code::kFailedPrecondition;
  std::string message;
};

struct CompiledOp {
  OpKind kind = OpKind::kWrite;
  std::string name;   // "insert", as the caller wrote it
  std::string table;  // as the caller wrote it
  // kRows: one field, the row. kUpdate with returns_rows and kClaim: identity and row when `before` is set, else old
  // and new row (kUpdate) or the row (kClaim).
  Statement main;
  // Run first: identity (and, for kUpdate, the former row) of the rows that `main` will change, in result order.
  std::optional<Statement> before;
  bool returns_rows = false;
  bool reversed = false;
  bool with_total = false;  // kRows: the first row is the count of `total`
  InsertPlan insert;
  AppendPlan append;
  JournalPlan journal;
  HeadsPlan heads;
  TrimPlan trim;
  Expectation expect;
};

}  // namespace tutti::storage
