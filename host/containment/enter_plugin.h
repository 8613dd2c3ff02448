// The one way from the host into a plugin's code: attributed to the plugin, and with nothing thrown getting out.
#pragma once

#include <cxxabi.h>

#include <exception>
#include <string>
#include <string_view>

#include "host/containment/in_plugin.h"
#include "host/containment/plugin_conduct.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

// What is being thrown, for a message. To be called in a catch block.
std::string DescribeThrown();

// INTERNAL, naming the plugin and what it threw; a strike when `conduct` is given.
Status AfterThrow(const PluginTag& plugin, const PluginOperation& operation, std::string_view detail,
                  PluginConduct* conduct);

// Runs fn(), which calls a function of this plugin. INTERNAL: it threw.
template <typename Fn>
Status EnterPlugin(const PluginTag& plugin, const PluginOperation& operation, tutti_call call, std::string_view detail,
                   PluginConduct* conduct, Fn&& fn) {
  const InPlugin inside(plugin, operation, call, detail);
  try {
    fn();
    return {};
  } catch (abi::__forced_unwind&) {
    throw;  // a thread is being cancelled; whoever stops that is aborted
  } catch (...) {
    return AfterThrow(plugin, operation, detail, conduct);
  }
}

}  // namespace tutti::host
