// Where the life cycle functions of plugins run that are in this process: a thread beside the control thread, so that
// one of them that does not come back costs that thread and that plugin, and neither the start nor the stop.
//
// It is the same thread for all until one is lost in it; then another takes its place.
// Threads: the control thread. Ownership: what a function uses must be owned by it, because its thread may outlive
// whoever called.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "host/containment/operation.h"
#include "host/containment/plugin_conduct.h"
#include "host/containment/plugin_tag.h"
#include "tutti/sdk/status.hpp"

namespace tutti::host {

class ThreadSlot;

class LifeThread {
 public:
  using Clock = std::chrono::steady_clock;
  // Takes the plugin, where its thread is, and a sentence.
  using OnLost = std::function<void(const PluginTag&, const PluginOperation&, const std::string&)>;

  // One function on its way.
  struct Run {
    std::atomic<bool> is_done{false};
  };

  // `limit`: how long a function may take; 0: as long as it likes.
  LifeThread(std::chrono::milliseconds limit, OnLost on_lost) : limit_(limit), on_lost_(std::move(on_lost)) {}

  ~LifeThread();
  LifeThread(const LifeThread&) = delete;
  LifeThread& operator=(const LifeThread&) = delete;

  // Runs fn(), which calls a function of this plugin. INTERNAL: it threw. DEADLINE_EXCEEDED: it has not come back, and
  // *left tells when it does.
  Status Enter(const PluginTag& plugin, const PluginOperation& operation, std::string_view detail,
               PluginConduct* conduct, std::function<void()> fn, std::shared_ptr<const Run>* left);

  // From here on no function may take longer than until then, though each may take kLeast.
  void EndBy(Clock::time_point end) { end_ = end; }

  // Threads that have not come back.
  [[nodiscard]] std::size_t lost() const { return lost_; }

 private:
  static constexpr std::chrono::milliseconds kLeast{100};

  // What the thread and this object share; the thread's own once it is lost.
  struct Lane {
    std::mutex mutex;
    std::condition_variable changed;
    std::function<void()> work;        // guarded by mutex; to be done or being done
    bool is_over = false;              // guarded by mutex; no more work comes
    const ThreadSlot* slot = nullptr;  // guarded by mutex; of the thread
  };

  static void Serve(const std::shared_ptr<Lane>& lane);
  [[nodiscard]] std::chrono::milliseconds Patience() const;

  const std::chrono::milliseconds limit_;
  const OnLost on_lost_;
  Clock::time_point end_ = Clock::time_point::max();
  std::shared_ptr<Lane> lane_;
  std::thread thread_;
  std::size_t lost_ = 0;
};

}  // namespace tutti::host
