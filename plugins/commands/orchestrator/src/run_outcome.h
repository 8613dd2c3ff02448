// What the end of a run says beside its totals.
#pragma once

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/status.hpp"

namespace tutti::orchestrator {

// Whether the conversation has the prompt of a run that ended like this, or somebody was told that it failed. A run
// that was stopped before its prompt was stored leaves nothing behind, so its prompt has to be asked again.
inline bool WasHeard(const Status& ended) {
  if (ended.code() != Code::kCancelled) {
    return true;
  }
  const Result<Json> body = Json::Parse(ended.details().empty() ? std::string_view("{}") : ended.details());
  return body.ok() && (*body)["stop_reason"].AsString() == "interrupted";
}

}  // namespace tutti::orchestrator
