// Which plugin a service call comes from, and whether it may call now.
//
// Threads: any.
#pragma once

#include "host/registry/plugin_instance.h"
#include "host/services/core.h"

namespace tutti::host {

struct Caller {
  PluginInstance* plugin = nullptr;  // nullptr: refused
  Core* core = nullptr;

  explicit operator bool() const { return plugin != nullptr; }
};

// For functions marked [created]: refused only when the instance has been destroyed.
inline Caller AdmitAny(const tutti_host* host) {
  PluginInstance* plugin = PluginInstance::Of(host);
  return plugin == nullptr ? Caller{} : Caller{plugin, static_cast<Core*>(plugin->core())};
}

// Whether it is between activate and the end of deactivate. A call out of turn is counted.
inline bool IsActive(const Caller& caller) {
  if (!caller.plugin->is_active()) {
    caller.core->conduct.Misused(caller.plugin->id(), "wrong_state");
    return false;
  }
  return true;
}

// For functions marked [active].
inline Caller Admit(const tutti_host* host) {
  const Caller caller = AdmitAny(host);
  return caller && IsActive(caller) ? caller : Caller{};
}

// What a plugin is told that calls too early or too late.
inline Status NotActive() {
  return Status::FailedPrecondition(
      "a plugin may use this service from activate until deactivate has returned, and this one is not active");
}

}  // namespace tutti::host
