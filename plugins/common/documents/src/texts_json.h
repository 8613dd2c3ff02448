#pragma once

#include <string>
#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::documents {

// A JSON array of strings.
inline std::string TextsJson(const std::vector<std::string>& texts) {
  JsonWriter writer;
  writer.BeginArray();
  for (const std::string& text : texts) {
    writer.Value(text);
  }
  return writer.EndArray().Take();
}

}  // namespace tutti::documents
