#include "host/server/host_metrics.h"

namespace tutti::host {

void HostMetrics::Update(Core& core, std::uint64_t log_lines_dropped) {
  core.metrics.Set({}, "calls_running", {}, static_cast<double>(core.calls.running()));
  core.metrics.Set({}, "executor_queued", {}, static_cast<double>(core.executor.queued()));
  core.metrics.Set({}, "executor_lost_threads", {}, static_cast<double>(core.executor.lost()));
  core.metrics.Set({}, "subscribers", {}, core.gateway.connections());
  const std::lock_guard lock(mutex_);
  Count(core.metrics, "events_dropped_total", core.events.dropped());
  Count(core.metrics, "hook_events_dropped_total", core.hooks.dropped());
  Count(core.metrics, "log_lines_dropped_total", log_lines_dropped);
}

void HostMetrics::Count(Metrics& metrics, std::string_view name, std::uint64_t total) {
  std::uint64_t& reported = reported_[std::string(name)];
  metrics.Add({}, name, {}, static_cast<double>(total - reported));
  reported = total;
}

}  // namespace tutti::host
