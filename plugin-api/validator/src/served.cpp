#include "served.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "tutti/sdk/text.hpp"

namespace tutti::validator {
namespace {

using testing::FakeHost;
using testing::FakeReply;
using testing::FakeRequest;
using testing::LoadedPlugin;

constexpr std::string_view kUsage =
    R"({"input_tokens":1,"output_tokens":1,"cache_read_input_tokens":0,"cache_creation_input_tokens":0})";

// Payload fields as in tutti/abi/hook.h.
const std::map<std::string, std::string>& Payloads() {
  static const std::map<std::string, std::string> payloads{
      {"UserPromptSubmit", R"({"prompt":"hello"})"},
      {"Message", R"({"role":"user","content":[{"type":"text","text":"hello"}],"number":0})"},
      {"TextBlock", R"({"text":"hello","id":"b1"})"},
      {"ThinkingBlock", R"({"thinking":"hello","id":"b1"})"},
      {"ToolUseBlock", R"({"tool_name":"Read","tool_input":{"file_path":"a"},"tool_use_id":"t1","id":"b1"})"},
      {"PreToolUse", R"({"tool_name":"Read","tool_input":{"file_path":"a"},"tool_use_id":"t1"})"},
      {"PostToolUse",
       R"({"tool_name":"Read","tool_input":{"file_path":"a"},"tool_use_id":"t1","tool_response":"x","is_error":false,)"
       R"("duration_ms":1})"},
      {"Stop", R"({"reason":"end_turn","num_turns":1,"duration_ms":1,"usage":{},"cost_usd":null})"},
      {"RunState",
       R"({"run":"r1","conversation":"c1","agent":"a1","stream":"s1","tree":"/a1/","labels":{},"from":"running","to":"done",)"
       R"("is_resumed":false,"reason":"end_turn","error":null,"totals":{}})"},
      {"SubagentStop", R"({"subagent_id":"s1"})"},
      {"PreCompact", R"({"trigger":"auto","tokens_before":1})"},
      {"command.before", R"({"command":"agents.list","args":{},"surface":"rest"})"},
      {"command.after", R"({"command":"agents.list","args":{},"surface":"rest","code":"OK","duration_ms":1})"},
      {"model.before", R"({"call":"c","model":"m","input_tokens_estimate":1,"max_tokens":null,"prices":null})"},
      {"model.after",
       R"({"call":"c","model":"m","requested_model":"m","usage":{},"cost_usd":null,"stop_reason":"end_turn"})"},
      {"model.failed", R"({"call":"c","requested_model":"m","code":"UNAVAILABLE","message":"overloaded"})"},
  };
  return payloads;
}

void Add(std::vector<ServedCall>& calls, std::string name, std::string body,
         std::function<testing::RunningCall(LoadedPlugin&, std::string)> begin_with,
         std::chrono::milliseconds timeout = {}) {
  calls.push_back({std::move(name), [body, begin_with](LoadedPlugin& to) { return begin_with(to, body); }, timeout,
                   body, begin_with});
}

void AddCommands(const LoadedPlugin& plugin, std::vector<ServedCall>& calls) {
  const Result<Json> definitions = Json::Parse(plugin.Commands());
  if (!definitions.ok()) {
    return;
  }
  definitions->view().ForEach([&](JsonView definition) {
    if (definition["effects"].AsString() == "destructive") {
      return;
    }
    const std::string name(definition["name"].AsString());
    Add(
        calls, "command " + name, SmallestValue(definition["input"]),
        [name](LoadedPlugin& to, std::string body) { return to.BeginInvoke(name, std::move(body)); },
        std::chrono::milliseconds(definition["timeout_ms"].AsInt()));
  });
}

void AddPoints(const PluginFolder& folder, const LoadedPlugin& plugin, std::vector<ServedCall>& calls) {
  const auto* table = plugin.Extension<tutti_hook>(TUTTI_KIND_HOOK);
  if (table == nullptr || table->on_point == nullptr) {
    return;
  }
  for (const DeclaredPoint& point : folder.points) {
    for (const auto& [mode, number] : {std::pair("gate", TUTTI_HOOK_GATE), std::pair("record", TUTTI_HOOK_RECORD)}) {
      if (point.modes.count(mode) > 0) {
        Add(calls, "hook " + point.name + " (" + mode + ")", SmallestPayload(point.name),
            [name = point.name, number = static_cast<std::uint32_t>(number)](LoadedPlugin& to, std::string body) {
              return to.BeginPoint(name, std::move(body), number);
            });
      }
    }
  }
}

void AddStorage(std::vector<ServedCall>& calls) {
  Add(calls, "storage ensure_schema",
      R"({"namespace":"validate","version":1,"owner":"tutti.validate","grants":{},"tables":{"notes":)"
      R"({"columns":{"id":{"type":"int64","primary":true},"body":{"type":"text"}}}}})",
      [](LoadedPlugin& to, std::string body) { return to.BeginEnsureSchema(std::move(body)); });
  Add(calls, "storage execute",
      // Ends as it began: what a storage keeps because it was told to is no leak.
      R"({"parts":[{"by":"tutti.validate","ops":[)"
      R"({"op":"upsert","table":"validate.notes","key":["id"],"row":{"id":1,"body":"a"}},)"
      R"({"op":"delete","table":"validate.notes","where":{"id":1}}]}]})",
      [](LoadedPlugin& to, std::string body) { return to.BeginExecute(std::move(body)); });
}

std::string StoreAnswer(const std::string& batch) {
  const Result<Json> parsed = Json::Parse(batch);
  JsonWriter writer;
  writer.BeginObject().Key("results").BeginArray();
  if (parsed.ok()) {
    (*parsed)["ops"].ForEach([&](JsonView op) {
      writer.Raw(op["op"].AsString() == "append"
                     ? R"({"event":{"stream":"s","seq":1,"time":"2026-01-01T00:00:00.000000+00:00","type":"t",)"
                       R"("run":"","agent":"","data":{}}})"
                     : R"({"affected":1,"count":0,"rows":[],"first":1,"last":0,"events":[]})");
    });
  }
  return writer.EndArray().EndObject().Take();
}

std::string ModelAnswer() {
  return JsonObject()("model", "validate")("stop_reason", "end_turn")
      .Raw("content", R"([{"type":"text","text":"hello"}])")
      .Raw("usage", kUsage)
      .Raw("cost_usd", "null")("request_id", "r1")
      .Take();
}

std::string RunAnswer() {
  return JsonObject()("stop_reason", "end_turn")("num_turns", 1)("duration_ms", 1)
      .Raw("usage", kUsage)
      .Raw("cost_usd", "null")("text", "hello")
      .Take();
}

}  // namespace

std::string SmallestValue(JsonView schema) {
  if (schema["const"]) {
    return schema["const"].Dump();
  }
  if (schema["default"]) {
    return schema["default"].Dump();
  }
  if (schema["enum"].size() > 0) {
    return schema["enum"][0].Dump();
  }
  const JsonView type = schema["type"].is_array() ? schema["type"][0] : schema["type"];
  const std::string_view name = type.AsString();
  if (name == "object" || schema["properties"].is_object()) {
    JsonObject object;
    schema["required"].ForEach(
        [&](JsonView key) { object.Raw(key.AsString(), SmallestValue(schema["properties"][key.AsString()])); });
    return object.Take();
  }
  if (name == "array") {
    std::string items;
    for (std::int64_t i = 0; i < std::min<std::int64_t>(schema["minItems"].AsInt(), 16); ++i) {
      items += (i == 0 ? "" : ",") + SmallestValue(schema["items"]);
    }
    return "[" + items + "]";
  }
  if (name == "integer" || name == "number") {
    return std::to_string(schema["minimum"].AsInt());
  }
  if (name == "boolean") {
    return "false";
  }
  if (name == "null") {
    return "null";
  }
  if (schema["format"].AsString() == "uuid") {
    return JsonQuote(NewUuid());
  }
  const auto length = std::clamp<std::int64_t>(schema["minLength"].AsInt(), 1, 1024);
  return JsonQuote(std::string(static_cast<std::size_t>(length), 'x'));
}

std::string SmallestPayload(const std::string& point) {
  const auto known = Payloads().find(point);
  return known == Payloads().end() ? "{}" : known->second;
}

std::vector<ServedCall> ServedCalls(const PluginFolder& folder, const LoadedPlugin& plugin) {
  std::vector<ServedCall> calls;
  AddCommands(plugin, calls);
  AddPoints(folder, plugin, calls);
  if (plugin.Extension<tutti_storage>(TUTTI_KIND_STORAGE) != nullptr) {
    AddStorage(calls);
  }
  if (plugin.Extension<tutti_model>(TUTTI_KIND_MODEL) != nullptr) {
    Add(calls, "model complete",
        R"({"model":"","system":"","messages":[{"role":"user","content":[{"type":"text","text":"hello"}]}],)"
        R"("tools":[],"max_tokens":16})",
        [](LoadedPlugin& to, std::string body) { return to.BeginComplete(std::move(body)); });
  }
  if (plugin.Extension<tutti_runtime>(TUTTI_KIND_RUNTIME) != nullptr) {
    Add(calls, "runtime start",
        R"({"run":"r1","conversation":"c1","agent":"a1","stream":"s1","labels":{},"model":"","system":"","tools":[],)"
        R"("max_turns":2,"prompt":"hello","messages":[],"next_number":0})",
        [](LoadedPlugin& to, std::string body) { return to.BeginRun(std::move(body)); });
  }
  if (plugin.Extension<tutti_template>(TUTTI_KIND_TEMPLATE) != nullptr) {
    calls.push_back({"template list", [](LoadedPlugin& to) { return to.BeginListTemplates(); }});
    calls.push_back({"template get", [](LoadedPlugin& to) { return to.BeginGetTemplate("validate"); }});
  }
  return calls;
}

void ProgramServices(FakeHost& host, Services services) {
  host.SetModels(R"({"default":"validate","models":[{"id":"validate","aliases":[],"context_tokens":1000,)"
                 R"("max_output_tokens":100,"prices":null}],"plugin":"tutti.validate"})");
  host.OnStore([](const FakeRequest& request) { return Result<std::string>(StoreAnswer(request.body)); });
  host.OnTemplates([](const FakeRequest& request) -> Result<std::string> {
    if (request.name == "list") {
      return std::string(R"({"templates":[],"failed":[]})");
    }
    return Status::NotFound("no template is named '" + request.body + "'; there are none");
  });
  host.OnCommands([](const FakeRequest&) { return Result<std::string>("{}"); });
  if (services == Services::kHold) {
    host.Respond("models", [](const FakeRequest&, const FakeReply&) {});
    host.Respond("runtimes", [](const FakeRequest&, const FakeReply&) {});
    return;
  }
  host.Respond("models", [](const FakeRequest&, const FakeReply& reply) {
    reply.Emit(R"({"type":"text_delta","index":0,"text":"hello"})");
    reply.Finish(ModelAnswer());
  });
  host.Respond("runtimes", [](const FakeRequest&, const FakeReply& reply) {
    reply.Emit(R"({"type":"text_delta","index":0,"text":"hello"})");
    reply.Finish(RunAnswer());
  });
}

}  // namespace tutti::validator
