// Background: what a plugin does on its own from time to time, ended before the plugin is deactivated.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "tutti/sdk/plugin.hpp"

namespace tutti::budget {

// Threads: Start and Stop from one thread at a time; the work runs on workers.
class Background {
 public:
  using Work = std::function<Task<void>()>;

  explicit Background(Host host) : host_(host) {}

  // Does it again and again, so long after it ended; never twice at once.
  void Every(std::chrono::milliseconds pause, Work work);

  // Begins nothing more and waits for what runs.
  void Stop();

 private:
  struct Chore {
    std::chrono::milliseconds pause;
    Work work;
    Timer timer;  // guarded by mutex_
  };

  void Arm(std::size_t chore);
  void Run(std::size_t chore);

  const Host host_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::map<std::size_t, Chore> chores_;  // entries are added by Every alone
  std::size_t running_ = 0;              // guarded by mutex_
  bool is_stopping_ = false;             // guarded by mutex_
};

}  // namespace tutti::budget
