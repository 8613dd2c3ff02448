// One batch: parsed and, as far as it does not depend on its own results, compiled on the caller's thread; run on a
// connection later, once or again after the transaction around it was lost.
//
// Not thread-safe; moves between threads as a whole. Failures carry details {"part","op","table","constraint"}.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiled.h"
#include "driver.h"

namespace tutti::storage {

struct BatchLimits {
  std::size_t operations = 10000;
  std::size_t batch_bytes = 16U << 20U;
  std::size_t result_bytes = 64U << 20U;
  std::int64_t journal_scan = 20000;  // events a filtered page of the journal looks at
};

class Batch {
 public:
  // `caller` is whose rights count in a part that does not say `by`. `dialect` must outlive the batch.
  static Result<std::unique_ptr<Batch>> Parse(const std::string& caller, std::string_view text,
                                              std::shared_ptr<const Catalog> catalog, const Dialect& dialect,
                                              const BatchLimits& limits);

  // What names the batch over its tries; empty when nothing does.
  [[nodiscard]] const std::string& id() const { return id_; }

  // Whether no operation writes.
  [[nodiscard]] bool read_only() const { return read_only_; }

  // Whether it is one statement, which sees one state of the database without a transaction.
  [[nodiscard]] bool one_statement() const;

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // The plans of a batch that only inserts and appends, and needs no result of its own; nothing else can be merged with
  // others. Empty when it is not such a batch.
  [[nodiscard]] std::vector<const CompiledOp*> MergeablePlans() const;

  // {"results": ...} with the results of a mergeable batch, one per plan.
  [[nodiscard]] std::string MergedResult(const std::vector<std::string>& results) const;

  // Runs every operation, appends last, and returns {"results": ...}. The caller begins and ends the transaction.
  Result<std::string> Run(Connection& connection);

 private:
  struct Operation {
    std::size_t part = 0;
    std::size_t index = 0;
    rapidjson::Value* json = nullptr;
    std::string plugin;
    std::string label;
    std::vector<std::pair<std::string, std::string>> refs;  // pointer into this op, "label.path"
    std::optional<CompiledOp> compiled;
    std::string result;
    std::optional<Json> parsed_result;
  };

  Batch(std::shared_ptr<const Catalog> catalog, const Dialect& dialect, BatchLimits limits)
      : catalog_(std::move(catalog)), dialect_(dialect), limits_(limits) {}

  Status ReadParts(const std::string& caller);
  Status ReadOperation(Operation operation);
  Status ReadRefs(Operation& operation);
  Status ResolveRefs(Operation& operation);
  Result<const rapidjson::Value*> Referred(Operation& operation, const std::string& reference);
  Operation* FindLabel(const Operation& operation, std::string_view label);
  Status Located(const Operation& operation, const Status& status) const;

  Status RunOne(Connection& connection, Operation& operation);
  Status RunRows(Connection& connection, const CompiledOp& op, std::string& result);
  Status RunWrite(Connection& connection, const CompiledOp& op, std::string& result);
  Status RunJournal(Connection& connection, const CompiledOp& op, std::string& result);
  Result<std::int64_t> ReturnedRows(Connection& connection, const CompiledOp& op, std::vector<std::string>& rows);
  Status Charge(std::size_t bytes);
  template <typename ResultOf>
  [[nodiscard]] std::string Assembled(ResultOf result_of) const;

  const std::shared_ptr<const Catalog> catalog_;
  const Dialect& dialect_;
  const BatchLimits limits_;
  Json document_;
  std::string id_;
  std::deque<Operation> operations_;
  std::size_t parts_ = 0;
  std::size_t bytes_ = 0;
  std::size_t result_bytes_ = 0;
  bool read_only_ = true;
};

}  // namespace tutti::storage
