#include "host/dispatch/changeover.h"

#include <algorithm>

#include "host/dispatch/pause.h"

namespace tutti::host {

namespace {

constexpr std::chrono::milliseconds kShortestPause{2};
constexpr std::chrono::milliseconds kLongestPause{50};

}  // namespace

Task<RoutingTablePtr> Changeover::Next(RoutingTablePtr seen, PluginInstance* plugin) const {
  const auto give_up = std::chrono::steady_clock::now() + patience_;
  std::chrono::milliseconds pause = kShortestPause;
  while (true) {
    // Read before the table: a pause ends by a new table or by an open gate, so that one of the two is seen.
    const bool is_paused = plugin->is_paused();
    RoutingTablePtr current = routes_.Get();
    if (current != seen || plugin->gate().is_open()) {
      co_return current;
    }
    if (!is_paused || std::chrono::steady_clock::now() >= give_up) {
      co_return nullptr;
    }
    Pause waiting{executor_, pause};
    co_await waiting;
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace tutti::host
