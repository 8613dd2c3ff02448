// Bytes as text, and JSON text as far as it must be looked at before it is parsed. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"

namespace tutti::storage {

std::optional<std::string> DecodeBase64(std::string_view text);
std::string EncodeBase64(std::string_view bytes);

// JSON text that RapidJSON accepts whatever bytes and lone surrogate escapes its strings held; other faults stay.
std::string RepairJson(std::string_view text);

// Deepest nesting of arrays and objects, counted without parsing, so that recursion over a document is bounded.
std::size_t JsonDepth(std::string_view text);

// Replaces NUL in every string and member name below `value`.
void CleanStrings(rapidjson::Value& value, rapidjson::Document::AllocatorType& allocator);

}  // namespace tutti::storage
