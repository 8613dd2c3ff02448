// Copies a Server's counters to the host's metrics every few seconds.
//
// Threads: Start and Stop from one; reports run on the host's workers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "server.h"
#include "tutti/sdk/host.hpp"

namespace tutti::transport::http {

class MetricsReporter : public std::enable_shared_from_this<MetricsReporter> {
 public:
  MetricsReporter(Host host, std::shared_ptr<Server> server);

  void Start();

  // Reports once more, and no more after.
  void Stop();

 private:
  void Schedule();
  void Report();
  void Count(std::string_view name, std::uint64_t total);

  Host host_;
  std::mutex mutex_;
  std::shared_ptr<Server> server_;                      // guarded by mutex_; nullptr: stopped
  Timer timer_;                                         // guarded by mutex_
  std::map<std::string_view, std::uint64_t> reported_;  // guarded by mutex_
};

}  // namespace tutti::transport::http
