#include "host/events/event_bus.h"

#include <algorithm>
#include <utility>

namespace tutti::host {

void EventBus::Deliver(EventPtr event) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_limit_) {
      dropped_.fetch_add(1);
      if (event->seq != 0) {
        Lose(event->stream, {event->seq, event->seq});
      }
      return;
    }
  }
  Push({std::move(event), nullptr, nullptr});
}

void EventBus::DeliverGap(const std::string& stream, EventGap gap) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_limit_) {
      Lose(stream, gap);
      return;
    }
  }
  Push({nullptr, nullptr, std::make_shared<const Lost>(Lost{stream, gap})});
}

void EventBus::Lose(const std::string& stream, EventGap range) {
  EventGap& gap = gaps_[stream];
  gap.from = gap.from == 0 ? range.from : std::min(gap.from, range.from);
  gap.to = std::max(gap.to, range.to);
}

void EventBus::After(std::function<void()> fn) {
  Push({nullptr, std::move(fn), nullptr});
}

void EventBus::Push(Item item) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(item));
    if (std::exchange(is_delivering_, true)) {
      return;
    }
  }
  executor_.Resume([this] { Run(); });
}

void EventBus::Subscribe(std::shared_ptr<Subscriber> subscriber) {
  const std::lock_guard lock(mutex_);
  subscribers_.push_back(std::move(subscriber));
}

void EventBus::Unsubscribe(const Subscriber* subscriber) {
  const std::lock_guard lock(mutex_);
  std::erase_if(subscribers_, [subscriber](const auto& held) { return held.get() == subscriber; });
}

void EventBus::Run() {
  std::vector<EventPtr> batch;
  std::unique_lock lock(mutex_);
  while (!queue_.empty() || !gaps_.empty()) {
    batch.clear();
    Item other;
    while (!queue_.empty() && batch.size() < 256) {
      if (queue_.front().event == nullptr && !batch.empty()) {
        break;
      }
      Item item = std::move(queue_.front());
      queue_.pop_front();
      if (item.event == nullptr) {
        other = std::move(item);
        break;
      }
      batch.push_back(std::move(item.event));
    }
    // What was lost came after everything that was queued then.
    const auto gaps = queue_.empty() ? std::exchange(gaps_, {}) : std::map<std::string, EventGap>();
    const auto subscribers = subscribers_;
    lock.unlock();
    if (other.fn) {
      other.fn();
    }
    for (const auto& subscriber : subscribers) {
      if (!batch.empty()) {
        subscriber->OnEvents(batch);
      }
      if (other.gap) {
        subscriber->OnGap(other.gap->stream, other.gap->range.from, other.gap->range.to);
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
