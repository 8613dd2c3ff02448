// The storage operations behind questions. Opening and closing one announces it in the same batch, as question_asked
// and question_closed on the stream of whoever asked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::questions {

struct Asked {
  std::string id, stream, run, agent_id, agent_name;
  std::string questions;  // JSON array
  std::string created_at, expires_at;
};

struct Closing {
  std::string_view status;       // answered, expired, cancelled
  std::string_view answers;      // JSON object, or empty
  std::string_view answered_by;  // or empty
  std::string_view reason;       // or empty
};

std::string OpenBatch(const Asked& asked);

// Closes the row `question` (its members as Select gives them) if it is open. FAILED_PRECONDITION: it is not any more.
std::string CloseBatch(JsonView question, const Closing& closing);

// One row, or none.
std::string GetBatch(std::string_view id);

// The newest first.
std::string ListBatch(JsonView args);

// The oldest open ones.
std::string OpenOnesBatch(std::size_t limit);

// Closes them all at once.
std::string CloseAllBatch(JsonView questions, const Closing& closing);

}  // namespace tutti::questions
