#include "host/containment/life_thread.h"

#include <algorithm>
#include <utility>

#include "host/containment/alternate_stack.h"
#include "host/containment/enter_plugin.h"
#include "host/containment/in_plugin.h"

namespace tutti::host {

LifeThread::~LifeThread() {
  if (lane_ != nullptr) {
    {
      const std::lock_guard lock(lane_->mutex);
      lane_->is_over = true;
    }
    lane_->changed.notify_all();
    thread_.join();
  }
}

void LifeThread::Serve(const std::shared_ptr<Lane>& lane) {
  const AlternateStack stack;
  std::unique_lock lock(lane->mutex);
  lane->slot = &ThreadSlot::Current();
  while (true) {
    lane->changed.wait(lock, [&] { return lane->is_over || lane->work; });
    if (!lane->work) {
      return;
    }
    lock.unlock();
    lane->work();
    lock.lock();
    lane->work = nullptr;
    lane->changed.notify_all();
  }
}

std::chrono::milliseconds LifeThread::Patience() const {
  auto patience = limit_.count() > 0 ? limit_ : std::chrono::milliseconds::max();
  if (end_ != Clock::time_point::max()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now());
    patience = std::min(patience, std::max(left, kLeast));
  }
  return patience;
}

Status LifeThread::Enter(const PluginTag& plugin, const PluginOperation& operation, std::string_view detail,
                         PluginConduct* conduct, std::function<void()> fn, std::shared_ptr<const Run>* left) {
  struct Entered : Run {
    Status status;
    std::string detail;
  };

  if (lane_ == nullptr) {
    lane_ = std::make_shared<Lane>();
    thread_ = std::thread([lane = lane_] { Serve(lane); });
  }
  const auto run = std::make_shared<Entered>();
  run->detail = detail;
  std::unique_lock lock(lane_->mutex);
  lane_->work = [run, &plugin, &operation, conduct, fn = std::move(fn)] {
    run->status = EnterPlugin(plugin, operation, 0, run->detail, conduct, fn);
    run->is_done = true;
  };
  lane_->changed.notify_all();
  const auto is_back = [this] { return !lane_->work; };
  const std::chrono::milliseconds patience = Patience();
  if (patience == std::chrono::milliseconds::max()) {
    lane_->changed.wait(lock, is_back);
  } else if (!lane_->changed.wait_for(lock, patience, is_back)) {
    // It ends when the plugin lets it.
    lane_->is_over = true;
    if (lane_->slot != nullptr) {
      lane_->slot->GiveUp(true);
    }
    lock.unlock();
    lane_.reset();
    thread_.detach();
    ++lost_;
    *left = run;
    const std::string reason = plugin.id + " " + plugin.version + " did not come back from " + operation.name +
                               (detail.empty() ? "" : " " + std::string(detail)) + " within " +
                               std::to_string(patience.count()) +
                               (patience == limit_ ? " ms (host.containment.callback_limit_ms)"
                                                   : " ms, which is what was left of host.stop_timeout_ms");
    on_lost_(plugin, operation, reason);
    return Status::DeadlineExceeded(reason);
  }
  return run->status;
}

}  // namespace tutti::host
