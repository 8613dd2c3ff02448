#include "host/containment/watchdog.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <memory>
#include <string>
#include <vector>

namespace tutti::host {
namespace {

using std::chrono::milliseconds;

constexpr auto kDeadline = std::chrono::seconds(20);

class WatchdogTest : public ::testing::Test {
 protected:
  WatchdogTest() {
    faults_.SetHandler([this](const std::string&, std::string reason) { reports_.push_back(std::move(reason)); });
  }

  ~WatchdogTest() override { LetGo(); }

  CallTable::Settings Settings() {
    CallTable::Settings settings;
    settings.cancel_grace = milliseconds(0);
    settings.on_overdue = [this](const CallNode& node) { watchdog_.OnOverdue(node, now_ms_, At(now_ms_)); };
    return settings;
  }

  static Watchdog::Clock::time_point At(std::int64_t ms) { return Watchdog::Clock::time_point(milliseconds(ms)); }

  NodePtr Begin(std::int64_t deadline_ms) {
    CallTable::Spec spec;
    spec.owner = tag_.id;
    spec.context = std::make_shared<CallContext>();
    spec.deadline_ms = deadline_ms;
    spec.completion = [](const Result<std::string>&) {};
    return *calls_.Begin(std::move(spec));
  }

  void Sweep(std::int64_t now_ms) {
    now_ms_ = now_ms;
    calls_.Sweep(now_ms);
    watchdog_.Look(At(now_ms));
  }

  // A worker that stays inside the plugin until LetGo.
  void HoldWorker(const PluginOperation& operation, tutti_call call) {
    auto entered = std::make_shared<std::promise<void>>();
    std::future<void> inside = entered->get_future();
    executor_.Resume([this, &operation, call, entered, held = held_] {
      const InPlugin in(tag_, operation, call, "x");
      entered->set_value();
      held->wait();
    });
    ASSERT_EQ(inside.wait_for(kDeadline), std::future_status::ready);
  }

  void LetGo() {
    if (!held_->try_wait()) {
      held_->count_down();
    }
  }

  // Whether the pool still works.
  bool Works() {
    auto promise = std::make_shared<std::promise<void>>();
    std::future<void> ran = promise->get_future();
    executor_.Resume([promise] { promise->set_value(); });
    return ran.wait_for(kDeadline) == std::future_status::ready;
  }

  const PluginTag& tag_ = KeepPluginTag("org.example.x", "1.2.0");
  std::shared_ptr<std::latch> held_ = std::make_shared<std::latch>(1);
  std::int64_t now_ms_ = 0;
  std::vector<std::string> reports_;
  std::vector<std::string> kinds_;
  std::vector<std::string> lines_;
  PluginFaults faults_;
  PluginConduct conduct_{faults_, {}, [this](std::string_view, std::string_view kind) { kinds_.emplace_back(kind); }};
  Executor executor_{{.workers = 1, .queue = 100, .lost_threads = 1}};
  CallTable calls_{executor_, Settings()};
  Watchdog watchdog_{executor_,
                     calls_,
                     faults_,
                     conduct_,
                     {milliseconds(300), milliseconds(100)},
                     [this](std::int32_t, std::string_view message, std::string fields) {
                       lines_.push_back(std::string(message) + " " + fields);
                     }};
};

TEST_F(WatchdogTest, AThreadThatIsStillInsideAfterTheGraceIsLostAndReplaced) {
  const NodePtr node = Begin(1000);
  HoldWorker(operation::kInvoke, node->id);
  Sweep(1000);
  EXPECT_TRUE(reports_.empty()) << "the grace is not over";
  Sweep(1100);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0], "org.example.x 1.2.0 did not come back from command.invoke x: the deadline of call " +
                             std::to_string(node->id) +
                             " passed at least 100 ms ago, it was cancelled, and a thread is still inside");
  EXPECT_TRUE(Works());
  EXPECT_EQ(executor_.lost(), 1U);
  EXPECT_FALSE(executor_.is_short());
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_NE(lines_[0].find("\"worker\":\"replaced\""), std::string::npos) << lines_[0];
  EXPECT_EQ(PresenceIn(tag_), Presence::kLost);
  Sweep(100000);
  EXPECT_EQ(reports_.size(), 1U) << "it is told once";
}

TEST_F(WatchdogTest, AThreadThatComesBackWithinTheGraceIsAStrike) {
  const NodePtr node = Begin(1000);
  HoldWorker(operation::kOnPoint, node->id);
  Sweep(1000);
  LetGo();
  ASSERT_TRUE(Works());
  Sweep(1100);
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(kinds_, std::vector<std::string>{"overdue"});
  EXPECT_EQ(executor_.lost(), 0U);
}

TEST_F(WatchdogTest, ACallThatWasForgottenIsAStrike) {
  (void)Begin(1000);
  Sweep(1100);
  EXPECT_EQ(kinds_, std::vector<std::string>{"overdue"});
  EXPECT_TRUE(reports_.empty());
}

TEST_F(WatchdogTest, ACallbackHasItsLimit) {
  HoldWorker(operation::kOnEvents, 0);
  Sweep(1000);
  Sweep(1299);
  EXPECT_TRUE(reports_.empty());
  Sweep(1300);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0],
            "org.example.x 1.2.0 did not come back from hook.on_events x within 300 ms "
            "(host.containment.callback_limit_ms)");
  EXPECT_TRUE(Works());
}

TEST_F(WatchdogTest, ACallWithoutDeadlineMayTakeAsLongAsItLastsButNoLonger) {
  const NodePtr node = Begin(0);
  HoldWorker(operation::kExecute, node->id);
  Sweep(1000);
  Sweep(1000000);
  EXPECT_TRUE(reports_.empty());
  EXPECT_TRUE(calls_.Finish(node, std::string()));
  Sweep(1000299);
  EXPECT_TRUE(reports_.empty());
  Sweep(1000300);
  EXPECT_EQ(reports_.size(), 1U);
}

TEST_F(WatchdogTest, TheControlThreadIsOnlyWarnedAbout) {
  HoldWorker(operation::kInit, 0);
  Sweep(1000);
  Sweep(1300);
  Sweep(1600);
  EXPECT_TRUE(reports_.empty());
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_TRUE(lines_[0].starts_with("a plugin holds the control thread ")) << lines_[0];
}

TEST_F(WatchdogTest, BeyondTheBoundThePoolShrinksUntilAThreadComesBack) {
  for (int i = 0; i < 2; ++i) {
    HoldWorker(operation::kTimer, 0);
    Sweep(1000 * (i + 1));
    Sweep(1000 * (i + 1) + 300);
  }
  EXPECT_EQ(reports_.size(), 2U);
  EXPECT_EQ(executor_.lost(), 2U);
  EXPECT_TRUE(executor_.is_short());
  EXPECT_NE(lines_[1].find("not replaced"), std::string::npos) << lines_[1];
  EXPECT_FALSE(executor_.Stop(milliseconds(0))) << "nobody waits for lost threads";
}

TEST_F(WatchdogTest, AThreadOfNobodysPoolIsReported) {
  const NodePtr node = Begin(1000);
  std::latch entered(1);
  std::thread other([&] {
    const InPlugin in(tag_, operation::kInvoke, node->id);
    entered.count_down();
    held_->wait();
  });
  entered.wait();
  Sweep(1100);
  EXPECT_EQ(reports_.size(), 1U);
  EXPECT_NE(lines_.at(0).find("\"worker\":\"not of the pool\""), std::string::npos) << lines_[0];
  EXPECT_EQ(PresenceIn(tag_), Presence::kLost);
  LetGo();
  other.join();
  EXPECT_EQ(PresenceIn(tag_), Presence::kNobody);
}

TEST_F(WatchdogTest, AHangDeeperDownIsBlamedOnWhoeverHangs) {
  const PluginTag& deeper = KeepPluginTag("org.example.deeper", "3.0.0");
  const NodePtr node = Begin(1000);
  std::latch entered(1);
  std::thread other([&] {
    const InPlugin in(tag_, operation::kInvoke, node->id);
    const InPlugin further(deeper, operation::kExecute, 99);
    entered.count_down();
    held_->wait();
  });
  entered.wait();
  Sweep(1100);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_TRUE(reports_[0].starts_with("org.example.deeper 3.0.0 did not come back from storage.execute"))
      << reports_[0];
  LetGo();
  other.join();
}

}  // namespace
}  // namespace tutti::host
