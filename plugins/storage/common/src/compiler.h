// Compiles one operation, as untrusted JSON, for one plugin's rights. Pure: same input, same output, except that
// defaults (`now`, random ids) are taken while compiling. Any thread.
#pragma once

#include <memory>
#include <string>

#include "compiled.h"
#include "sql_builder.h"

namespace tutti::storage {

class Compiler {
 public:
  // Both must outlive the compiler. `plugin` is whose rights are checked.
  Compiler(const Catalog& catalog, const Dialect& dialect, std::string plugin)
      : catalog_(catalog), dialect_(dialect), plugin_(std::move(plugin)) {}

  // Failures: INVALID_ARGUMENT, PERMISSION_DENIED.
  [[nodiscard]] Result<CompiledOp> Compile(JsonView op) const;

 private:
  struct Assignments {
    std::string sql;
    std::vector<std::string> columns;
  };

  [[nodiscard]] Result<CompiledOp> CompileNamed(JsonView op, const std::string& name) const;
  [[nodiscard]] Status ReadExpectation(JsonView op, CompiledOp& compiled) const;
  [[nodiscard]] Result<CompiledOp> Insert(JsonView op) const;
  [[nodiscard]] Result<CompiledOp> Upsert(JsonView op) const;
  [[nodiscard]] Result<CompiledOp> Update(JsonView op) const;
  [[nodiscard]] Result<CompiledOp> Delete(JsonView op) const;
  [[nodiscard]] Result<CompiledOp> Get(JsonView op) const;
  [[nodiscard]] Result<CompiledOp> Claim(JsonView op) const;
  [[nodiscard]] Result<CompiledOp> Append(JsonView op) const;
  [[nodiscard]] Result<CompiledOp> Journal(JsonView op) const;
  [[nodiscard]] Result<CompiledOp> Heads(JsonView op) const;
  [[nodiscard]] Result<CompiledOp> Trim(JsonView op) const;

  [[nodiscard]] Result<Row> ReadRow(const Table& table, JsonView row) const;
  // Adds `set`, `add`, `merge`, a version step and the touched columns.
  [[nodiscard]] Status Assign(JsonView op, SqlBuilder& builder, bool version_step, Assignments& assignments) const;
  [[nodiscard]] Status AssignOne(SqlBuilder& builder, const std::string& how, std::string_view column, JsonView value,
                                 Assignments& assignments) const;
  [[nodiscard]] Result<std::string> WhereOf(JsonView op, const CompiledOp& compiled, SqlBuilder& builder) const;
  [[nodiscard]] Result<std::string> ReturnObject(JsonView columns, SqlBuilder& builder) const;
  [[nodiscard]] Result<std::string> LeaseWhere(JsonView op, SqlBuilder& builder, const std::string& now) const;
  [[nodiscard]] Result<CompiledOp> UpdateByIdentity(JsonView op, CompiledOp compiled) const;
  [[nodiscard]] Result<CompiledOp> UpdateWithOld(JsonView op, CompiledOp compiled) const;

  const Catalog& catalog_;
  const Dialect& dialect_;
  const std::string plugin_;
};

// One name per line of a table's key, as "alias"."column", separated by commas.
std::vector<std::string> KeyColumns(const Table& table, const std::string& alias);

// Refuses members of `op` other than those listed and those every operation may have.
Status CheckMembers(JsonView op, const std::vector<std::string>& members);

}  // namespace tutti::storage
