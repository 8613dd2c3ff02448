#include "host/events/event.h"

#include <charconv>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

std::string Unquote(std::string_view json) {
  if (json.size() < 2 || json.front() != '"') {
    return {};
  }
  if (json.find('\\') == std::string_view::npos) {
    return std::string(json.substr(1, json.size() - 2));
  }
  const Result<Json> parsed = Json::Parse(json);
  return parsed.ok() ? std::string(parsed->view().AsString()) : std::string();
}

}  // namespace

Event ParseEvent(std::string_view json) {
  Event event;
  event.stream = Unquote(JsonMember(json, "stream"));
  event.time = Unquote(JsonMember(json, "time"));
  event.type = Unquote(JsonMember(json, "type"));
  event.run = Unquote(JsonMember(json, "run"));
  event.agent = Unquote(JsonMember(json, "agent"));
  event.tree = Unquote(JsonMember(json, "tree"));
  const std::string_view seq = JsonMember(json, "seq");
  std::from_chars(seq.data(), seq.data() + seq.size(), event.seq);
  event.data = JsonMember(json, "data");
  return event;
}

std::string EventJson(const Event& event) {
  JsonObject json;
  json("stream", event.stream)("seq", event.seq)("time", event.time)("type", event.type);
  json.OrNull("run", event.run).OrNull("agent", event.agent).OrNull("tree", event.tree);
  return json.Raw("data", event.data).Take();
}

}  // namespace tutti::host
