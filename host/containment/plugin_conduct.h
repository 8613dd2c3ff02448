// What plugins do against the rules of the boundary: counted, and after too much of it reported for quarantine.
//
// Threads: any.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "host/registry/plugin_faults.h"

namespace tutti::host {

class PluginConduct {
 public:
  using Clock = std::chrono::steady_clock;

  struct Settings {
    int strikes = 5;  // within `window`, and the plugin is reported
    std::chrono::milliseconds window{600000};
  };

  // Takes a plugin and what it did: late_finish, foreign_finish, wrong_state, threw, overdue, hang.
  using Count = std::function<void(std::string_view plugin, std::string_view kind)>;

  PluginConduct(const PluginFaults& faults, Settings settings, Count count)
      : faults_(faults), settings_(settings), count_(std::move(count)) {}

  // Something that did no harm.
  void Misused(std::string_view plugin, std::string_view kind) const { count_(plugin, kind); }

  // Something that did. `what` is a sentence for the operator.
  void Strike(std::string_view plugin, std::string_view kind, const std::string& what,
              Clock::time_point now = Clock::now());

 private:
  const PluginFaults& faults_;
  const Settings settings_;
  const Count count_;
  std::mutex mutex_;
  std::map<std::string, std::deque<Clock::time_point>, std::less<>> strikes_;  // guarded by mutex_; by plugin
};

}  // namespace tutti::host
