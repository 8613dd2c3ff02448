// The host's parts that services reach, wired once.
//
// Ownership: members are declared in the order in which they depend on one another. Everything here outlives every
// plugin.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "host/calls/call_table.h"
#include "host/containment/plugin_conduct.h"
#include "host/containment/watchdog.h"
#include "host/dispatch/agents.h"
#include "host/dispatch/dispatcher.h"
#include "host/dispatch/hook_pipeline.h"
#include "host/dispatch/house.h"
#include "host/dispatch/idempotent_calls.h"
#include "host/dispatch/routes.h"
#include "host/dispatch/store.h"
#include "host/dispatch/templates.h"
#include "host/events/event_bus.h"
#include "host/executor/executor.h"
#include "host/gateway/gateway.h"
#include "host/journal/journal_feed.h"
#include "host/journal/journal_keeper.h"
#include "host/metrics/metrics.h"
#include "host/registry/plugin_faults.h"
#include "host/services/admin_port.h"
#include "host/services/secrets.h"
#include "host/services/transports.h"
#include "tutti/abi/log.h"

namespace tutti::host {

struct CoreSettings {
  Executor::Settings executor;
  CallTable::Settings calls;
  PluginConduct::Settings conduct;
  std::chrono::milliseconds callback_limit{30000};  // for a plugin's function that belongs to no call; 0: none
  StorageGuard::Settings storage;
  HookPipeline::Settings hooks;
  Dispatcher::Settings dispatcher;
  Templates::Settings templates;
  GatewaySettings gateway;
  IdempotentCalls::Settings idempotency;
  std::size_t event_queue = 65536;
  JournalFeed::Settings journal_feed;
  JournalKeeper::Settings journal_keeper;
};

// Where log lines go. Threads: any.
class LogSink {
 public:
  virtual ~LogSink() = default;
  // TUTTI_LOG_*; `fields` a flat JSON object or empty; `plugin` empty for the host itself.
  virtual void Write(std::int32_t level, std::string_view plugin, std::string_view message,
                     std::string_view fields) = 0;
  [[nodiscard]] virtual bool Enabled(std::int32_t level) const = 0;
};

class ProcessPlugins;

struct Core {
  Core(const CoreSettings& settings, LogSink& log_sink, Gateway::Sources sources);

  LogSink& log;
  PluginFaults faults;
  Metrics metrics;
  PluginConduct conduct;
  Secrets secrets;
  Executor executor;
  CallTable calls;
  Watchdog watchdog;
  Routes routes;
  EventBus events;
  Store store;
  JournalFeed journal_feed;
  JournalKeeper journal_keeper;
  House house;
  HookPipeline hooks;
  Dispatcher dispatcher;
  Agents agents;
  Templates templates;
  IdempotentCalls idempotent;
  Gateway gateway;
  Transports transports;
  std::string host_id;                     // set before the first plugin; one per data directory
  std::atomic<bool> is_serving{false};     // all plugins have been started
  std::atomic<AdminPort*> admin{nullptr};  // nullptr: starting or stopping
  ProcessPlugins* processes = nullptr;  // set before the first plugin; nullptr: no plugin runs in a process of its own
};

// The service tables for plugins; `context` of the tutti_host is a PluginInstance whose core() is a Core. nullptr for
// what this host does not have, and for what the plugin was not granted.
const void* FindService(const tutti_host* host, const char* id);

}  // namespace tutti::host
