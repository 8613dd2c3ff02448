#include "host/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include "tutti/sdk/json.hpp"

namespace tutti::host {

namespace {

// Seconds: from a fast command to a slow model.
const prometheus::Histogram::BucketBoundaries kBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,   0.5,   1,      2.5,   5,    10,    30,   60};

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= 100 && (name.front() < '0' || name.front() > '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

class Metrics::Impl {
 public:
  explicit Impl(std::size_t max_series)
      : max_series_(max_series),
        dropped_(prometheus::BuildCounter()
                     .Name("tutti_metrics_dropped_total")
                     .Help("Samples with a bad name, or beyond a plugin's number of series")
                     .Register(registry_)
                     .Add({})) {}

  // The series, made when it is new; nullptr when it may not be.
  template <typename T, typename Make>
  T* Find(std::map<std::string, T*, std::less<>>& known, std::string_view plugin, std::string_view name,
          std::string_view labels, Make&& make) {
    std::string key(plugin);
    key.append("\n").append(name).append("\n").append(labels);
    const std::lock_guard lock(mutex_);
    const auto found = known.find(key);
    if (found != known.end()) {
      return found->second;
    }
    const auto parsed = ParseLabels(plugin, labels);
    if (!IsName(name) || !parsed || series_[std::string(plugin)] >= max_series_) {
      dropped_.Increment();
      return nullptr;
    }
    try {
      T* made = make("tutti_" + std::string(name), *parsed);
      ++series_[std::string(plugin)];
      known.emplace(std::move(key), made);
      return made;
    } catch (const std::exception&) {
      // The library refuses one name with two types.
      dropped_.Increment();
      return nullptr;
    }
  }

  prometheus::Registry registry_;
  std::map<std::string, prometheus::Counter*, std::less<>> counters_;
  std::map<std::string, prometheus::Gauge*, std::less<>> gauges_;
  std::map<std::string, prometheus::Histogram*, std::less<>> histograms_;

 private:
  static std::optional<std::map<std::string, std::string>> ParseLabels(std::string_view plugin,
                                                                       std::string_view labels) {
    std::map<std::string, std::string> out;
    if (!plugin.empty()) {
      out.emplace("plugin", plugin);
    }
    if (labels.empty()) {
      return out;
    }
    const Result<Json> json = Json::Parse(labels);
    if (!json.ok()) {
      return std::nullopt;
    }
    bool good = true;
    json->view().ForEachMember([&](std::string_view name, JsonView value) {
      good = good && IsName(name) && value.is_string();
      out.emplace(name, value.AsString());
    });
    return good ? std::optional(out) : std::nullopt;
  }

  const std::size_t max_series_;
  std::mutex mutex_;
  std::map<std::string, std::size_t> series_;  // guarded by mutex_; by plugin
  prometheus::Counter& dropped_;
};

Metrics::Metrics(std::size_t max_series) : impl_(std::make_unique<Impl>(max_series)) {}

Metrics::~Metrics() = default;

void Metrics::Add(std::string_view plugin, std::string_view name, std::string_view labels, double value) {
  auto* series = impl_->Find(impl_->counters_, plugin, name, labels, [&](const std::string& full, const auto& parsed) {
    return &prometheus::BuildCounter().Name(full).Register(impl_->registry_).Add(parsed);
  });
  if (series != nullptr && value >= 0) {
    series->Increment(value);
  }
}

void Metrics::Set(std::string_view plugin, std::string_view name, std::string_view labels, double value) {
  auto* series = impl_->Find(impl_->gauges_, plugin, name, labels, [&](const std::string& full, const auto& parsed) {
    return &prometheus::BuildGauge().Name(full).Register(impl_->registry_).Add(parsed);
  });
  if (series != nullptr) {
    series->Set(value);
  }
}

void Metrics::Observe(std::string_view plugin, std::string_view name, std::string_view labels, double value) {
  auto* series =
      impl_->Find(impl_->histograms_, plugin, name, labels, [&](const std::string& full, const auto& parsed) {
        return &prometheus::BuildHistogram().Name(full).Register(impl_->registry_).Add(parsed, kBuckets);
      });
  if (series != nullptr) {
    series->Observe(value);
  }
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry_.Collect());
}

}  // namespace tutti::host
