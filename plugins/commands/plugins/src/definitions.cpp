#include "definitions.h"

namespace tutti::plugins {

namespace {

constexpr std::string_view kId = R"("id": {"type": "string", "minLength": 1, "maxLength": 200})";
constexpr std::string_view kDrain = R"("drain": {"enum": ["finish", "cancel"]},
  "drain_ms": {"type": "integer", "minimum": 0, "maximum": 3600000})";

// Longer than the longest drain.
constexpr std::string_view kTimeoutMs = "4000000";

struct Row {
  const char* verb;
  const char* summary;
  const char* usage;
  bool is_read;
  bool has_id;
  bool drains;
};

constexpr Row kRows[] = {
    {"list", "Every plugin that runs or is installed, with its state.", "/plugins", true, false, false},
    {"info", "One plugin with its state.", "/plugin ID", true, true, false},
    {"enable", "Starts a plugin, now and at the next start.", "/plugin-enable ID", false, true, true},
    {"disable", "Takes a plugin out, now and at the next start.", "/plugin-disable ID", false, true, true},
    {"reload", "Replaces a plugin by what its plugin.yaml, library and configuration say now.", "/plugin-reload ID",
     false, true, true},
    {"apply", "Reads the manifest again and applies what differs.", "/plugins-apply", false, false, true},
};

std::string Define(const Row& row) {
  std::string properties = row.has_id ? std::string(kId) : std::string();
  if (row.drains) {
    properties += (properties.empty() ? "" : ", ") + std::string(kDrain);
  }
  std::string text = R"({"name": "plugins.)" + std::string(row.verb) + R"(", "summary": )" + JsonQuote(row.summary);
  text += std::string(R"(, "effects": )") + (row.is_read ? R"("read")" : R"("write")");
  text += R"(, "scopes": ["plugins:admin"], "surfaces": ["rest", "websocket", "slash"], "timeout_ms": )";
  text += kTimeoutMs;
  text += R"(, "slash": {"usage": )" + JsonQuote(row.usage);
  text += R"(}, "input": {"type": "object", "additionalProperties": false, "properties": {)" + properties + "}";
  text += row.has_id ? R"(, "required": ["id"]}})" : "}}";
  return text;
}

}  // namespace

const std::vector<ManagedCommand>& ManagedCommands() {
  static const std::vector<ManagedCommand> kCommands = [] {
    std::vector<ManagedCommand> commands;
    for (const Row& row : kRows) {
      commands.push_back({Define(row), row.verb});
    }
    return commands;
  }();
  return kCommands;
}

std::string OperationOf(std::string_view operation, JsonView args) {
  JsonWriter writer;
  writer.BeginObject().Key("do").Value(operation);
  for (const char* key : {"id", "drain", "drain_ms"}) {
    if (args[key]) {
      writer.Key(key).Raw(args[key].Dump());
    }
  }
  return writer.EndObject().Take();
}

}  // namespace tutti::plugins
