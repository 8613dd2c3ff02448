// The host's own series of /metrics, brought up to date whenever somebody asks.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "host/services/core.h"

namespace tutti::host {

class HostMetrics {
 public:
  // Gauges: calls_running, executor_queued, executor_lost_threads, subscribers, stream_clients (by form),
  // streams_replaying. Counters: events_dropped_total, hook_events_dropped_total, log_lines_dropped_total,
  // stream_events_replayed_total, stream_gaps_total.
  void Update(Core& core, std::uint64_t log_lines_dropped);

 private:
  void Count(Metrics& metrics, std::string_view name, std::uint64_t total);

  std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> reported_;  // guarded by mutex_
};

}  // namespace tutti::host
