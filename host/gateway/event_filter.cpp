#include "host/gateway/event_filter.h"

#include <algorithm>

namespace tutti::host {

namespace {

// false: no text.
bool Read(JsonView value, std::string& text) {
  if (!value || value.is_null()) {
    return true;
  }
  text = value.AsString();
  return value.is_string();
}

}  // namespace

Result<EventFilter> EventFilter::Parse(JsonView json) {
  EventFilter filter;
  for (const auto& [name, text] : {std::pair{"agent", &filter.agent}, {"run", &filter.run}, {"tree", &filter.tree}}) {
    if (!Read(json[name], *text)) {
      return Status::Internal(std::string("filter.") + name + ": expected text, found " + json[name].Dump());
    }
  }
  const JsonView types = json["types"];
  if (types && !types.is_null() && !types.is_array()) {
    return Status::Internal("filter.types: expected an array of text, found " + types.Dump());
  }
  types.ForEach([&](JsonView type) { filter.types.emplace_back(type.AsString()); });
  std::sort(filter.types.begin(), filter.types.end());
  return filter;
}

bool EventFilter::Lets(const Event& event) const {
  if ((!agent.empty() && event.agent != agent) || (!run.empty() && event.run != run)) {
    return false;
  }
  if (!types.empty() && !std::binary_search(types.begin(), types.end(), event.type)) {
    return false;
  }
  // An event of the agent itself belongs to its tree also when whoever wrote it knew of no tree.
  return tree.empty() || event.tree.find("/" + tree + "/") != std::string::npos ||
         (event.tree.empty() && event.agent == tree);
}

void EventFilter::AddTo(JsonObject& operation) const {
  for (const auto& [name, text] : {std::pair{"agent", &agent}, {"run", &run}, {"tree", &tree}}) {
    if (!text->empty()) {
      operation(name, *text);
    }
  }
  if (!types.empty()) {
    JsonWriter list;
    list.BeginArray();
    for (const std::string& type : types) {
      list.Value(type);
    }
    operation.Raw("types", list.EndArray().view());
  }
}

}  // namespace tutti::host
