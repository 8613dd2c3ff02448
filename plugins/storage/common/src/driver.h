// What an engine's library provides: connections that run compiled statements, and schema migration.
//
// A Connection belongs to one thread at a time. Its failures are canonical codes; details() holds the bare name of the
// violated constraint where the database told it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiled.h"
#include "dialect.h"
#include "schema.h"

namespace tutti::storage {

// One result row; a field that is SQL NULL has no data pointer. Views are valid for the call. A failure ends the run.
using RowVisitor = std::function<Status(std::span<const std::string_view> fields)>;

// Names one commit of one writer. The numbers of a writer grow.
struct CommitMark {
  std::string writer;  // a uuid
  std::int64_t number = 0;
};

class Connection {
 public:
  virtual ~Connection() = default;

  // Returns the number of rows changed (of rows returned, for reads).
  virtual Result<std::int64_t> Run(const Statement& statement, const RowVisitor& visit) = 0;

  // `rows` hold a value for every column of `table`. Returns how many were new.
  virtual Result<std::int64_t> Insert(const Table& table, const RowPointers& rows, bool ignore_conflict) = 0;

  // Runs fixed SQL without parameters or results, such as COMMIT.
  virtual Status Control(const std::string& sql) = 0;

  // COMMIT, leaving the mark for Driver::WasCommitted where the engine can.
  virtual Status Commit(const CommitMark&) { return Control("COMMIT"); }

  // False when the database has ended the transaction by itself.
  [[nodiscard]] virtual bool in_transaction() const = 0;

  // False when the connection is lost: throw it away.
  [[nodiscard]] virtual bool usable() const = 0;
};

class HouseDriver;

class Driver {
 public:
  enum class Access { kRead, kWrite };

  virtual ~Driver() = default;

  [[nodiscard]] virtual const Dialect& dialect() const = 0;

  // Several threads may connect at once. UNAVAILABLE when the database is away.
  virtual Result<std::unique_ptr<Connection>> Connect(Access access) = 0;

  // The statement that begins a transaction.
  [[nodiscard]] virtual std::string Begin(Access access) const = 0;

  // Whether the writer's newest commit, whose answer was lost with its connection, was made. Asked over another
  // connection, outside of a transaction. UNIMPLEMENTED: nobody knows.
  virtual Result<bool> WasCommitted(Connection&, const CommitMark&) {
    return Status::Unimplemented("this engine keeps no marks of commits");
  }

  // Looks at the store before it is used for the first time, outside of a transaction. DATA_LOSS when it is damaged.
  virtual Status Check(Connection&) { return {}; }

  // Creates the tables of the journal and of schema versions; idempotent. Within a transaction.
  virtual Status PrepareStore(Connection& connection) = 0;

  // Waits until no other host changes tables, and keeps them from it until the transaction ends. Before anything else
  // in it: who has looked at a table already may be waited for by the one that changes it.
  virtual Status LockSchema(Connection&) { return {}; }

  // Creates and extends the tables of `space`; within a transaction. Writes JSON strings' content, one per change.
  virtual Status Migrate(Connection& connection, const Namespace& space, std::vector<std::string>& created,
                         std::vector<std::string>& changed) = 0;

  // Once a migration that changed something is committed, outside of a transaction: what makes reading quick again. Its
  // failure costs time later and nothing else, so none is told.
  virtual void Refresh(Connection&) {}

  // What keeping house needs of this database; nullptr: it offers none.
  virtual HouseDriver* house() { return nullptr; }

  [[nodiscard]] virtual std::string engine_name() const = 0;
  [[nodiscard]] virtual std::string engine_version() const = 0;
};

}  // namespace tutti::storage
