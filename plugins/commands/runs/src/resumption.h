// Resumption: what is to be done with a run that was cut off, made from its rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "accepted_run.h"
#include "run_state.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::runs {

// The rows, as the storage gives them.
struct CutOffRun {
  JsonView row;           // of runs.runs
  JsonView counts;        // of CountMessages
  JsonView last_message;  // of the conversation: {"number","role","content","run"}; may be absent
  JsonView calls;         // of ListCalls
  JsonView tools;         // what the host offers now
};

struct UnknownCall {
  std::string tool_use_id, tool_name;
};

struct Resumption {
  enum class Kind {
    kBegin,  // nothing of it is stored but its row: it begins from its prompt
    kGoOn,   // the runtime goes on with `resume`
    kEnd,    // it has done all and only its end was not stored
  };

  Kind kind = Kind::kBegin;
  std::string resume;                // kGoOn: the member of the runtime's request
  std::vector<UnknownCall> unknown;  // calls that had begun and must not be made again
  RunEvent end = RunEvent::kFinish;  // kEnd: how
  std::string error;                 // kEnd: why it failed
  std::string totals;                // kEnd: the runtime's result
};

// `max_resumes`: as often it may be taken up without completing a step.
Resumption ResumptionOf(const CutOffRun& cut, std::int64_t max_resumes);

// Totals so far, in the shape of a runtime's result.
std::string TotalsOfRow(JsonView row);

// Marks the calls, with an event for each.
void AddUnknownCalls(const AcceptedRun& run, const std::vector<UnknownCall>& calls, Batch& batch);

}  // namespace tutti::runs
