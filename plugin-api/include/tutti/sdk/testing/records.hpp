// What a plugin told its fake host on the side: log lines, metrics, published events. Kept for the test to look at.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tutti/abi/events.h"
#include "tutti/sdk/call.hpp"

namespace tutti::testing {

struct LogLine {
  std::int32_t level = 0;  // TUTTI_LOG_*
  std::string message;
  std::string fields;  // JSON object, or empty
};

struct PublishedEvent {
  std::string type, stream, run, agent, data;
};

// At most kLimit entries of each sort are kept, the oldest ones. Threads: any.
class Records {
 public:
  static constexpr std::size_t kLimit = 100000;

  void Clear() {
    const std::lock_guard lock(mutex_);
    logs_.clear();
    events_.clear();
    observations_.clear();
  }

  void AddLog(LogLine line) {
    const std::lock_guard lock(mutex_);
    if (logs_.size() < kLimit) {
      logs_.push_back(std::move(line));
    }
  }

  void AddEvent(const tutti_event& event) {
    const std::lock_guard lock(mutex_);
    if (events_.size() < kLimit) {
      events_.push_back({std::string(View(event.type)), std::string(View(event.stream)), std::string(View(event.run)),
                         std::string(View(event.agent)), std::string(View(event.data))});
    }
  }

  void AddToCounter(std::string_view name, std::string_view labels, double value) {
    const std::lock_guard lock(mutex_);
    values_[Key(name, labels)] += value;
  }

  void SetGauge(std::string_view name, std::string_view labels, double value) {
    const std::lock_guard lock(mutex_);
    values_[Key(name, labels)] = value;
  }

  void Observe(std::string_view name, std::string_view labels, double value) {
    const std::lock_guard lock(mutex_);
    std::vector<double>& values = observations_[Key(name, labels)];
    if (values.size() < kLimit) {
      values.push_back(value);
    }
  }

  [[nodiscard]] std::vector<LogLine> logs() const {
    const std::lock_guard lock(mutex_);
    return logs_;
  }

  [[nodiscard]] std::vector<PublishedEvent> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }

  // A counter's sum or a gauge's last value; 0 when there is none. `labels` exactly as the plugin wrote them.
  [[nodiscard]] double Metric(std::string_view name, std::string_view labels = {}) const {
    const std::lock_guard lock(mutex_);
    const auto found = values_.find(Key(name, labels));
    return found == values_.end() ? 0 : found->second;
  }

  // The values a histogram was given.
  [[nodiscard]] std::vector<double> Observations(std::string_view name, std::string_view labels = {}) const {
    const std::lock_guard lock(mutex_);
    const auto found = observations_.find(Key(name, labels));
    return found == observations_.end() ? std::vector<double>() : found->second;
  }

 private:
  static std::pair<std::string, std::string> Key(std::string_view name, std::string_view labels) {
    return {std::string(name), std::string(labels)};
  }

  mutable std::mutex mutex_;
  std::vector<LogLine> logs_;                                                        // guarded by mutex_
  std::vector<PublishedEvent> events_;                                               // guarded by mutex_
  std::map<std::pair<std::string, std::string>, double> values_;                     // guarded by mutex_
  std::map<std::pair<std::string, std::string>, std::vector<double>> observations_;  // guarded by mutex_
};

}  // namespace tutti::testing
