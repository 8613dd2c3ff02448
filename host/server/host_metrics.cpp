#include "host/server/host_metrics.h"

#include <array>

namespace tutti::host {

void HostMetrics::Update(Core& core, std::uint64_t log_lines_dropped) {
  core.metrics.Set({}, "calls_running", {}, static_cast<double>(core.calls.running()));
  core.metrics.Set({}, "executor_queued", {}, static_cast<double>(core.executor.queued()));
  core.metrics.Set({}, "executor_lost_threads", {}, static_cast<double>(core.executor.lost()));
  core.metrics.Set({}, "subscribers", {}, core.gateway.connections());
  const EventStreams::Counts streams = core.gateway.stream_counts();
  constexpr std::array<const char*, kFrameForms> kForms = {R"({"form":"message"})", R"({"form":"event"})",
                                                           R"({"form":"server_sent"})"};
  for (std::size_t i = 0; i < kFrameForms; ++i) {
    core.metrics.Set({}, "stream_clients", kForms.at(i), static_cast<double>(streams.following.at(i)));
  }
  core.metrics.Set({}, "streams_replaying", {}, static_cast<double>(streams.replaying));
  const std::lock_guard lock(mutex_);
  Count(core.metrics, "stream_events_replayed_total", streams.replayed_total);
  Count(core.metrics, "stream_gaps_total", streams.gaps_total);
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
