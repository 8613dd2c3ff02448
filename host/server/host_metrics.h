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
  // streams_replaying, storage_waiting; per lane (write, read): storage_breaker_state (0 closed, 1 half-open, 2 open),
  // storage_failing_seconds, storage_last_error_timestamp_seconds. Counters: events_dropped_total,
  // hook_events_dropped_total, log_lines_dropped_total, stream_events_replayed_total, stream_gaps_total; per lane:
  // storage_breaker_opened_total, storage_breaker_refused_total, storage_failures_total.
  void Update(Core& core, std::uint64_t log_lines_dropped);

 private:
  void Count(Metrics& metrics, std::string_view name, std::uint64_t total, const std::string& labels = {});

  std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> reported_;  // guarded by mutex_
};

}  // namespace tutti::host
