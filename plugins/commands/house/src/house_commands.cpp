#include "house_commands.h"

namespace tutti::house {
namespace {

// A large database takes its time; the request goes on without whoever asked.
constexpr std::string_view kTimeout = R"("scopes": ["admin"], "surfaces": ["rest"], "timeout_ms": 3600000, )";
constexpr std::string_view kAgent = R"("input": {"type": "object", "additionalProperties": false, "properties":
  {"id": {"type": "string", "minLength": 1, "maxLength": 200}}, "required": ["id"]}})";

std::string Define(std::string_view head, std::string_view input) {
  return std::string(head).append(kTimeout).append(input);
}

}  // namespace

const std::vector<HouseCommand>& HouseCommands() {
  static const std::vector<HouseCommand> kCommands = {
      {Define(R"({"name": "agents.export", "effects": "read",
        "summary": "Everything stored of one agent as JSON lines: its rows, and its events of the journal.",
        "rest": [{"method": "POST", "path": "/v1/agents/{id}/export", "answer": "raw"}], )",
              kAgent),
       "export"},
      {Define(R"({"name": "agents.erase", "effects": "destructive",
        "summary": "Erases everything stored of one agent; the journal keeps the numbers of its events.",
        "rest": [{"method": "DELETE", "path": "/v1/agents/{id}/data"}], )",
              kAgent),
       "erase"},
      {Define(R"({"name": "storage.check", "effects": "read",
        "summary": "Whether the database is whole: tables, rows, references, journal.",
        "rest": [{"method": "GET", "path": "/v1/storage/check"}], )",
              R"("input": {"type": "object", "additionalProperties": false, "properties": {}}})"),
       "check"},
  };
  return kCommands;
}

std::string RequestOf(std::string_view verb, JsonView args) {
  JsonObject request;
  request("do", verb);
  if (args["id"]) {
    request("agent", args["id"].AsString());
  }
  return request.Take();
}

Result<std::string> AnswerOf(std::string_view verb, std::string result) {
  if (verb != "export") {
    return result;
  }
  const Result<Json> json = Json::Parse(result);
  if (!json.ok()) {
    return json.status();
  }
  return JsonObject()("content_type", "application/x-ndjson")("body", (*json)["lines"].AsString())("cache_control",
                                                                                                   "no-store")
      .Take();
}

}  // namespace tutti::house
