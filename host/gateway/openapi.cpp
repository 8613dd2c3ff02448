#include "host/gateway/openapi.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <vector>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

struct Operation {
  const CommandDefinition* command = nullptr;
  const RestBinding* binding = nullptr;
};

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::vector<std::string> CapturesOf(const std::string& path) {
  std::vector<std::string> names;
  for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{', open + 1)) {
    const std::size_t close = path.find('}', open);
    if (close == std::string::npos) {
      break;
    }
    names.push_back(path.substr(open + 1, close - open - 1));
  }
  return names;
}

bool HasBody(const RestBinding& binding) {
  return binding.method == "POST" || binding.method == "PUT" || binding.method == "PATCH";
}

bool IsRequired(JsonView schema, std::string_view name) {
  bool is_required = false;
  schema["required"].ForEach([&](JsonView item) { is_required = is_required || item.AsString() == name; });
  return is_required;
}

void WriteParameter(JsonWriter& writer, std::string_view place, std::string_view name, bool is_required,
                    JsonView schema) {
  writer.BeginObject().Key("name").Value(name).Key("in").Value(place).Key("required").Value(is_required);
  writer.Key("schema").Raw(schema ? schema.Dump() : "{}").EndObject();
}

void WriteParameters(JsonWriter& writer, const Operation& operation, JsonView input) {
  const std::vector<std::string> captures = CapturesOf(operation.binding->path);
  if (captures.empty() && HasBody(*operation.binding)) {
    return;
  }
  writer.Key("parameters").BeginArray();
  for (const std::string& name : captures) {
    WriteParameter(writer, "path", name, true, input["properties"][name]);
  }
  if (!HasBody(*operation.binding)) {
    input["properties"].ForEachMember([&](std::string_view name, JsonView schema) {
      if (std::find(captures.begin(), captures.end(), name) == captures.end()) {
        WriteParameter(writer, "query", name, IsRequired(input, name), schema);
      }
    });
  }
  writer.EndArray();
}

void WriteContent(JsonWriter& writer, std::string_view media_type, std::string_view schema) {
  writer.Key("content").BeginObject().Key(media_type).BeginObject().Key("schema").Raw(schema).EndObject().EndObject();
}

void WriteErrorResponses(JsonWriter& writer, ErrorBody form) {
  const bool is_detail = form == ErrorBody::kDetail;
  const char* schema =
      is_detail ? R"({"$ref":"#/components/schemas/Detail"})" : R"({"$ref":"#/components/schemas/Problem"})";
  writer.Key("default").BeginObject().Key("description").Value("The command failed.");
  WriteContent(writer, is_detail ? "application/json" : "application/problem+json", schema);
  writer.EndObject();
}

void WriteOperation(JsonWriter& writer, const Operation& operation) {
  const CommandDefinition& command = *operation.command;
  const RestBinding& binding = *operation.binding;
  const Result<Json> input = Json::Parse(command.input);
  const JsonView schema = input.ok() ? input->view() : JsonView();
  writer.Key(LowerCase(binding.method)).BeginObject();
  // A command may have several routes, an operation id stands once.
  const bool is_first = &binding == &command.rest.front();
  const auto place = &binding - &command.rest.front();
  writer.Key("operationId").Value(is_first ? command.name : command.name + "_" + std::to_string(place + 1));
  writer.Key("summary").Value(command.summary);
  writer.Key("x-tutti-effects").Value(ToString(command.effects));
  WriteParameters(writer, operation, schema);
  if (HasBody(binding)) {
    writer.Key("requestBody").BeginObject().Key("required").Value(schema["required"].size() > 0);
    WriteContent(writer, "application/json", command.input);
    writer.EndObject();
  }
  writer.Key("responses").BeginObject().Key(std::to_string(binding.status)).BeginObject();
  writer.Key("description").Value("The command's result.");
  if (binding.is_events) {
    writer.Key("content").Raw(R"({"text/event-stream":{}})");
  } else if (binding.is_raw) {
    writer.Key("content").Raw(R"({"*/*":{}})");
  } else if (binding.status != 204) {
    WriteContent(writer, "application/json", command.output.empty() ? std::string_view("{}") : command.output);
  }
  writer.EndObject();
  WriteErrorResponses(writer, binding.errors);
  writer.EndObject();
  if (binding.is_public) {
    writer.Key("security").Raw("[]");
  }
  writer.EndObject();
}

// The gateway's own routes, where no command has taken them.
constexpr std::pair<std::string_view, std::string_view> kOwnPaths[] = {
    {"/health", R"({"get":{"operationId":"health","summary":"Whether the process lives.","security":[],)"
                R"("responses":{"200":{"description":"It does."}}}})"},
    {"/health/ready",
     R"({"get":{"operationId":"health_ready","summary":"Whether every dependency is ready.","security":[],)"
     R"("responses":{"200":{"description":"All are."},"503":{"description":"One is not."}}}})"},
    {"/metrics", R"({"get":{"operationId":"metrics","summary":"Metrics as Prometheus text.",)"
                 R"("responses":{"200":{"description":"Metrics.","content":{"text/plain":{}}}}}})"},
    {"/v1/commands", R"({"get":{"operationId":"commands","summary":"The definitions of all commands.",)"
                     R"("responses":{"200":{"description":"An array.","content":{"application/json":{}}}}}})"},
    {"/v1/slash", R"({"post":{"operationId":"slash","summary":"Runs a slash command as it was typed.",)"
                  R"("requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object",)"
                  R"("properties":{"text":{"type":"string"}},"required":["text"]}}}},)"
                  R"("responses":{"200":{"description":"The command's result.","content":{"application/json":{}}}}}})"},
};

constexpr std::string_view kErrorSchemas =
    R"({"Detail":{"type":"object","properties":{"detail":{}},"required":["detail"]},)"
    R"("Problem":{"type":"object","properties":{"type":{"type":"string"},"title":{"type":"string"},)"
    R"("status":{"type":"integer"},"detail":{"type":"string"},"code":{"type":"string"},)"
    R"("errors":{"type":"array","items":{"type":"object"}}},"required":["type","title","status","detail"]}})";

}  // namespace

std::string OpenApiDocument(const RoutingTable& table, const ApiDescription& description) {
  std::map<std::string, std::map<std::string, Operation>> paths;
  for (const auto& route : table.commands()) {
    for (const RestBinding& binding : route->definition.rest) {
      // The first to bind a path has it, here as in the table.
      paths[binding.path].emplace(binding.method, Operation{&route->definition, &binding});
    }
  }
  JsonWriter writer;
  writer.BeginObject().Key("openapi").Value("3.1.0").Key("info").BeginObject();
  writer.Key("title").Value(description.title).Key("version").Value(description.version).EndObject();
  writer.Key("paths").BeginObject();
  for (const auto& [path, operations] : paths) {
    writer.Key(path).BeginObject();
    for (const auto& [method, operation] : operations) {
      WriteOperation(writer, operation);
    }
    writer.EndObject();
  }
  for (const auto& [path, item] : kOwnPaths) {
    if (!paths.contains(std::string(path))) {
      writer.Key(path).Raw(item);
    }
  }
  writer.EndObject().Key("components").BeginObject().Key("schemas").Raw(kErrorSchemas);
  if (description.needs_token) {
    writer.Key("securitySchemes").Raw(R"({"token":{"type":"http","scheme":"bearer"}})");
  }
  writer.EndObject();
  if (description.needs_token) {
    writer.Key("security").Raw(R"([{"token":[]}])");
  }
  return writer.EndObject().Take();
}

std::string CommandList(const RoutingTable& table) {
  JsonWriter writer;
  writer.BeginArray();
  for (const auto& route : table.commands()) {
    const CommandDefinition& command = route->definition;
    writer.BeginObject().Key("name").Value(command.name).Key("summary").Value(command.summary);
    writer.Key("plugin").Value(route->plugin->id()).Key("input").Raw(command.input);
    if (!command.output.empty()) {
      writer.Key("output").Raw(command.output);
    }
    writer.Key("effects").Value(ToString(command.effects)).Key("idempotent").Value(command.idempotent);
    writer.Key("confirm").Value(command.confirm).Key("scopes").BeginArray();
    for (const std::string& scope : command.scopes) {
      writer.Value(scope);
    }
    writer.EndArray().Key("surfaces").BeginArray();
    for (const auto& [name, is_on] : {std::pair("rest", command.on_rest), std::pair("websocket", command.on_websocket),
                                      std::pair("slash", command.on_slash), std::pair("tool", command.on_tool)}) {
      if (is_on) {
        writer.Value(name);
      }
    }
    writer.EndArray();
    if (command.on_slash) {
      writer.Key("slash").Value(command.slash_usage.empty() ? "/" + command.name + " {json}" : command.slash_usage);
    }
    writer.Key("rest").BeginArray();
    for (const RestBinding& binding : command.rest) {
      writer.BeginObject().Key("method").Value(binding.method).Key("path").Value(binding.path).EndObject();
    }
    writer.EndArray().EndObject();
  }
  return writer.EndArray().Take();
}

}  // namespace tutti::host
