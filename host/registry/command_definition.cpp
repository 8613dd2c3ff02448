#include "host/registry/command_definition.h"

#include <algorithm>
#include <regex>

namespace tutti::host {

namespace {

Status Wrong(std::string_view command, std::string_view what) {
  return Status::InvalidArgument("command '" + std::string(command) + "': " + std::string(what));
}

Status ParseSurfaces(JsonView surfaces, CommandDefinition& out) {
  if (!surfaces) {
    return {};
  }
  if (!surfaces.is_array()) {
    return Wrong(out.name, "surfaces: expected an array of rest, websocket, slash, tool");
  }
  out.on_rest = out.on_websocket = out.on_slash = out.on_tool = false;
  Status status;
  surfaces.ForEach([&](JsonView item) {
    const std::string_view surface = item.AsString();
    if (surface == "rest") {
      out.on_rest = true;
    } else if (surface == "websocket") {
      out.on_websocket = true;
    } else if (surface == "slash") {
      out.on_slash = true;
    } else if (surface == "tool") {
      out.on_tool = true;
    } else {
      status = Wrong(out.name, "surfaces: expected rest, websocket, slash or tool, found " + item.Dump());
    }
  });
  return status;
}

Status ParseRest(JsonView bindings, CommandDefinition& out) {
  Status status;
  bindings.ForEach([&](JsonView json) {
    RestBinding binding;
    binding.method = json["method"].AsString("GET");
    binding.path = json["path"].AsString();
    binding.status = static_cast<int>(json["status"].AsInt(200));
    const std::string_view errors = json["errors"].AsString("problem");
    if (errors != "detail" && errors != "problem") {
      status = Wrong(out.name, "rest.errors: expected detail or problem, found " + json["errors"].Dump());
    }
    binding.errors = errors == "detail" ? ErrorBody::kDetail : ErrorBody::kProblem;
    if (binding.path.empty() || binding.path.front() != '/') {
      status = Wrong(out.name, "rest.path: expected a path that begins with /, found " + json["path"].Dump());
    }
    const std::string_view answer = json["answer"].AsString("json");
    if (answer != "json" && answer != "raw" && answer != "events") {
      status = Wrong(out.name, "rest.answer: expected json, raw or events, found " + json["answer"].Dump());
    }
    binding.is_raw = answer == "raw";
    binding.is_events = answer == "events";
    if (binding.is_events && binding.method != "GET") {
      status = Wrong(out.name, "rest.answer: expected the method GET beside \"events\", found " + binding.method);
    }
    binding.is_public = json["public"].AsBool();
    if (binding.is_public && (binding.method != "GET" || out.effects != Effects::kRead || !out.scopes.empty())) {
      status = Wrong(out.name,
                     "rest.public: only a GET of a command whose effects are \"read\" and that asks for no scopes may "
                     "do without a token");
    }
    out.rest.push_back(std::move(binding));
  });
  return status;
}

Status ParseEffects(JsonView effects, CommandDefinition& out) {
  const std::string_view text = effects.AsString("write");
  if (text == "read") {
    out.effects = Effects::kRead;
  } else if (text == "write") {
    out.effects = Effects::kWrite;
  } else if (text == "destructive") {
    out.effects = Effects::kDestructive;
  } else {
    return Wrong(out.name, "effects: expected read, write or destructive, found " + effects.Dump());
  }
  return {};
}

}  // namespace

const char* ToString(Effects effects) {
  switch (effects) {
    case Effects::kRead:
      return "read";
    case Effects::kWrite:
      return "write";
    case Effects::kDestructive:
      return "destructive";
  }
  return "write";
}

Result<CommandDefinition> ParseCommandDefinition(JsonView json) {
  CommandDefinition out;
  out.name = json["name"].AsString();
  static const std::regex name_form("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+");
  if (!std::regex_match(out.name, name_form)) {
    return Wrong(out.name, "name: expected area.verb in lower case, found " + json["name"].Dump());
  }
  out.summary = json["summary"].AsString();
  if (json["input"]) {
    out.input = json["input"].Dump();
  }
  if (json["output"]) {
    out.output = json["output"].Dump();
  }
  out.idempotent = json["idempotent"].AsBool();
  out.nonblocking = json["nonblocking"].AsBool();
  out.confirm = json["confirm"].AsBool();
  out.timeout_ms = json["timeout_ms"].AsInt();
  json["scopes"].ForEach([&](JsonView scope) { out.scopes.emplace_back(scope.AsString()); });
  out.slash_usage = json["slash"]["usage"].AsString();
  out.tool_name = out.name;
  std::replace(out.tool_name.begin(), out.tool_name.end(), '.', '_');
  out.tool_name = json["tool"]["name"].AsString(out.tool_name);
  out.tool_display = json["tool"]["display"].AsString();
  out.websocket_path = json["websocket"]["path"].AsString();
  for (Status status :
       {ParseEffects(json["effects"], out), ParseSurfaces(json["surfaces"], out), ParseRest(json["rest"], out)}) {
    if (!status.ok()) {
      return status;
    }
  }
  if (out.rest.empty() && out.on_rest) {
    RestBinding own;
    own.method = "POST";
    own.path = "/v1/commands/" + out.name;
    out.rest.push_back(std::move(own));
  }
  return out;
}

}  // namespace tutti::host
