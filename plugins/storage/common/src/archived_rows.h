// Rows as an archive holds them: one JSON object per row in the canonical form of tutti/abi/storage.h, read in the
// order of the primary key, and what two of them differ in.
//
// Pure functions, any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiled.h"

namespace tutti::storage {

// The heads of the journal's streams and its events, as tables of their own.
std::shared_ptr<const Table> StreamsArchived();
std::shared_ptr<const Table> JournalArchived();

// SELECT with one field, the row; `where` is SQL, empty for every row.
std::string SelectRows(const Dialect& dialect, const Table& table, const std::string& where);

// The same for events of the journal as journals tell them: their data is JSON, not text.
std::string SelectEvents(const Dialect& dialect, const std::string& where);

// A value for every column, null where the row names none. INVALID_ARGUMENT names column and
// fault.
Result<Row> ParseRow(const Table& table, std::string_view json);

// {"id":"..."}: which row it is.
std::string KeyOf(const Table& table, const Row& row);

// The first column in which the rows differ. JSON values are equal whatever the order of their members.
std::optional<std::size_t> FirstDifference(const Table& table, const Row& one, const Row& other);

// A value for a sentence, shortened.
std::string ShownValue(const Column& column, const Value& value);

}  // namespace tutti::storage
