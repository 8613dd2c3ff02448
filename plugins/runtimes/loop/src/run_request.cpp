#include "run_request.h"

#include "tutti/sdk/json.hpp"

namespace tutti::loop {
namespace {

ResumePoint ReadResume(JsonView view) {
  ResumePoint resume;
  resume.num_turns = view["num_turns"].AsInt();
  resume.usage = Usage::Read(view["usage"]);
  if (view["cost_usd"].is_number()) {
    resume.cost_usd = view["cost_usd"].AsDouble();
  }
  resume.unpriced_calls = view["unpriced_calls"].AsInt();
  resume.stop_reason = view["stop_reason"].AsString();
  view["results"].ForEachMember([&](std::string_view id, JsonView call) {
    const bool is_known = call["state"].AsString() == "done";
    resume.calls.emplace(id, StoredCall{is_known, is_known ? call["result"].Dump() : std::string()});
  });
  return resume;
}

}  // namespace

Result<RunRequest> RunRequest::Parse(std::string_view text) {
  Result<Json> json = Json::Parse(text);
  if (!json.ok()) {
    return Status::InvalidArgument("the run's request is no JSON: " + std::string(json.status().message()));
  }
  const JsonView view = json->view();
  if (!view["prompt"].is_string()) {
    return Status::InvalidArgument("the run's request needs a string \"prompt\"");
  }
  if (view["max_turns"].AsInt() < 1) {
    return Status::InvalidArgument("the run's request needs an integer \"max_turns\" of at least 1, found " +
                                   view["max_turns"].Dump());
  }
  RunRequest request;
  request.model = view["model"].AsString();
  request.system = view["system"].AsString();
  request.prompt = view["prompt"].AsString();
  request.max_turns = view["max_turns"].AsInt();
  request.max_tokens = view["max_tokens"].AsInt();
  request.next_number = view["next_number"].AsInt();
  request.context_tokens = view["context_tokens"].AsInt();
  if (const JsonView compact = view["compact"]; compact.is_object()) {
    request.compact = CompactRequest{std::string(compact["trigger"].AsString("manual")),
                                     std::string(compact["instructions"].AsString())};
  }
  if (view["resume"].is_object()) {
    request.resume = ReadResume(view["resume"]);
  }
  if (view["thinking"].is_object()) {
    request.thinking = view["thinking"].Dump();
  }
  view["tools"].ForEach([&](JsonView name) { request.tools.emplace_back(name.AsString()); });
  view["messages"].ForEach([&](JsonView message) {
    request.messages.push_back(
        JsonObject()("role", message["role"].AsString()).Raw("content", message["content"].Dump()).Take());
  });
  return request;
}

}  // namespace tutti::loop
