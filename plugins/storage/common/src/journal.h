// Writing events and merged inserts. Numbers are taken from the head row of the event's stream, which stays locked
// until the transaction ends; therefore number order is commit order. Used within a transaction, as its last
// statements.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "driver.h"

namespace tutti::storage {

// The events of all streams.
const Table& JournalTable();

// EVENT of tutti/abi/storage.h, the same bytes on every engine and whether it was appended or read.
std::string EventJson(const AppendPlan& event, std::int64_t number, std::string_view time);

Result<std::int64_t> InsertRows(Connection& connection, const InsertPlan& plan);

// Appends in order and returns {"event": EVENT} for each.
Result<std::vector<std::string>> AppendEvents(Connection& connection, const Dialect& dialect,
                                              const std::vector<const AppendPlan*>& events);

// Runs inserts and appends of several batches with few statements: all rows of a table together, then all events.
// Returns the result of each plan. When it fails the caller rolls back and runs the batches one by one.
Result<std::vector<std::string>> ApplyMerged(Connection& connection, const Dialect& dialect,
                                             const std::vector<const CompiledOp*>& plans);

}  // namespace tutti::storage
