// What all parts of one Server share. The Server owns it all and outlives them.
#pragma once

#include <atomic>

#include "connection_table.h"
#include "counters.h"
#include "handler.h"
#include "settings.h"
#include "worker_pool.h"

namespace tutti::transport::http {

struct Context {
  const Settings& settings;
  Handler& handler;
  ConnectionTable& table;
  WorkerPool& workers;
  Counters& counters;
  // No new connections and no further request on existing ones.
  std::atomic<bool>& is_paused;
};

}  // namespace tutti::transport::http
