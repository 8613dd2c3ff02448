// JSON compared by what it says: a database may keep the members of an object in an order of its own.
#pragma once

#include <map>
#include <string>

#include "tutti/sdk/json.hpp"

namespace tutti::test {

// The value as text with the members of each object sorted by name.
inline std::string SortedJson(JsonView value) {
  if (value.is_object()) {
    std::map<std::string, std::string> members;
    value.ForEachMember([&](std::string_view name, JsonView member) {
      members.emplace(name, JsonQuote(name) + ":" + SortedJson(member));
    });
    std::string text = "{";
    for (const auto& [name, member] : members) {
      text += (text.size() > 1 ? "," : "") + member;
    }
    return text + "}";
  }
  if (value.is_array()) {
    std::string text = "[";
    value.ForEach([&](JsonView element) { text += (text.size() > 1 ? "," : "") + SortedJson(element); });
    return text + "]";
  }
  return value.Dump();
}

}  // namespace tutti::test
