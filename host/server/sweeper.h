// Looks after calls and threads, a few times per second: what is past its deadline, who does not come back; and tells
// those who look after the journal that time has passed.
//
// On a thread of its own: the pool is what it watches.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "host/services/core.h"

namespace tutti::host {

class Sweeper {
 public:
  // Sweeps until destroyed. `core` must outlive this.
  Sweeper(Core& core, std::chrono::milliseconds every);
  ~Sweeper();
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;

 private:
  void Run();

  Core& core_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool is_stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace tutti::host
