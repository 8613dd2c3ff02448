#include "host/events/event_bus.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>

namespace tutti::host {
namespace {

constexpr auto kDeadline = std::chrono::seconds(20);

class Collector final : public Subscriber {
 public:
  void OnEvents(const std::vector<EventPtr>& events) override {
    const std::lock_guard lock(mutex_);
    for (const EventPtr& event : events) {
      seen_.push_back(event->data);
    }
    changed_.notify_all();
  }

  void OnGap(const std::string& stream, std::uint64_t from, std::uint64_t to) override {
    const std::lock_guard lock(mutex_);
    seen_.push_back("gap " + stream + " " + std::to_string(from) + "-" + std::to_string(to));
    changed_.notify_all();
  }

  std::vector<std::string> WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kDeadline, [&] { return seen_.size() >= count; });
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> seen_;
};

Event Make(std::string data, std::uint64_t seq = 0) {
  Event event;
  event.stream = "s";
  event.data = std::move(data);
  event.seq = seq;
  return event;
}

TEST(EventBus, DeliversToEverySubscriberInOrder) {
  Executor executor({.workers = 3, .queue = 1000});
  EventBus bus(executor, 100000);
  auto one = std::make_shared<Collector>();
  auto two = std::make_shared<Collector>();
  bus.Subscribe(one);
  bus.Subscribe(two);
  std::vector<std::string> expected;
  for (int i = 0; i < 2000; ++i) {
    expected.push_back(std::to_string(i));
    bus.Publish(Make(expected.back()));
  }
  EXPECT_EQ(one->WaitFor(expected.size()), expected);
  EXPECT_EQ(two->WaitFor(expected.size()), expected);
  executor.Stop();
}

TEST(EventBus, AfterRunsBetweenWhatCameBeforeAndWhatCameLater) {
  Executor executor({.workers = 2, .queue = 1000});
  EventBus bus(executor, 1000);
  auto collector = std::make_shared<Collector>();
  bus.Publish(Make("before"));
  bus.After([&] { bus.Subscribe(collector); });
  bus.Publish(Make("later"));
  EXPECT_EQ(collector->WaitFor(1), std::vector<std::string>{"later"});
  executor.Stop();
}

TEST(EventBus, AFullQueueDropsTransientEventsAndTellsOfDurableOnes) {
  Executor executor({.workers = 1, .queue = 1000});
  EventBus bus(executor, 2);
  auto collector = std::make_shared<Collector>();
  bus.Subscribe(collector);
  std::promise<void> entered;
  std::promise<void> release;
  ASSERT_TRUE(executor.Submit([&] {
    entered.set_value();
    release.get_future().wait();
  }));
  entered.get_future().wait();
  bus.Publish(Make("1", 1));
  bus.Publish(Make("2", 2));
  bus.Publish(Make("typing"));
  bus.Publish(Make("3", 3));
  bus.Publish(Make("4", 4));
  release.set_value();
  EXPECT_EQ(collector->WaitFor(3), (std::vector<std::string>{"1", "2", "gap s 3-4"}));
  EXPECT_EQ(bus.dropped(), 3U);
  executor.Stop();
}

}  // namespace
}  // namespace tutti::host
