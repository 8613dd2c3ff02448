// Where the parts that watch plugins report one that has to be taken out: a call that would not end, a child process
// that keeps dying, a finish too many.
//
// Threads: Report from any thread, it returns at once; SetHandler on the control thread, before anything reports.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace tutti::host {

class PluginFaults {
 public:
  // `reason` is a sentence for the operator. The handler hands over to the control thread and returns.
  using Handler = std::function<void(std::string plugin, std::string reason)>;

  void SetHandler(Handler handler) {
    const std::lock_guard lock(mutex_);
    handler_ = std::move(handler);
  }

  // The plugin is to be quarantined: out of the routes, its gate closed, until somebody enables it again.
  void Report(std::string_view plugin, std::string reason) const {
    const std::lock_guard lock(mutex_);
    if (handler_) {
      handler_(std::string(plugin), std::move(reason));
    }
  }

 private:
  mutable std::mutex mutex_;
  Handler handler_;  // guarded by mutex_
};

}  // namespace tutti::host
