// Services that answer at once: log, executor, config, metrics, events.
#include <rapidjson/pointer.h>

#include <algorithm>
#include <chrono>

#include "host/services/admit.h"
#include "host/services/tables.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

void WriteLog(const tutti_host* host, std::int32_t level, tutti_str message, tutti_str fields) {
  if (const Caller caller = AdmitAny(host)) {
    caller.core->log.Write(level, caller.plugin->id(), View(message), View(fields));
  }
}

std::int32_t LogEnabled(const tutti_host* host, std::int32_t level) {
  const Caller caller = AdmitAny(host);
  return caller && caller.core->log.Enabled(level) ? 1 : 0;
}

// A plugin's function as work for the executor.
Executor::Work WorkOf(const Caller& caller, const PluginOperation& operation, void (*fn)(void*), void* user) {
  return [tag = &caller.plugin->tag(), conduct = &caller.core->conduct, work = caller.plugin->BeginWork(), &operation,
          fn, user] {
    if (!tag->is_retired.load()) {
      (void)EnterPlugin(*tag, operation, 0, {}, conduct, [&] { fn(user); });
    }
  };
}

tutti_code Post(const tutti_host* host, void (*fn)(void*), void* user) {
  const Caller caller = Admit(host);
  if (!caller) {
    return TUTTI_FAILED_PRECONDITION;
  }
  return caller.core->executor.Submit(WorkOf(caller, operation::kPosted, fn, user)) ? TUTTI_OK
                                                                                    : TUTTI_RESOURCE_EXHAUSTED;
}

tutti_code PostAfter(const tutti_host* host, std::uint32_t delay_ms, void (*fn)(void*), void* user,
                     std::uint64_t* timer) {
  const Caller caller = Admit(host);
  if (!caller) {
    return TUTTI_FAILED_PRECONDITION;
  }
  const std::uint64_t id = caller.core->executor.SubmitAfter(std::chrono::milliseconds(delay_ms),
                                                             WorkOf(caller, operation::kTimer, fn, user));
  if (id == 0) {
    return TUTTI_RESOURCE_EXHAUSTED;
  }
  if (timer != nullptr) {
    *timer = id;
  }
  return TUTTI_OK;
}

// Also of a plugin that is not active: a timer it cancels too late would do harm.
tutti_code CancelTimer(const tutti_host* host, std::uint64_t timer) {
  const Caller caller = AdmitAny(host);
  return caller && caller.core->executor.CancelTimer(timer) ? TUTTI_OK : TUTTI_NOT_FOUND;
}

tutti_code GetConfig(const tutti_host* host, tutti_str pointer, const tutti_sink* value) {
  const Caller caller = AdmitAny(host);
  if (!caller) {
    return TUTTI_FAILED_PRECONDITION;
  }
  const Result<Json> config = Json::Parse(caller.plugin->spec().config);
  const rapidjson::Pointer path(View(pointer).data(), pointer.size);
  const rapidjson::Value* found = config.ok() && path.IsValid() ? path.Get(*config->view().raw()) : nullptr;
  if (found == nullptr) {
    return TUTTI_NOT_FOUND;
  }
  Write(value, JsonView(found).Dump());
  return TUTTI_OK;
}

// Whether any text of the configuration is this one.
bool Names(JsonView value, std::string_view text) {
  bool found = value.is_string() && value.AsString() == text;
  value.ForEach([&](JsonView item) { found = found || Names(item, text); });
  value.ForEachMember([&](std::string_view, JsonView member) { found = found || Names(member, text); });
  return found;
}

tutti_code GetSecret(const tutti_host* host, tutti_str reference, const tutti_sink* value) {
  const Caller caller = AdmitAny(host);
  if (!caller) {
    return TUTTI_FAILED_PRECONDITION;
  }
  const PluginSpec& spec = caller.plugin->spec();
  const Result<Json> config = Json::Parse(spec.config);
  if (!spec.grants.services.contains("secrets") || !config.ok() || !Names(config->view(), View(reference))) {
    return TUTTI_PERMISSION_DENIED;
  }
  const Result<std::string> secret = caller.core->secrets.Find(View(reference));
  if (!secret.ok()) {
    return static_cast<tutti_code>(secret.status().code());
  }
  Write(value, *secret);
  return TUTTI_OK;
}

void AddMetric(const tutti_host* host, tutti_str name, tutti_str labels, double value) {
  if (const Caller caller = AdmitAny(host)) {
    caller.core->metrics.Add(caller.plugin->id(), View(name), View(labels), value);
  }
}

void SetMetric(const tutti_host* host, tutti_str name, tutti_str labels, double value) {
  if (const Caller caller = AdmitAny(host)) {
    caller.core->metrics.Set(caller.plugin->id(), View(name), View(labels), value);
  }
}

void ObserveMetric(const tutti_host* host, tutti_str name, tutti_str labels, double value) {
  if (const Caller caller = AdmitAny(host)) {
    caller.core->metrics.Observe(caller.plugin->id(), View(name), View(labels), value);
  }
}

tutti_code Publish(const tutti_host* host, const tutti_event* raw) {
  if (!TUTTI_HAS(raw, tutti_event, data)) {
    return TUTTI_INVALID_ARGUMENT;
  }
  const Caller caller = Admit(host);
  if (!caller) {
    return TUTTI_FAILED_PRECONDITION;
  }
  Event event;
  event.stream = View(raw->stream);
  event.type = View(raw->type);
  event.run = View(raw->run);
  event.agent = View(raw->agent);
  event.time = NowIso();
  event.data = View(raw->data);
  caller.core->events.Publish(std::move(event));
  return TUTTI_OK;
}

std::uint32_t Connections(const tutti_host* host) {
  const Caller caller = Admit(host);
  return caller ? caller.core->gateway.connections() : 0;
}

}  // namespace

const tutti_host_log* LogTable() {
  static constexpr tutti_host_log kTable{sizeof kTable, &WriteLog, &LogEnabled};
  return &kTable;
}

const tutti_host_executor* ExecutorTable() {
  static constexpr tutti_host_executor kTable{sizeof kTable, &Post, &PostAfter, &CancelTimer};
  return &kTable;
}

const tutti_host_config* ConfigTable() {
  static constexpr tutti_host_config kTable{sizeof kTable, &GetConfig, &GetSecret};
  return &kTable;
}

const tutti_host_metrics* MetricsTable() {
  static constexpr tutti_host_metrics kTable{sizeof kTable, &AddMetric, &SetMetric, &ObserveMetric};
  return &kTable;
}

const tutti_host_events* EventsTable() {
  static constexpr tutti_host_events kTable{sizeof kTable, &Publish, &Connections};
  return &kTable;
}

}  // namespace tutti::host
