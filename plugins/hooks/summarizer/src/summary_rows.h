// The storage operations behind summaries and behind what they cost.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "job.h"
#include "model_talk.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::summarizer {

// The sentence into its row, unless that has one, and with `is_newest` the announcement; with commas between. `label`
// must be unique in the batch. A row that is not there fails the batch with FAILED_PRECONDITION when it is announced.
std::string SummaryOperations(const Summary& summary, bool is_newest, const std::string& label);

// One model call added to the row of its session and model.
std::string SpendingOperations(std::string_view stream, std::string_view model, const ModelReply* reply,
                               std::size_t events);

// Commands to the agent, and lines of the user, that have no summary yet: {"id","prompt_text"} and {"id","message"}.
Op UnsummedPrompts(std::string_view agent, std::string_view since);
Op UnsummedUserLines(std::string_view orchestrator, std::string_view since);

// {"id","agent_id","task_slug","payload"}
Op LogRow(std::string_view id);

Op ListSpending(JsonView args);

}  // namespace tutti::summarizer
