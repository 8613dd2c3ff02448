// What can be typed as a slash command, read from the current routing table.
#include "host/gateway/json_depth.h"
#include "host/services/admit.h"
#include "host/services/tables.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

void ListSlash(const tutti_host* host, const tutti_sink* out) {
  const Caller caller = Admit(host);
  const RoutingTablePtr table = caller ? caller.core->routes.Get() : nullptr;
  JsonWriter writer;
  writer.BeginArray();
  if (table != nullptr) {
    for (const auto& route : table->commands()) {
      const CommandDefinition& definition = route->definition;
      if (!definition.on_slash) {
        continue;
      }
      const std::string& usage = definition.slash_usage;
      const std::string name = usage.empty() ? "/" + definition.name : usage.substr(0, usage.find(' '));
      writer.Raw(JsonObject()("name", name)("usage", usage.empty() ? name : usage)("summary", definition.summary)(
                     "command", definition.name)("effects", ToString(definition.effects))
                     .Take());
    }
  }
  Write(out, writer.EndArray().view());
}

tutti_code ParseSlash(const tutti_host* host, tutti_str text, const tutti_sink* out) {
  const Caller caller = Admit(host);
  if (!caller) {
    Write(out, NotActive().message());
    return TUTTI_FAILED_PRECONDITION;
  }
  RoutingTablePtr table = caller.core->routes.Get();
  if (table == nullptr) {
    Write(out, "the host is starting or stopping");
    return TUTTI_UNAVAILABLE;
  }
  // Borrows the table's routes, so the index is kept until the answer is written.
  const TableIndexPtr index = caller.core->gateway.index().Of(std::move(table));
  const Result<SlashCall> slash = index->slash().Parse(View(text));
  if (!slash.ok()) {
    Write(out, slash.status().message());
    return static_cast<tutti_code>(slash.status().code());
  }
  const std::string args = slash->args.empty() ? "{}" : slash->args;
  if (const Status status = CheckJsonDepth(args); !status.ok()) {
    Write(out, status.message());
    return static_cast<tutti_code>(status.code());
  }
  Write(out, JsonObject()("command", slash->route->definition.name)("args", args).Take());
  return TUTTI_OK;
}

}  // namespace

const tutti_host_slash* SlashTable() {
  static constexpr tutti_host_slash kTable{sizeof kTable, &ListSlash, &ParseSlash};
  return &kTable;
}

}  // namespace tutti::host
