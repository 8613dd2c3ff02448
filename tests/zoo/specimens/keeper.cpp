// A well-behaved plugin: one command that must always answer, and one for each way to reach the others.
#include <cstring>
#include <string_view>

#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/model.h"
#include "tutti/abi/plugin.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/template.h"
#include "tutti/sdk/call.hpp"

namespace {

using tutti::Str;
using tutti::View;

// What is held of the host, and by a reply of the call that waits for it.
struct Keeper {
  const tutti_host* host = nullptr;
  const tutti_host_calls* calls = nullptr;

  template <typename Table>
  [[nodiscard]] const Table* Service(const char* id) const {
    return static_cast<const Table*>(host->get_service(host, id));
  }
};

struct Waiting {
  const Keeper* keeper;
  tutti_call call;
};

void OnFinish(void* user, const tutti_outcome* outcome) {
  auto* waiting = static_cast<Waiting*>(user);
  (void)waiting->keeper->calls->finish(waiting->keeper->host, waiting->call, outcome);
  delete waiting;
}

void Describe(void*, const tutti_sink* out) {
  tutti::Write(out, R"([
    {"name":"keeper.ok","effects":"read"},
    {"name":"keeper.fire","effects":"read","timeout_ms":5000},
    {"name":"keeper.execute","effects":"read","timeout_ms":300},
    {"name":"keeper.complete","effects":"read","timeout_ms":300},
    {"name":"keeper.start","effects":"read","timeout_ms":300},
    {"name":"keeper.list","effects":"read","timeout_ms":5000},
    {"name":"keeper.get","effects":"read","timeout_ms":5000}])");
}

void Invoke(void* self, const tutti_call_info* info, tutti_str command, tutti_str) {
  const auto& keeper = *static_cast<const Keeper*>(self);
  const std::string_view name = View(command).substr(std::strlen("keeper."));
  if (name == "ok") {
    tutti_outcome outcome{};
    outcome.size = sizeof outcome;
    outcome.body = Str(R"({"ok":true})");
    (void)keeper.calls->finish(keeper.host, info->call, &outcome);
    return;
  }
  const tutti_reply reply{sizeof reply, new Waiting{&keeper, info->call}, nullptr, &OnFinish};
  if (name == "fire") {
    tutti_fire fire{};
    fire.size = sizeof fire;
    fire.parent = info->call;
    fire.entries = Str(R"([{"point":"PreToolUse","payload":{"tool_name":"Read","tool_input":{},"tool_use_id":"1"}}])");
    keeper.Service<tutti_host_hooks>(TUTTI_SERVICE_HOOKS)->fire(keeper.host, &fire, &reply);
  } else if (name == "execute") {
    keeper.Service<tutti_host_store>(TUTTI_SERVICE_STORE)
        ->execute(keeper.host, info->call, Str(R"({"ops":[{"op":"journal","stream":"zoo"}]})"), &reply);
  } else if (name == "complete") {
    keeper.Service<tutti_host_models>(TUTTI_SERVICE_MODELS)
        ->complete(keeper.host, info->call, Str(R"({"model":"animal","messages":[]})"), &reply, nullptr);
  } else if (name == "start") {
    keeper.Service<tutti_host_runtimes>(TUTTI_SERVICE_RUNTIMES)
        ->start(keeper.host, info->call,
                Str(R"({"run":"6f1c2f0e-5d0a-4a53-9c55-0d8a3f1d1d01","conversation":"1","agent":"1","stream":"zoo",)"
                    R"("labels":{},"model":"animal","system":"","tools":[],"max_turns":1,"prompt":"","messages":[],)"
                    R"("next_number":1})"),
                &reply, nullptr);
  } else if (name == "list") {
    keeper.Service<tutti_host_templates>(TUTTI_SERVICE_TEMPLATES)->list(keeper.host, info->call, &reply);
  } else {
    keeper.Service<tutti_host_templates>(TUTTI_SERVICE_TEMPLATES)->get(keeper.host, info->call, Str("cat"), &reply);
  }
}

tutti_code Create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink*) {
  plugin->self = new Keeper{host, static_cast<const tutti_host_calls*>(host->get_service(host, TUTTI_SERVICE_CALLS))};
  plugin->init = [](void*, tutti_str, const tutti_sink*) -> tutti_code { return TUTTI_OK; };
  plugin->activate = [](void*, const tutti_sink*) -> tutti_code { return TUTTI_OK; };
  plugin->deactivate = [](void*) {};
  plugin->destroy = [](void* self) { delete static_cast<Keeper*>(self); };
  plugin->get_extension = [](void*, const char* id) -> const void* {
    static constexpr tutti_command kCommand{sizeof kCommand, &Describe, &Invoke};
    return std::strcmp(id, TUTTI_KIND_COMMAND) == 0 ? &kCommand : nullptr;
  };
  return TUTTI_OK;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const tutti_entry tutti_plugin_entry = {
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, "org.example.keeper", "1.0.0", &Create};
