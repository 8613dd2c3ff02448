// Counters, gauges and histograms of the host and its plugins, as Prometheus text.
//
// Threads: any. Bound: `max_series` per plugin; a sample that would need one more is dropped and counted.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tutti::host {

class Metrics {
 public:
  explicit Metrics(std::size_t max_series = 1000);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // `name` without the prefix "tutti_"; `labels` a flat JSON object of strings, or empty; `plugin` becomes a label
  // unless empty. A name or label that Prometheus does not allow is dropped and counted.
  void Add(std::string_view plugin, std::string_view name, std::string_view labels, double value);
  void Set(std::string_view plugin, std::string_view name, std::string_view labels, double value);
  void Observe(std::string_view plugin, std::string_view name, std::string_view labels, double value);

  // Prometheus text exposition format 0.0.4.
  [[nodiscard]] std::string Text() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tutti::host
