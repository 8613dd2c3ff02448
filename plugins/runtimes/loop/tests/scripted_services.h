// Services that answer from a script, on the stack of whoever asks unless `defer_tools` is set.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services.h"
#include "tutti/sdk/json.hpp"

namespace tutti::loop {

inline Pending Answered(Result<std::string> result) {
  return Pending([result = std::move(result)](const tutti_reply* reply, tutti_call*) {
    const tutti_reply kept = *reply;
    WithOutcome(result, [&](const tutti_outcome& outcome) { kept.on_finish(kept.user, &outcome); });
  });
}

class ScriptedServices : public Services {
 public:
  Pending Complete(std::string request) override {
    requests.push_back(std::move(request));
    if (answers.empty()) {
      return Answered(Status::Unavailable("the script has no further answer"));
    }
    Result<std::string> answer = std::move(answers.front());
    answers.pop_front();
    if (on_complete) {
      on_complete();
    }
    return Answered(std::move(answer));
  }

  Pending Fire(std::string text) override {
    fires.push_back(text);
    const Result<Json> entries = Json::Parse(text);
    JsonWriter payloads;
    payloads.BeginArray();
    entries->view().ForEach([&](JsonView entry) {
      points.emplace_back(entry["point"].AsString());
      if (entry["point"].AsString() == "Message") {
        messages.push_back(entry["payload"].Dump());
      }
      payloads.Raw(entry["payload"].Dump());
    });
    if (const auto failure = fire_failures.find(fires.size()); failure != fire_failures.end()) {
      return Answered(failure->second);
    }
    if (patched_prompt && points.back() == "UserPromptSubmit") {
      return Answered(R"({"payloads":[{"prompt":")" + *patched_prompt + R"("}]})");
    }
    return Answered(R"({"payloads":)" + payloads.EndArray().Take() + "}");
  }

  Pending InvokeTool(std::string name, std::string input, std::string id, std::string allowed) override {
    calls.push_back(name + " " + input);
    last_allowed = std::move(allowed);
    if (on_tool) {
      on_tool(name);
    }
    ++running;
    most_running = std::max(most_running, running);
    Result<std::string> result = tool_results.contains(id) ? tool_results.at(id) : Result<std::string>(kDone);
    if (!defer_tools) {
      --running;
      return Answered(std::move(result));
    }
    return Pending([this, result = std::move(result)](const tutti_reply* reply, tutti_call*) {
      deferred.push_back([this, result, kept = *reply] {
        --running;
        WithOutcome(result, [&](const tutti_outcome& outcome) { kept.on_finish(kept.user, &outcome); });
      });
    });
  }

  void Emit(std::string_view event) override { emitted.emplace_back(event); }

  void Warn(std::string_view message, const Status& error) override {
    warnings.push_back(std::string(message) + ": " + error.ToString());
  }

  bool cancelled() override { return is_cancelled; }

  // Ends what was deferred, newest first, until nothing is left.
  void FinishDeferred() {
    while (!deferred.empty()) {
      auto next = std::move(deferred.back());
      deferred.pop_back();
      next();
    }
  }

  static constexpr const char* kDone = R"({"content":[{"type":"text","text":"done"}],"is_error":false})";

  std::deque<Result<std::string>> answers;
  std::map<std::string, Result<std::string>> tool_results;  // by tool_use id
  std::map<std::size_t, Status> fire_failures;              // by number of the fire, from 1
  std::optional<std::string> patched_prompt;
  std::function<void()> on_complete;
  std::function<void(const std::string&)> on_tool;
  bool defer_tools = false;
  bool is_cancelled = false;

  std::vector<std::string> requests, fires, points, messages, calls, emitted, warnings;
  std::string last_allowed;
  std::vector<std::function<void()>> deferred;
  int running = 0;
  int most_running = 0;
};

}  // namespace tutti::loop
