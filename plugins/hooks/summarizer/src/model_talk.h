// The one model call that sums up several events: its request, and what its answer says.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "job.h"
#include "tutti/sdk/json.hpp"

namespace tutti::summarizer {

// A completion without tools, as tutti/abi/model.h describes it.
std::string ModelRequest(std::string_view model, std::span<const Job> jobs);

struct ModelReply {
  // `body` is the result of a completion that was asked about `count` events.
  static ModelReply Read(std::string_view body, std::size_t count, std::size_t sentence_characters);

  std::vector<std::optional<std::string>> sentences;  // `count` of them, by event
  std::string model;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::optional<std::string> cost_usd;  // a JSON number as the model plugin wrote it; absent: its price is unknown
};

// Whether a model plugin's list (tutti/abi/model.h) has the model: by id, by alias, or as a dated id of a listed one.
bool IsListed(JsonView models, std::string_view model);

}  // namespace tutti::summarizer
