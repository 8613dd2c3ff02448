#include "host/dispatch/house.h"

#include <memory>
#include <utility>

#include "host/dispatch/plugin_call.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {
namespace {

// The request as the storage gets it.
Result<std::string> Allowed(const std::string& request, const CallContext& context) {
  const Result<Json> json = Json::Parse(request);
  if (!json.ok()) {
    return json.status();
  }
  const std::string_view verb = (*json)["do"].AsString();
  const std::string_view agent = (*json)["agent"].AsString();
  if (verb == "check") {
    return JsonObject()("do", verb).Take();
  }
  if (verb == "export") {
    return JsonObject()("do", verb)("agent", agent).Take();
  }
  if (verb == "erase") {
    return JsonObject()("do", verb)("agent", agent).Raw("note", ErasureNote(context, "server", agent)).Take();
  }
  return Status::PermissionDenied("a plugin may ask to check, export or erase, found '" +
                                  CleanUtf8(Utf8Prefix(verb, 40)) + "'; `tutti storage` does the rest");
}

}  // namespace

std::string ErasureNote(const CallContext& context, std::string_view surface, std::string_view agent) {
  JsonObject row;
  row("id", NewUuid())("time", NowIso())("command", "storage.erase")("surface", surface);
  row("principal", context.principal)("agent", agent)("trace", context.trace)("code", "OK");
  return JsonObject()("table", "host.audit").Raw("row", row.Take()).Take();
}

Task<Result<std::string>> House::Maintain(std::string request, ContextPtr context) {
  Result<std::string> allowed = Allowed(request, *context);
  if (!allowed.ok()) {
    co_return allowed.status();
  }
  const RoutingTablePtr table = routes_.Get();
  PluginInstance* const plugin = table == nullptr ? nullptr : table->storage();
  if (plugin == nullptr) {
    co_return Status::Unavailable("no storage plugin is active; enable one in the manifest (roles.storage)");
  }
  const tutti_storage* const storage = plugin->storage();
  if (!TUTTI_HAS(storage, tutti_storage, maintain) || storage->maintain == nullptr) {
    co_return Status::Unimplemented("the storage plugin " + std::string(plugin->id()) + " does not keep house");
  }
  PluginCallSpec spec;
  spec.plugin = plugin;
  spec.context = std::move(context);
  spec.operation = &operation::kMaintain;
  spec.on_worker = true;
  // Shared: a plugin that does not come back may read it after this coroutine has gone on.
  const auto text = std::make_shared<const std::string>(std::move(*allowed));
  spec.enter = [storage, text](void* self, const tutti_call_info& info) { storage->maintain(self, &info, Str(*text)); };
  PluginCall call(executor_, calls_, std::move(spec));
  Result<std::string> result = co_await call;
  co_return result;
}

}  // namespace tutti::host
