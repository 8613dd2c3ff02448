// Services that answer at once: log, executor, config, metrics, events.
#include <rapidjson/pointer.h>

#include <algorithm>
#include <chrono>

#include "host/registry/plugin_instance.h"
#include "host/services/core.h"
#include "host/services/tables.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::host {

namespace {

PluginInstance& Plugin(const tutti_host* host) {
  return *PluginInstance::Of(host);
}

Core& CoreOf(const tutti_host* host) {
  return *static_cast<Core*>(Plugin(host).core());
}

void WriteLog(const tutti_host* host, std::int32_t level, tutti_str message, tutti_str fields) {
  CoreOf(host).log.Write(level, Plugin(host).id(), View(message), View(fields));
}

std::int32_t LogEnabled(const tutti_host* host, std::int32_t level) {
  return CoreOf(host).log.Enabled(level) ? 1 : 0;
}

tutti_code Post(const tutti_host* host, void (*fn)(void*), void* user) {
  PluginInstance& plugin = Plugin(host);
  plugin.BeginWork();
  const bool is_taken = CoreOf(host).executor.Submit([&plugin, fn, user] {
    fn(user);
    plugin.EndWork();
  });
  if (!is_taken) {
    plugin.EndWork();
  }
  return is_taken ? TUTTI_OK : TUTTI_RESOURCE_EXHAUSTED;
}

tutti_code PostAfter(const tutti_host* host, std::uint32_t delay_ms, void (*fn)(void*), void* user,
                     std::uint64_t* timer) {
  PluginInstance& plugin = Plugin(host);
  plugin.BeginWork();
  const std::uint64_t id = CoreOf(host).executor.SubmitAfter(std::chrono::milliseconds(delay_ms), [&plugin, fn, user] {
    fn(user);
    plugin.EndWork();
  });
  if (id == 0) {
    plugin.EndWork();
    return TUTTI_RESOURCE_EXHAUSTED;
  }
  if (timer != nullptr) {
    *timer = id;
  }
  return TUTTI_OK;
}

tutti_code CancelTimer(const tutti_host* host, std::uint64_t timer) {
  if (!CoreOf(host).executor.CancelTimer(timer)) {
    return TUTTI_NOT_FOUND;
  }
  Plugin(host).EndWork();
  return TUTTI_OK;
}

tutti_code GetConfig(const tutti_host* host, tutti_str pointer, const tutti_sink* value) {
  const Result<Json> config = Json::Parse(Plugin(host).spec().config);
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
  const Result<Json> config = Json::Parse(Plugin(host).spec().config);
  if (!config.ok() || !Names(config->view(), View(reference))) {
    return TUTTI_PERMISSION_DENIED;
  }
  const Result<std::string> secret = CoreOf(host).secrets.Find(View(reference));
  if (!secret.ok()) {
    return static_cast<tutti_code>(secret.status().code());
  }
  Write(value, *secret);
  return TUTTI_OK;
}

void AddMetric(const tutti_host* host, tutti_str name, tutti_str labels, double value) {
  CoreOf(host).metrics.Add(Plugin(host).id(), View(name), View(labels), value);
}

void SetMetric(const tutti_host* host, tutti_str name, tutti_str labels, double value) {
  CoreOf(host).metrics.Set(Plugin(host).id(), View(name), View(labels), value);
}

void ObserveMetric(const tutti_host* host, tutti_str name, tutti_str labels, double value) {
  CoreOf(host).metrics.Observe(Plugin(host).id(), View(name), View(labels), value);
}

tutti_code Publish(const tutti_host* host, const tutti_event* raw) {
  if (!TUTTI_HAS(raw, tutti_event, data)) {
    return TUTTI_INVALID_ARGUMENT;
  }
  Event event;
  event.stream = View(raw->stream);
  event.type = View(raw->type);
  event.run = View(raw->run);
  event.agent = View(raw->agent);
  event.time_us = NowMicros();
  event.data = View(raw->data);
  CoreOf(host).events.Publish(std::move(event));
  return TUTTI_OK;
}

std::uint32_t Connections(const tutti_host* host) {
  return CoreOf(host).gateway.connections();
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
