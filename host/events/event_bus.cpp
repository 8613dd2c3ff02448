#include "host/events/event_bus.h"

#include <algorithm>
#include <utility>

namespace tutti::host {

void EventBus::Publish(Event event) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_limit_) {
      dropped_.fetch_add(1);
      if (event.seq != 0) {
        Gap& gap = gaps_[event.stream];
        gap.from = gap.from == 0 ? event.seq : std::min(gap.from, event.seq);
        gap.to = std::max(gap.to, event.seq);
      }
      return;
    }
  }
  Push({std::make_shared<const Event>(std::move(event)), nullptr});
}

void EventBus::After(std::function<void()> fn) {
  Push({nullptr, std::move(fn)});
}

void EventBus::Push(Item item) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(item));
    if (std::exchange(is_delivering_, true)) {
      return;
    }
  }
  executor_.Resume([this] { Deliver(); });
}

void EventBus::Subscribe(std::shared_ptr<Subscriber> subscriber) {
  const std::lock_guard lock(mutex_);
  subscribers_.push_back(std::move(subscriber));
}

void EventBus::Unsubscribe(const Subscriber* subscriber) {
  const std::lock_guard lock(mutex_);
  std::erase_if(subscribers_, [subscriber](const auto& held) { return held.get() == subscriber; });
}

void EventBus::Deliver() {
  std::vector<EventPtr> batch;
  std::unique_lock lock(mutex_);
  while (!queue_.empty() || !gaps_.empty()) {
    batch.clear();
    std::function<void()> fn;
    while (!queue_.empty() && batch.size() < 256) {
      Item item = std::move(queue_.front());
      if (item.fn && !batch.empty()) {
        queue_.front() = std::move(item);
        break;
      }
      queue_.pop_front();
      if (item.fn) {
        fn = std::move(item.fn);
        break;
      }
      batch.push_back(std::move(item.event));
    }
    // What was lost came after everything that was queued then.
    const auto gaps = queue_.empty() ? std::exchange(gaps_, {}) : std::map<std::string, Gap>();
    const auto subscribers = subscribers_;
    lock.unlock();
    if (fn) {
      fn();
    }
    for (const auto& subscriber : subscribers) {
      if (!batch.empty()) {
        subscriber->OnEvents(batch);
      }
      for (const auto& [stream, gap] : gaps) {
        subscriber->OnGap(stream, gap.from, gap.to);
      }
    }
    lock.lock();
  }
  is_delivering_ = false;
}

}  // namespace tutti::host
