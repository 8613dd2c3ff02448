// The C tables of FakeHost. Included by fake_host.hpp only.
#pragma once

#include <optional>
#include <string_view>

#include "tutti/abi/admin.h"
#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"
#include "tutti/abi/config.h"
#include "tutti/abi/events.h"
#include "tutti/abi/executor.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/log.h"
#include "tutti/abi/metrics.h"
#include "tutti/abi/model.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/slash.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/template.h"
#include "tutti/abi/transport.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::testing {

struct FakeServiceTables {
  static FakeHost& Self(const tutti_host* host) { return FakeHost::Self(host); }

  static void Start(const tutti_host* host, const char* service, tutti_call parent, tutti_str body,
                    const tutti_reply* reply, bool cancels_with_parent, tutti_call* started) {
    FakeRequest request;
    request.service = service;
    request.body = View(body);
    request.parent = parent;
    Self(host).services_.Start(std::move(request), *reply, cancels_with_parent, started);
  }

  static inline const tutti_host_log kLog{
      sizeof(tutti_host_log),
      [](const tutti_host* host, std::int32_t level, tutti_str message, tutti_str fields) {
        Self(host).records_.AddLog({level, std::string(View(message)), std::string(View(fields))});
      },
      [](const tutti_host*, std::int32_t) -> std::int32_t { return 1; },
  };

  static inline const tutti_host_calls kCalls{
      sizeof(tutti_host_calls),
      [](const tutti_host* host, tutti_call call, tutti_str event) {
        return Self(host).calls_.Emit(call, View(event));
      },
      [](const tutti_host* host, tutti_call call, tutti_str event, std::uint32_t timeout_ms) {
        return Self(host).calls_.EmitWait(call, View(event), std::chrono::milliseconds(timeout_ms));
      },
      [](const tutti_host* host, tutti_call call, const tutti_outcome* outcome) {
        return Self(host).calls_.Finish(call, *outcome);
      },
      [](const tutti_host* host, tutti_call call) -> std::int32_t {
        const std::optional<bool> started = Self(host).services_.IsCancelled(call);
        return started.value_or(Self(host).calls_.IsCancelled(call)) ? 1 : 0;
      },
      [](const tutti_host* host, tutti_call call, void (*fn)(void*), void* user) {
        return Self(host).calls_.OnCancel(call, fn, user);
      },
      [](const tutti_host* host, tutti_call call) { Self(host).calls_.Forget(call); },
      [](const tutti_host* host, tutti_call started) { return Self(host).services_.Cancel(started); },
  };

  static inline const tutti_host_executor kExecutor{
      sizeof(tutti_host_executor),
      [](const tutti_host* host, void (*fn)(void*), void* user) -> tutti_code {
        return Self(host).executor_.Post([fn, user] { fn(user); }) ? TUTTI_OK : TUTTI_RESOURCE_EXHAUSTED;
      },
      [](const tutti_host* host, std::uint32_t delay_ms, void (*fn)(void*), void* user, std::uint64_t* timer) {
        return Self(host).PostTimer(delay_ms, fn, user, timer);
      },
      [](const tutti_host* host, std::uint64_t timer) -> tutti_code {
        return Self(host).executor_.CancelTimer(timer) ? TUTTI_OK : TUTTI_NOT_FOUND;
      },
  };

  static inline const tutti_host_commands kCommands{
      sizeof(tutti_host_commands),
      [](const tutti_host* host, const tutti_command_request* raw, const tutti_reply* reply, tutti_call* started) {
        FakeRequest request{"commands",   std::string(View(raw->name)),        std::string(View(raw->args)),
                            raw->surface, std::string(View(raw->tool_use_id)), std::string(View(raw->allowed_tools)),
                            raw->parent};
        if (TUTTI_HAS(raw, tutti_command_request, behalf)) {
          request.behalf = View(raw->behalf);
        }
        Self(host).services_.Start(std::move(request), *reply, true, started);
      },
      [](const tutti_host* host, const tutti_sink* out) { Write(out, Self(host).Get(Self(host).tools_)); },
  };

  static inline const tutti_host_slash kSlash{
      sizeof(tutti_host_slash),
      [](const tutti_host* host, const tutti_sink* out) { Write(out, Self(host).Get(Self(host).slash_)); },
      [](const tutti_host* host, tutti_str text, const tutti_sink* out) {
        return Self(host).ParseSlash(View(text), out);
      },
  };

  static inline const tutti_host_events kEvents{
      sizeof(tutti_host_events),
      [](const tutti_host* host, const tutti_event* event) -> tutti_code {
        Self(host).records_.AddEvent(*event);
        Self(host).signal_.Notify();
        return TUTTI_OK;
      },
      [](const tutti_host* host) {
        const std::lock_guard lock(Self(host).mutex_);
        return Self(host).connections_;
      },
  };

  static inline const tutti_host_store kStore{
      sizeof(tutti_host_store),
      [](const tutti_host* host, tutti_call parent, tutti_str batch, const tutti_reply* reply) {
        Start(host, "store", parent, batch, reply, false, nullptr);
      },
  };

  static inline const tutti_host_models kModels{
      sizeof(tutti_host_models),
      [](const tutti_host* host, tutti_call parent, tutti_str request, const tutti_reply* reply, tutti_call* started) {
        Start(host, "models", parent, request, reply, true, started);
      },
      [](const tutti_host* host, const tutti_sink* out) { Write(out, Self(host).Get(Self(host).models_)); },
  };

  static inline const tutti_host_runtimes kRuntimes{
      sizeof(tutti_host_runtimes),
      [](const tutti_host* host, tutti_call parent, tutti_str request, const tutti_reply* reply, tutti_call* started) {
        Start(host, "runtimes", parent, request, reply, true, started);
      },
      [](const tutti_host* host, tutti_str run, tutti_str tool_use_id, const tutti_reply* reply) {
        FakeRequest request;
        request.service = "tools";
        request.body = View(run);
        request.tool_use_id = View(tool_use_id);
        Self(host).services_.Start(std::move(request), *reply, false, nullptr);
      },
      [](const tutti_host* host) { return Self(host).phase_.load(); },
      [](const tutti_host* host, const tutti_sink* id) { Write(id, Self(host).Get(Self(host).host_id_)); },
  };

  static void StartTemplates(const tutti_host* host, const char* verb, tutti_call parent, tutti_str name,
                             const tutti_reply* reply) {
    FakeRequest request;
    request.service = "templates";
    request.name = verb;
    request.body = View(name);
    request.parent = parent;
    Self(host).services_.Start(std::move(request), *reply, true, nullptr);
  }

  static inline const tutti_host_templates kTemplates{
      sizeof(tutti_host_templates),
      [](const tutti_host* host, tutti_call parent, const tutti_reply* reply) {
        StartTemplates(host, "list", parent, {}, reply);
      },
      [](const tutti_host* host, tutti_call parent, tutti_str name, const tutti_reply* reply) {
        StartTemplates(host, "get", parent, name, reply);
      },
  };

  static inline const tutti_host_hooks kHooks{
      sizeof(tutti_host_hooks),
      [](const tutti_host* host, const tutti_fire* fire, const tutti_reply* reply) {
        FakeRequest request;
        request.service = "hooks";
        request.body = View(fire->entries);
        request.ops = TUTTI_HAS(fire, tutti_fire, ops) ? View(fire->ops) : std::string_view();
        request.parent = fire->parent;
        Self(host).services_.Start(std::move(request), *reply, false, nullptr);
      },
  };

  static inline const tutti_host_config kConfig{
      sizeof(tutti_host_config),
      [](const tutti_host* host, tutti_str pointer, const tutti_sink* value) {
        return Self(host).ReadConfig(View(pointer), value);
      },
      [](const tutti_host* host, tutti_str reference, const tutti_sink* value) {
        return Self(host).ReadSecret(View(reference), value);
      },
  };

  static inline const tutti_host_metrics kMetrics{
      sizeof(tutti_host_metrics),
      [](const tutti_host* host, tutti_str name, tutti_str labels, double value) {
        Self(host).records_.AddToCounter(View(name), View(labels), value);
      },
      [](const tutti_host* host, tutti_str name, tutti_str labels, double value) {
        Self(host).records_.SetGauge(View(name), View(labels), value);
      },
      [](const tutti_host* host, tutti_str name, tutti_str labels, double value) {
        Self(host).records_.Observe(View(name), View(labels), value);
      },
  };

  static inline const tutti_host_admin kAdmin{
      sizeof(tutti_host_admin),
      [](const tutti_host* host, tutti_call parent, tutti_str operation, const tutti_reply* reply) {
        Start(host, "admin", parent, operation, reply, false, nullptr);
      },
  };

  static inline const tutti_host_house kHouse{
      sizeof(tutti_host_house),
      [](const tutti_host* host, tutti_call parent, tutti_str request, const tutti_reply* reply) {
        Start(host, "house", parent, request, reply, false, nullptr);
      },
  };

  static inline const tutti_host_gateway kGateway{
      sizeof(tutti_host_gateway),
      [](const tutti_host* host, const tutti_request* request) { Self(host).gateway_.Request(*request); },
      [](const tutti_host* host, std::uint64_t connection, tutti_str message, std::int32_t is_text) {
        Self(host).gateway_.Message(connection, View(message), is_text != 0);
      },
      [](const tutti_host* host, std::uint64_t connection) { Self(host).gateway_.Writable(connection); },
      [](const tutti_host* host, std::uint64_t connection, std::uint32_t code) {
        Self(host).gateway_.Closed(connection, code);
      },
  };
};

inline const void* FakeHost::GetService(const tutti_host* host, const char* id) {
  using Tables = FakeServiceTables;
  static const std::map<std::string_view, const void*> kServices{
      {TUTTI_SERVICE_LOG, &Tables::kLog},           {TUTTI_SERVICE_CALLS, &Tables::kCalls},
      {TUTTI_SERVICE_EXECUTOR, &Tables::kExecutor}, {TUTTI_SERVICE_COMMANDS, &Tables::kCommands},
      {TUTTI_SERVICE_SLASH, &Tables::kSlash},       {TUTTI_SERVICE_EVENTS, &Tables::kEvents},
      {TUTTI_SERVICE_STORE, &Tables::kStore},       {TUTTI_SERVICE_MODELS, &Tables::kModels},
      {TUTTI_SERVICE_RUNTIMES, &Tables::kRuntimes}, {TUTTI_SERVICE_HOOKS, &Tables::kHooks},
      {TUTTI_SERVICE_CONFIG, &Tables::kConfig},     {TUTTI_SERVICE_METRICS, &Tables::kMetrics},
      {TUTTI_SERVICE_GATEWAY, &Tables::kGateway},   {TUTTI_SERVICE_TEMPLATES, &Tables::kTemplates},
  };
  if (std::string_view(id) == TUTTI_SERVICE_ADMIN) {
    return Self(host).options_.grants_admin ? &Tables::kAdmin : nullptr;
  }
  if (std::string_view(id) == TUTTI_SERVICE_HOUSE) {
    return Self(host).options_.grants_house ? &Tables::kHouse : nullptr;
  }
  const auto found = kServices.find(id);
  return found == kServices.end() ? nullptr : found->second;
}

}  // namespace tutti::testing
