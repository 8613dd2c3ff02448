#include "metrics_reporter.h"

#include <chrono>
#include <utility>

namespace tutti::transport::http {
namespace {

constexpr std::chrono::seconds kInterval{5};

}  // namespace

MetricsReporter::MetricsReporter(Host host, std::shared_ptr<Server> server)
    : host_(std::move(host)), server_(std::move(server)) {}

void MetricsReporter::Start() {
  const std::lock_guard lock(mutex_);
  Report();
  Schedule();
}

void MetricsReporter::Stop() {
  const std::lock_guard lock(mutex_);
  Report();
  server_.reset();
  timer_ = {};
}

// REQUIRES: the lock.
void MetricsReporter::Schedule() {
  // A timer that fires late finds nobody. A host that takes no timer gets the last report only.
  timer_ = host_.PostAfter(kInterval, [weak = weak_from_this()] {
    const std::shared_ptr<MetricsReporter> self = weak.lock();
    if (!self) {
      return;
    }
    const std::lock_guard lock(self->mutex_);
    if (!self->server_) {
      return;
    }
    self->Report();
    self->Schedule();
  });
}

// REQUIRES: the lock.
void MetricsReporter::Report() {
  if (!server_) {
    return;
  }
  const Counters& counters = server_->counters();
  host_.Gauge("http_connections", static_cast<double>(counters.open_connections));
  host_.Gauge("http_websockets", static_cast<double>(counters.open_websockets));
  host_.Gauge("http_streams", static_cast<double>(counters.open_streams));
  host_.Gauge("http_request_bytes_held", static_cast<double>(counters.request_bytes_held));
  Count("http_connections_total", counters.connections);
  Count("http_connections_refused_total", counters.connections_refused);
  Count("http_requests_total", counters.requests);
  Count("http_requests_refused_total", counters.requests_refused);
  Count("http_websockets_total", counters.websockets);
  Count("http_streams_total", counters.streams);
  Count("http_websocket_messages_received_total", counters.messages_received);
  Count("http_websocket_messages_sent_total", counters.messages_sent);
  Count("http_websocket_messages_blocked_total", counters.messages_blocked);
  Count("http_received_bytes_total", counters.bytes_received);
  Count("http_sent_bytes_total", counters.bytes_sent);
}

void MetricsReporter::Count(std::string_view name, std::uint64_t total) {
  std::uint64_t& reported = reported_[name];
  if (total > reported) {
    host_.Count(name, static_cast<double>(total - reported));
    reported = total;
  }
}

}  // namespace tutti::transport::http
