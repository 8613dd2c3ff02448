#include <cctype>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "host/dispatch/plugin_call.h"
#include "host/registry/plugin_instance.h"
#include "host/services/core.h"
#include "host/services/tables.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

// Calls that had to be finished for their plugin go to the watchdog, besides whoever else wants to know.
CallTable::Settings Watched(CallTable::Settings settings, Watchdog& watchdog) {
  settings.on_overdue = [&watchdog, also = std::move(settings.on_overdue)](const CallNode& node) {
    watchdog.OnOverdue(node, NowMillis());
    if (also) {
      also(node);
    }
  };
  return settings;
}

}  // namespace

Core::Core(const CoreSettings& settings, LogSink& log_sink, Gateway::Sources sources)
    : log(log_sink),
      conduct(faults, settings.conduct,
              [this](std::string_view plugin, std::string_view kind) {
                metrics.Add(plugin, "plugin_misuse_total", JsonObject()("kind", kind).Take(), 1);
              }),
      executor(settings.executor),
      calls(executor, Watched(settings.calls, watchdog)),
      watchdog(executor, calls, faults, conduct, {settings.callback_limit, settings.calls.cancel_grace},
               [this](std::int32_t level, std::string_view message, std::string fields) {
                 log.Write(level, "", message, fields);
               }),
      events(executor, settings.event_queue),
      store(executor, calls, routes, events),
      hooks(
          executor, calls, routes, store, settings.hooks,
          [this](std::string_view message, std::string fields) { log.Write(TUTTI_LOG_WARNING, "", message, fields); }),
      dispatcher(executor, calls, routes, hooks, store, settings.dispatcher),
      agents(executor, calls, routes, hooks),
      templates(executor, calls, routes, settings.templates),
      gateway({dispatcher, routes, events, calls, store, executor}, settings.gateway, std::move(sources)) {}

Result<std::string> Secrets::Find(std::string_view reference) const {
  constexpr std::string_view kScheme = "secret://";
  if (!reference.starts_with(kScheme)) {
    return Status::InvalidArgument("expected secret://NAME");
  }
  const std::string name(reference.substr(kScheme.size()));
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-' && c != '.') {
      return Status::InvalidArgument("a secret's name has letters, digits, '_', '-' and '.' only");
    }
  }
  if (const char* value = std::getenv(name.c_str()); value != nullptr && *value != '\0') {
    return std::string(value);
  }
  const char* directory = std::getenv("TUTTI_SECRETS");
  if (directory != nullptr && !name.empty() && name.front() != '.') {
    std::ifstream in(std::filesystem::path(directory) / name);
    std::stringstream text;
    if (in && (text << in.rdbuf())) {
      std::string value = text.str();
      while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) {
        value.pop_back();
      }
      return value;
    }
  }
  return Status::NotFound("no secret " + name + ": set the environment variable " + name +
                          ", or put a file of that name into the directory TUTTI_SECRETS names");
}

const void* FindService(const tutti_host* host, const char* id) {
  struct Row {
    const char* id;
    const void* table;
    const char* permission = nullptr;  // none: everybody has it
  };

  static const Row kRows[] = {
      {TUTTI_SERVICE_LOG, LogTable()},
      {TUTTI_SERVICE_CALLS, CallsTable()},
      {TUTTI_SERVICE_EXECUTOR, ExecutorTable()},
      {TUTTI_SERVICE_CONFIG, ConfigTable()},
      {TUTTI_SERVICE_METRICS, MetricsTable()},
      {TUTTI_SERVICE_COMMANDS, CommandsTable(), "commands"},
      {TUTTI_SERVICE_SLASH, SlashTable(), "commands"},
      {TUTTI_SERVICE_EVENTS, EventsTable(), "events"},
      {TUTTI_SERVICE_STORE, StoreTable(), "store"},
      {TUTTI_SERVICE_MODELS, ModelsTable(), "models"},
      {TUTTI_SERVICE_RUNTIMES, RuntimesTable(), "runtimes"},
      {TUTTI_SERVICE_HOOKS, HooksTable(), "hooks"},
      {TUTTI_SERVICE_GATEWAY, GatewayTable(), "gateway"},
      {TUTTI_SERVICE_TEMPLATES, TemplatesTable(), "templates"},
  };
  if (std::strcmp(id, TUTTI_SERVICE_ADMIN) == 0) {
    return PluginInstance::Of(host)->spec().grants.services.contains("admin") ? AdminTable() : nullptr;
  }
  for (const Row& row : kRows) {
    if (std::strcmp(row.id, id) == 0) {
      const bool is_granted =
          row.permission == nullptr || PluginInstance::Of(host)->spec().grants.services.contains(row.permission);
      return is_granted ? row.table : nullptr;
    }
  }
  return nullptr;
}

}  // namespace tutti::host
