#include "host/containment/plugin_conduct.h"

namespace tutti::host {

void PluginConduct::Strike(std::string_view plugin, std::string_view kind, const std::string& what,
                           Clock::time_point now) {
  count_(plugin, kind);
  {
    const std::lock_guard lock(mutex_);
    auto& strikes = strikes_[std::string(plugin)];
    while (!strikes.empty() && now - strikes.front() > settings_.window) {
      strikes.pop_front();
    }
    strikes.push_back(now);
    if (strikes.size() < static_cast<std::size_t>(settings_.strikes)) {
      return;
    }
    // What comes after a quarantine starts a new count.
    strikes.clear();
  }
  const auto window = std::chrono::duration_cast<std::chrono::seconds>(settings_.window).count();
  faults_.Report(plugin, std::string(plugin) + " went wrong " + std::to_string(settings_.strikes) + " times within " +
                             std::to_string(window) + " s (host.containment.strikes); the last time: " + what);
}

}  // namespace tutti::host
