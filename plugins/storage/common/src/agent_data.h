// Everything one agent left behind, by what tables declare under `agent`: written out, or erased.
//
// One thread. Both are one transaction.
#pragma once

#include <string>
#include <string_view>

#include "house_session.h"

namespace tutti::storage {

struct AgentExport {
  std::string file;            // exists; empty: into `text`
  std::size_t most_bytes = 0;  // of `text`
};

// {"agent","rows","events","tables":{name: n}} and, without a file, "lines": the text. JSON lines: a head,
// {"table","row"} for every row, {"event": EVENT} for every event of the journal. NOT_FOUND when there is nothing.
Result<std::string> ExportAgent(Driver& driver, const std::string& agent, const AgentExport& to,
                                const HouseAsker& asker);

struct AgentErasure {
  std::string note_table;  // a row that says who did it and when, added in the same transaction; empty: none
  std::string note_row;    // JSON
  bool compact = false;    // take the time to write the database anew
};

// Rows go, those that refer to others first; the journal's events keep their number, type and time and lose their data.
// {"agent","rows","events","tables":{name: n},"left": sentence or ""}. FAILED_PRECONDITION while the agent is at work.
Result<std::string> EraseAgent(Driver& driver, const std::string& agent, const AgentErasure& erasure,
                               const HouseAsker& asker);

}  // namespace tutti::storage
