// A command in C++ without the SDK: passes a greeting on to the command in C, through tutti.host.commands/1, and fires
// a point through tutti.host.hooks/1 before it answers.
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/status.h"

namespace {

tutti_str Str(const std::string& text) {
  return {text.data(), text.size()};
}

std::string Text(tutti_str text) {
  return text.size == 0 ? std::string() : std::string(text.data, text.size);
}

void Say(const tutti_sink* sink, const std::string& text) {
  sink->write(sink->user, Str(text));
}

template <typename Table>
const Table* Find(const tutti_host* host, const char* id) {
  const auto* table = static_cast<const Table*>(host->get_service(host, id));
  return table != nullptr && table->size >= sizeof(Table) ? table : nullptr;
}

struct Relay {
  const tutti_host* host;
  const tutti_host_calls* calls;
  const tutti_host_commands* commands;
  const tutti_host_hooks* hooks;
};

// One greeting on its way.
struct Passage {
  const Relay* relay;
  tutti_call call;
  std::string answer;
};

void Finish(const Passage& passage, tutti_code code, const std::string& body, const std::string& message) {
  tutti_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.code = code;
  outcome.body = Str(body);
  outcome.message = Str(message);
  passage.relay->calls->finish(passage.relay->host, passage.call, &outcome);
}

void OnFired(void* user, const tutti_outcome* outcome) {
  const std::unique_ptr<Passage> passage(static_cast<Passage*>(user));
  Finish(*passage, outcome->code, outcome->code == TUTTI_OK ? "{\"relayed\":" + passage->answer + "}" : "",
         Text(outcome->message));
}

void OnGreeted(void* user, const tutti_outcome* outcome) {
  std::unique_ptr<Passage> passage(static_cast<Passage*>(user));
  if (outcome->code != TUTTI_OK) {
    Finish(*passage, outcome->code, "", tutti_status_find(outcome->code)->name + (": " + Text(outcome->message)));
    return;
  }
  passage->answer = outcome->body.size == 0 ? "null" : Text(outcome->body);
  const Relay& relay = *passage->relay;
  const std::string entries = R"([{"point":"SubagentStop","payload":{"subagent_id":"frozen"}}])";
  const tutti_fire fire{sizeof fire, passage->call, Str(entries)};
  const tutti_reply reply{sizeof reply, passage.release(), nullptr, &OnFired};
  relay.hooks->fire(relay.host, &fire, &reply);
}

void Describe(void*, const tutti_sink* definitions) {
  Say(definitions,
      R"([{"name":"frozen.relay","summary":"Passes a greeting on.","effects":"read","input":{"type":"object",)"
      R"("required":["name"],"properties":{"name":{"type":"string"}}},)"
      R"("rest":[{"method":"GET","path":"/v1/frozen-relay/{name}"}]}])");
}

void Invoke(void* self, const tutti_call_info* info, tutti_str, tutti_str args) {
  const auto* relay = static_cast<const Relay*>(self);
  auto* passage = new (std::nothrow) Passage{relay, info->call, {}};
  if (passage == nullptr) {
    return;
  }
  const std::string name = "frozen.greet";
  const tutti_command_request request{sizeof request, info->call, Str(name), args, TUTTI_SURFACE_INTERNAL, {}, {}};
  const tutti_reply reply{sizeof reply, passage, nullptr, &OnGreeted};
  tutti_call started = 0;
  relay->commands->invoke(relay->host, &request, &reply, &started);
}

tutti_code Init(void*, tutti_str config, const tutti_sink* error) {
  if (Text(config) != "{}") {
    Say(error, "expected an empty JSON object as configuration, found something else");
    return TUTTI_INVALID_ARGUMENT;
  }
  return TUTTI_OK;
}

const void* GetExtension(void*, const char* id) {
  static const tutti_command table{sizeof table, &Describe, &Invoke};
  return std::strcmp(id, TUTTI_KIND_COMMAND) == 0 ? &table : nullptr;
}

tutti_code Create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error) {
  if (!TUTTI_HAS(plugin, tutti_plugin, get_extension) || !TUTTI_HAS(host, tutti_host, get_service)) {
    Say(error, "expected a host of revision 1, found smaller structs");
    return TUTTI_FAILED_PRECONDITION;
  }
  const Relay found{host, Find<tutti_host_calls>(host, TUTTI_SERVICE_CALLS),
                    Find<tutti_host_commands>(host, TUTTI_SERVICE_COMMANDS),
                    Find<tutti_host_hooks>(host, TUTTI_SERVICE_HOOKS)};
  if (found.calls == nullptr || found.commands == nullptr || found.hooks == nullptr) {
    Say(error, "expected the services " TUTTI_SERVICE_CALLS ", " TUTTI_SERVICE_COMMANDS " and " TUTTI_SERVICE_HOOKS);
    return TUTTI_FAILED_PRECONDITION;
  }
  auto* self = new (std::nothrow) Relay(found);
  if (self == nullptr) {
    return TUTTI_RESOURCE_EXHAUSTED;
  }
  *plugin = {sizeof(tutti_plugin),
             self,
             &Init,
             [](void*, const tutti_sink*) -> tutti_code { return TUTTI_OK; },
             [](void*) {},
             [](void* me) { delete static_cast<Relay*>(me); },
             &GetExtension};
  return TUTTI_OK;
}

}  // namespace

extern "C" {
__attribute__((visibility("default"))) extern const tutti_entry tutti_plugin_entry;
const tutti_entry tutti_plugin_entry = {
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), 1, 0, "org.example.frozen.relay", "1.0.0", &Create};
}
