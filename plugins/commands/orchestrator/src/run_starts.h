// How work becomes a run: its row is in the batch that is acknowledged, and whoever owns runs takes it from there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "context.h"
#include "run_request.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/status.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// Stores `batch` together with the run, then has it started. Ends when both are done; a run that could not be started
// right now is taken up by who owns runs. Any failure is that of the batch: nothing was stored. `context` must outlive
// the Task.
Task<Status> Accept(const Context& context, tutti_call parent, Batch batch, RunRequest request);

// The same, and ends when the run has ended. With `request.waits`.
Task<Result<std::string>> AcceptAndWait(const Context& context, tutti_call parent, Batch batch, RunRequest request);

// How many runs of an agent wait for their turn: one row {"waiting"}.
Op CountWaiting(std::string_view agent);

// RESOURCE_EXHAUSTED when `rows`, those of CountWaiting, say that `most` wait already; `what` in the plural.
Status CheckRoom(std::string_view rows, std::size_t most, std::string_view what);

// Stops what `which` names, a JSON object as runs.interrupt takes it, and ends when that has stopped, with the number
// of runs.
Task<Result<std::size_t>> Interrupt(Host host, tutti_call parent, std::string which);

}  // namespace tutti::orchestrator
