// Turns a normalised completion request (tutti/abi/model.h) into the body of a Messages API request.
//
// The same request always gives the same bytes, and the first bytes of a longer conversation are those of the shorter
// one up to its cache marker, so that prompt caching works: one marker ends the system prompt (and with it the tools),
// one moves to the last block of the newest message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model_table.h"
#include "tutti/sdk/status.hpp"

namespace tutti::anthropic {

struct BuilderSettings {
  std::string default_model;
  std::int64_t default_max_tokens = 8192;  // for models the table does not know
  bool prompt_caching = true;
};

struct MessagesRequest {
  std::string model;  // resolved id
  std::string body;   // JSON
};

// INVALID_ARGUMENT when the request is not of the agreed shape or the API could not take it. Within a message, tool
// results come first. Empty text blocks and thinking without a signature are left out: the API refuses both. All
// other thinking is passed on unchanged.
Result<MessagesRequest> BuildRequest(std::string_view request, const ModelTable& models,
                                     const BuilderSettings& settings);

}  // namespace tutti::anthropic
