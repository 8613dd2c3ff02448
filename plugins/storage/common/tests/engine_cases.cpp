#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "engine_contract.h"

namespace tutti::storage::testing {

TEST_P(EngineContract, BoundsOnBatchAndResultAreKept) {
  EngineOptions options;
  options.limits.batch_bytes = 3000;
  options.limits.result_bytes = 2000;
  options.limits.operations = 5;
  Reopen(options);
  EXPECT_EQ(Run(R"([{"op":"insert","table":"lab.things","row":{"id":1,"a_text":")" + std::string(4000, 'x') + R"("}}])")
                .status()
                .code(),
            Code::kResourceExhausted);
  Must(R"([{"op":"insert","table":"lab.things","row":{"id":1,"a_text":")" + std::string(2500, 'x') + R"("}}])");
  EXPECT_EQ(Run(R"([{"op":"query","from":"lab.things"}])").status().code(), Code::kResourceExhausted);
  Must(R"([{"op":"query","from":"lab.things","select":["id"]}])");
  std::string ops;
  for (int i = 0; i < 6; ++i) {
    ops += (i > 0 ? "," : "") + std::string(R"({"op":"query","from":"lab.jobs"})");
  }
  EXPECT_EQ(Run("[" + ops + "]").status().code(), Code::kResourceExhausted);
}

// Holds the engine's writing thread inside a `done`, so that what comes next has to wait in the queue.
class Gate {
 public:
  Done Blocking() {
    return [this](Result<std::string>) {
      std::unique_lock lock(mutex_);
      entered_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
    };
  }

  void AwaitEntered() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return entered_; });
  }

  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool entered_ = false;
  bool open_ = false;
};

std::string Insert(int id) {
  return R"({"parts":[{"ops":[{"op":"insert","table":"lab.jobs","row":{"id":)" + std::to_string(id) +
         R"(}},{"op":"append","stream":"s","type":"t","data":{"id":)" + std::to_string(id) + "}}]}]}";
}

TEST_P(EngineContract, BatchesThatShareACommitFailAlone) {
  Gate gate;
  engine().Execute("test.owner", Insert(0), gate.Blocking());
  gate.AwaitEntered();
  std::vector<std::promise<Result<std::string>>> promises(12);
  for (int i = 0; i < 12; ++i) {
    // Every third repeats an earlier id.
    engine().Execute("test.owner", Insert(i % 3 == 2 ? 0 : i + 1), [&promises, i](Result<std::string> result) {
      promises[static_cast<std::size_t>(i)].set_value(std::move(result));
    });
  }
  gate.Open();
  std::int64_t expected = 2;
  for (int i = 0; i < 12; ++i) {
    const Answer answer(promises[static_cast<std::size_t>(i)].get_future().get());
    if (i % 3 == 2) {
      EXPECT_EQ(answer.status().code(), Code::kAlreadyExists) << answer.text();
      continue;
    }
    EXPECT_EQ(answer.Int("/0/1/event/seq"), expected++) << answer.text();
  }
  EXPECT_EQ(Must(R"([{"op":"query","from":"lab.jobs"}])").Int("/0/0/count"), 9);
  auto stats = Json::Parse(engine().Stats());
  ASSERT_TRUE(stats.ok());
  EXPECT_LE((*stats)["groups"].AsInt() + 5, (*stats)["batches"].AsInt());
}

TEST_P(EngineContract, BatchesThatShareACommitKeepTheirOwnResultsAndOrder) {
  Gate gate;
  engine().Execute("test.owner", Insert(0), gate.Blocking());
  gate.AwaitEntered();
  std::vector<std::promise<Result<std::string>>> promises(20);
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i);
    const std::string batch =
        i == 10
            ? R"({"parts":[{"ops":[{"op":"update","table":"lab.jobs","where":{"state":"ready"},"set":{"state":"seen"}}]}]})"
            : R"({"parts":[{"ops":[{"op":"append","stream":"odd)" + std::to_string(i % 2) + R"(","type":"t)" + number +
                  R"("},{"op":"insert","table":"lab.jobs","rows":[{"id":)" + std::to_string(100 + i) + R"(},{"id":)" +
                  std::to_string(200 + i) +
                  R"(}]}]},{"ops":[{"op":"insert","table":"lab.notes","row":{"team":"t","place":)" + number +
                  R"(,"stamp":"2026-01-01T00:00:00Z"}}]}]})";
    engine().Execute("test.owner", batch, [&promises, i](Result<std::string> result) {
      promises[static_cast<std::size_t>(i)].set_value(std::move(result));
    });
  }
  gate.Open();
  std::int64_t numbers[2] = {0, 0};
  for (int i = 0; i < 20; ++i) {
    const Answer answer(promises[static_cast<std::size_t>(i)].get_future().get());
    ASSERT_TRUE(answer.ok()) << answer.text();
    if (i == 10) {
      // Row 0 and the two of each batch before this one, none of those after it.
      EXPECT_EQ(answer.At("/0/0/affected"), "21");
      continue;
    }
    EXPECT_EQ(answer.At("/0/0/event/type"), "\"t" + std::to_string(i) + "\"");
    EXPECT_EQ(answer.Int("/0/0/event/seq"), ++numbers[i % 2]);
    EXPECT_EQ(answer.At("/0/1/affected"), "2");
    EXPECT_EQ(answer.At("/1/0/affected"), "1");
  }
  const Answer journal = Must(R"([{"op":"journal","stream":"odd1"},{"op":"query","from":"lab.notes"}])");
  EXPECT_EQ(journal.At("/0/0/last"), "10");
  EXPECT_EQ(journal.At("/0/0/events/9/type"), "\"t19\"");
  EXPECT_EQ(journal.Int("/0/1/count"), 19);
}

TEST_P(EngineContract, AFullQueueRefusesAtOnceWithARetryHint) {
  EngineOptions options;
  options.queue_batches = 2;
  Reopen(options);
  Gate gate;
  engine().Execute("test.owner", Insert(0), gate.Blocking());
  gate.AwaitEntered();
  std::vector<std::promise<Result<std::string>>> promises(3);
  for (int i = 0; i < 3; ++i) {
    engine().Execute("test.owner", Insert(i + 1), [&promises, i](Result<std::string> result) {
      promises[static_cast<std::size_t>(i)].set_value(std::move(result));
    });
  }
  const auto refused = promises[2].get_future().get();
  EXPECT_EQ(refused.status().code(), Code::kResourceExhausted);
  EXPECT_GT(refused.status().retry_after().count(), 0);
  gate.Open();
  EXPECT_TRUE(promises[0].get_future().get().ok());
  EXPECT_TRUE(promises[1].get_future().get().ok());
}

TEST_P(EngineContract, CloseFinishesWhatWasAcceptedAndRefusesTheRest) {
  Gate gate;
  engine().Execute("test.owner", Insert(0), gate.Blocking());
  gate.AwaitEntered();
  std::vector<std::promise<Result<std::string>>> promises(20);
  for (int i = 0; i < 20; ++i) {
    engine().Execute("test.owner", Insert(i + 1), [&promises, i](Result<std::string> result) {
      promises[static_cast<std::size_t>(i)].set_value(std::move(result));
    });
  }
  std::thread closer([this] { engine().Close(); });
  gate.Open();
  for (auto& promise : promises) {
    const auto result = promise.get_future().get();
    EXPECT_TRUE(result.ok()) << result.status().ToString();
  }
  closer.join();
  EXPECT_EQ(RunBatch(Insert(99)).status().code(), Code::kUnavailable);
  Reopen();
  EXPECT_EQ(Must(R"([{"op":"query","from":"lab.jobs"}])").Int("/0/0/count"), 21);
}

TEST_P(EngineContract, JournalNumbersHaveNoGapAndFollowCommitOrderUnderManyWriters) {
  constexpr int kWriters = 8;
  constexpr int kEach = 30;
  std::mutex mutex;
  std::vector<std::int64_t> answered;
  std::atomic<int> failed{0};
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        std::promise<void> promise;
        const int id = i % 5 == 4 ? 1 : 1000 + w * 100 + i;
        engine().Execute("test.owner", Insert(id), [&](Result<std::string> result) {
          if (result.ok()) {
            const std::lock_guard lock(mutex);
            answered.push_back(Answer(std::move(result)).Int("/0/1/event/seq"));
          } else {
            ++failed;
          }
          promise.set_value();
        });
        promise.get_future().wait();
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  EXPECT_EQ(failed, kWriters * kEach / 5 - 1);
  ASSERT_EQ(answered.size(), static_cast<std::size_t>(kWriters * kEach - failed));
  for (std::size_t i = 0; i < answered.size(); ++i) {
    ASSERT_EQ(answered[i], static_cast<std::int64_t>(i + 1));
  }
  const Answer journal = Must(R"([{"op":"journal","stream":"s"}])");
  EXPECT_EQ(journal.Int("/0/0/count"), static_cast<std::int64_t>(answered.size()));
  EXPECT_EQ(journal.Int("/0/0/last"), static_cast<std::int64_t>(answered.size()));
}

}  // namespace tutti::storage::testing
