#include "placeholders.h"

#include <re2/re2.h>

#include <functional>

#include "script.h"
#include "tutti/sdk/json.hpp"

namespace tutti::rehearsal {
namespace {

// Calls on_text for literal stretches and on_name for placeholders, in order.
void Walk(std::string_view text, const std::function<void(std::string_view)>& on_text,
          const std::function<void(std::string_view)>& on_name) {
  std::size_t position = 0;
  while (position < text.size()) {
    const std::size_t dollar = text.find("${", position);
    if (dollar == std::string_view::npos) {
      break;
    }
    if (dollar > position && text[dollar - 1] == '$') {
      on_text(text.substr(position, dollar - position));
      on_text("{");
      position = dollar + 2;
      continue;
    }
    const std::size_t end = text.find('}', dollar);
    if (end == std::string_view::npos) {
      break;
    }
    on_text(text.substr(position, dollar - position));
    on_name(text.substr(dollar + 2, end - dollar - 2));
    position = end + 1;
  }
  on_text(text.substr(position));
}

void FillInValue(rapidjson::Value& value, const Captures& captures, rapidjson::Document::AllocatorType& allocator) {
  if (value.IsString()) {
    const std::string text = FillIn({value.GetString(), value.GetStringLength()}, captures);
    value.SetString(text, allocator);
  } else if (value.IsArray()) {
    for (auto& item : value.GetArray()) {
      FillInValue(item, captures, allocator);
    }
  } else if (value.IsObject()) {
    for (auto& member : value.GetObject()) {
      FillInValue(member.value, captures, allocator);
    }
  }
}

}  // namespace

std::set<std::string> PlaceholdersIn(std::string_view text) {
  std::set<std::string> names;
  Walk(
      text, [](std::string_view) {}, [&](std::string_view name) { names.emplace(name); });
  return names;
}

std::set<std::string> KnownPlaceholders(const Condition& when) {
  std::set<std::string> names{"prompt", "result", "tool", "turn"};
  if (when.tool) {
    for (const auto& [name, group] : when.tool->NamedCapturingGroups()) {
      names.insert(name);
    }
  }
  bool numbered = false;
  for (const auto& pattern : {when.prompt, when.result, when.system}) {
    if (!pattern) {
      continue;
    }
    for (const auto& [name, group] : pattern->NamedCapturingGroups()) {
      names.insert(name);
    }
    for (int i = 0; !numbered && i <= pattern->NumberOfCapturingGroups(); ++i) {
      names.insert(std::to_string(i));
    }
    numbered = true;
  }
  return names;
}

std::string FillIn(std::string_view text, const Captures& captures) {
  std::string out;
  Walk(
      text, [&](std::string_view literal) { out += literal; },
      [&](std::string_view name) {
        const auto found = captures.find(std::string(name));
        if (found != captures.end()) {
          out += found->second;
        } else {
          out.append("${").append(name).append("}");
        }
      });
  return out;
}

std::string FillInJson(const std::string& json, const Captures& captures) {
  rapidjson::Document document;
  document.Parse(json);
  FillInValue(document, captures, document.GetAllocator());
  return JsonWriter().Value(static_cast<const rapidjson::Value&>(document)).Take();
}

}  // namespace tutti::rehearsal
