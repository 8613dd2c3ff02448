#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "contract.h"

namespace tutti::storage::testing {

TEST_P(StorageContract, OneFailingOperationLeavesNothingBehind) {
  const Answer answer = Run(R"([{"op":"insert","table":"lab.jobs","row":{"id":1}},
     {"op":"append","stream":"s","type":"t"},{"op":"insert","table":"lab.jobs","row":{"id":1}}])");
  EXPECT_EQ(answer.status().code(), Code::kAlreadyExists);
  const Answer after = Must(R"([{"op":"query","from":"lab.jobs"},{"op":"journal","stream":"s"}])");
  EXPECT_EQ(after.At("/0/0/count"), "0");
  EXPECT_EQ(after.At("/0/1"), R"({"count":0,"first":1,"last":0,"events":[]})");
}

TEST_P(StorageContract, UnmetExpectationsRollBackWithTheirCodeAndMessage) {
  AddTeam(1);
  const Answer answer = Run(R"([{"op":"update","table":"lab.teams","where":{},"set":{"name":"changed"}},
     {"op":"update","table":"lab.teams","where":{"name":"nobody"},"set":{"tokens":1},
      "expect":{"affected":1,"code":"NOT_FOUND","message":"no such team"}}])");
  EXPECT_EQ(answer.status().ToString(), "NOT_FOUND: no such team");
  EXPECT_EQ(answer.status().details(), R"({"part":0,"op":1,"table":"lab.teams"})");
  EXPECT_EQ(Run(R"([{"op":"delete","table":"lab.jobs","where":{},"expect":{"affected":3}}])").status().code(),
            Code::kFailedPrecondition);
  EXPECT_EQ(Must(R"([{"op":"query","from":"lab.teams"}])").At("/0/0/rows/0/name"), "\"team 1\"");
}

TEST_P(StorageContract, ExpectedVersionIsCheckedAndRaised) {
  AddTeam(1);
  const std::string update =
      R"([{"op":"update","table":"lab.teams","where":{},"set":{"name":"x"},"expect":{"version":1},"return":["version"]}])";
  EXPECT_EQ(Must(update).At("/0/0/rows/0/new/version"), "2");
  EXPECT_EQ(Run(update).status().code(), Code::kFailedPrecondition);
}

TEST_P(StorageContract, RefsCarryEarlierResultsIntoLaterOperationsAndEvents) {
  AddTeam(1);
  const Answer answer = Must(R"([
    {"op":"update","label":"state","table":"lab.teams","where":{},"set":{"status":"executing"},"add":{"tokens":7},"return":["status","tokens","id"]},
    {"op":"append","label":"first","stream":"s","type":"changed","data":{"id":"?"},"refs":{"/data/old":"state.rows/0/old/status","/data/tokens":"state.rows/0/new/tokens"}},
    {"op":"append","stream":"s","type":"again","data":{},"refs":{"/data/previous":"first.event/seq"}},
    {"op":"insert","table":"lab.notes","row":{"place":1,"stamp":"2026-01-01T00:00:00Z"},"refs":{"/row/team":"state.rows/0/new/id"}},
    {"op":"query","from":"lab.notes","select":["team"]}])");
  EXPECT_EQ(answer.At("/0/1/event/data"), R"({"id":"?","old":null,"tokens":7})");
  EXPECT_EQ(answer.At("/0/2/event/data"), R"({"previous":1})");
  EXPECT_EQ(answer.At("/0/4/rows/0/team"), "\"" + Id(1) + "\"");
}

TEST_P(StorageContract, RefsThatLeadNowhereAreRefused) {
  struct Case {
    const char* ops;
    Code code;
  };

  const std::vector<Case> cases = {
      {R"([{"op":"query","from":"lab.teams","where":{},"refs":{"/where/name":"nobody.rows/0"}}])",
       Code::kInvalidArgument},
      {R"([{"op":"query","label":"q","from":"lab.teams"},{"op":"query","from":"lab.teams","where":{},"refs":{"/where/name":"q.rows/0/name"}}])",
       Code::kFailedPrecondition},
      {R"([{"op":"query","label":"q","from":"lab.teams"},{"op":"insert","table":"lab.jobs","rows":[],"refs":{"/rows/4000000000":"q.count"}}])",
       Code::kInvalidArgument},
      {R"([{"op":"query","label":"q","from":"lab.teams"},{"op":"query","from":"lab.teams","refs":{"/op":"q.count"}}])",
       Code::kInvalidArgument},
      {R"([{"op":"append","label":"e","stream":"s","type":"t"},{"op":"insert","table":"lab.jobs","row":{},"refs":{"/row/id":"e.event/seq"}}])",
       Code::kInvalidArgument},
  };
  for (const Case& one : cases) {
    const Answer answer = Run(one.ops);
    EXPECT_EQ(answer.status().code(), one.code) << answer.text() << "\nin " << one.ops;
  }
}

TEST_P(StorageContract, ValuesBroughtByRefsCannotWidenRights) {
  AddTeam(1);
  Must(R"([{"op":"update","table":"lab.teams","where":{},"set":{"name":"lab.jobs"}}])");
  const Answer answer = RunAs("test.reader", R"([{"op":"query","label":"q","from":"lab.teams"},
     {"op":"query","from":"lab.teams","refs":{"/from":"q.rows/0/name"}}])");
  EXPECT_EQ(answer.status().code(), Code::kPermissionDenied) << answer.text();
}

TEST_P(StorageContract, RightsAreCheckedPerPartTableAndVerb) {
  AddTeam(1);
  EXPECT_TRUE(RunAs("test.reader", R"([{"op":"query","from":"lab.teams"}])").ok());
  const std::vector<std::string> denied = {
      R"([{"op":"insert","table":"lab.teams","row":{"name":"x"}}])",
      R"([{"op":"update","table":"lab.agents","where":{},"set":{"name":"x"}}])",
      R"([{"op":"query","from":"lab.jobs"}])",
      R"([{"op":"query","from":"lab.teams","as":"t","join":[{"table":"lab.logs","as":"l","on":{"l.agent_id":"t.id"}}]}])",
      R"([{"op":"query","from":"lab.teams","select":{"n":{"count_of":"lab.logs","match":{"agent_id":"id"}}}}])",
      R"([{"op":"query","branches":[{"from":"lab.teams","order":[{"by":"created"}]},{"from":"lab.logs","order":[{"by":"timestamp"}]}]}])",
      R"([{"op":"get","table":"lab.jobs","key":{"id":1}}])",
      R"([{"op":"upsert","table":"lab.agents","key":["id"],"row":{"name":"x"}}])",
      R"([{"op":"delete","table":"lab.agents","where":{}}])",
  };
  for (const std::string& ops : denied) {
    const Answer answer = RunAs("test.reader", ops);
    EXPECT_EQ(answer.status().code(), Code::kPermissionDenied) << answer.text() << "\nin " << ops;
    EXPECT_EQ(RunAs("test.stranger", ops).status().code(), Code::kPermissionDenied) << ops;
  }
  const Answer mixed =
      RunBatch(R"({"parts":[{"by":"test.owner","ops":[{"op":"insert","table":"lab.jobs","row":{"id":1}}]},
     {"by":"test.reader","ops":[{"op":"insert","table":"lab.jobs","row":{"id":2}}]}]})");
  EXPECT_EQ(mixed.status().code(), Code::kPermissionDenied);
  EXPECT_EQ(mixed.status().details(), R"({"part":1,"op":0,"table":"lab.jobs"})");
  EXPECT_EQ(Must(R"([{"op":"query","from":"lab.jobs"}])").At("/0/0/count"), "0");
}

TEST_P(StorageContract, PartsAnswerSeparatelyAndShareOneTransaction) {
  const Answer answer = RunBatch(R"({"parts":[{"ops":[{"op":"insert","table":"lab.jobs","row":{"id":1}}]},{"ops":[]},
     {"by":"test.owner","ops":[{"op":"query","from":"lab.jobs","select":["id"]}]}]})");
  EXPECT_EQ(answer.At(""), R"([[{"affected":1}],[],[{"count":1,"rows":[{"id":1}]}]])");
}

TEST_P(StorageContract, MalformedBatchesAreRefused) {
  std::string deep = R"({"parts":[{"ops":[{"op":"insert","table":"lab.things","row":{"id":1,"a_json":)";
  deep += std::string(5000, '[') + std::string(5000, ']') + "}}]}]}";
  for (const std::string& batch : {std::string("{"), std::string("[]"), std::string("{}"),
                                   std::string(R"({"parts":[{}]})"), std::string(R"({"parts":[{"ops":[7]}]})"), deep}) {
    EXPECT_EQ(RunBatch(batch).status().code(), Code::kInvalidArgument) << batch.substr(0, 80);
  }
}

TEST_P(StorageContract, BoundsOnBatchAndResultAreKept) {
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

TEST_P(StorageContract, BatchesThatShareACommitFailAlone) {
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

TEST_P(StorageContract, BatchesThatShareACommitKeepTheirOwnResultsAndOrder) {
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

TEST_P(StorageContract, AFullQueueRefusesAtOnceWithARetryHint) {
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

TEST_P(StorageContract, CloseFinishesWhatWasAcceptedAndRefusesTheRest) {
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

TEST_P(StorageContract, JournalNumbersHaveNoGapAndFollowCommitOrderUnderManyWriters) {
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

TEST_P(StorageContract, JournalEventsKeepTheirShapeAndPage) {
  const Answer appended =
      Must(R"([{"op":"append","stream":"s","type":"agent_log","run":"r1","agent":"a1","data":{"z":1,"a":"\u0000"}},
     {"op":"append","stream":"s","type":"other"},{"op":"append","stream":"elsewhere","type":"other"}])");
  const std::string event = appended.At("/0/0/event");
  EXPECT_TRUE(event.starts_with(R"({"stream":"s","seq":1,"time":"20)")) << event;
  EXPECT_TRUE(event.ends_with(
      "+00:00\",\"type\":\"agent_log\",\"run\":\"r1\",\"agent\":\"a1\",\"data\":{\"z\":1,\"a\":\"\xEF\xBF\xBD\"}}"))
      << event;
  const Answer journal =
      Must(R"([{"op":"journal","stream":"s","since":0,"limit":1},{"op":"journal","stream":"s","since":1},
                                  {"op":"journal","stream":"s","since":2},{"op":"journal","stream":"none"}])");
  EXPECT_EQ(journal.At("/0/0/events/0"), event);
  EXPECT_EQ(journal.At("/0/0/count"), "1");
  EXPECT_EQ(journal.At("/0/1/events/0/seq"), "2");
  EXPECT_EQ(journal.At("/0/1/events/0/run"), "null");
  EXPECT_EQ(journal.At("/0/2"), R"({"count":0,"first":1,"last":2,"events":[]})");
  EXPECT_EQ(journal.At("/0/3"), R"({"count":0,"first":1,"last":0,"events":[]})");
}

TEST_P(StorageContract, JournalAndRowsSurviveReopening) {
  Must(R"([{"op":"insert","table":"lab.jobs","row":{"id":1}},{"op":"append","stream":"s","type":"t"}])");
  Reopen();
  Must(R"([{"op":"append","stream":"s","type":"t"}])");
  const Answer answer = Must(R"([{"op":"query","from":"lab.jobs","select":["id"]},{"op":"journal","stream":"s"}])");
  EXPECT_EQ(answer.At("/0/0/rows"), R"([{"id":1}])");
  EXPECT_EQ(answer.At("/0/1/last"), "2");
}

TEST_P(StorageContract, ConcurrentClaimsNeverShareARow) {
  std::string rows;
  for (int i = 0; i < 60; ++i) {
    rows += (i > 0 ? "," : "") + std::string("{\"id\":") + std::to_string(i) + "}";
  }
  Must(R"([{"op":"insert","table":"lab.jobs","rows":[)" + rows + "]}]");
  auto second = backend().MakeEngine({});
  ASSERT_TRUE(second->Open().ok());
  ASSERT_TRUE(second->EnsureSchema(Schema()).ok());
  std::mutex mutex;
  std::multiset<std::int64_t> taken;
  std::vector<std::thread> workers;
  for (int w = 0; w < 4; ++w) {
    workers.emplace_back([&, w] {
      Engine& mine = w % 2 == 0 ? engine() : *second;
      while (true) {
        std::promise<Result<std::string>> promise;
        mine.Execute("test.owner", R"({"parts":[{"ops":[{"op":"claim","table":"lab.jobs","limit":3,"return":["id"],
            "lease":{"owner_column":"owner","until_column":"until","owner":"w","ms":600000}}]}]})",
                     [&](Result<std::string> result) { promise.set_value(std::move(result)); });
        const Answer answer(promise.get_future().get());
        ASSERT_TRUE(answer.ok()) << answer.text();
        const std::int64_t count = answer.Int("/0/0/affected");
        const std::lock_guard lock(mutex);
        for (std::int64_t i = 0; i < count; ++i) {
          taken.insert(answer.Int("/0/0/rows/" + std::to_string(i) + "/id"));
        }
        if (count == 0) {
          return;
        }
      }
    });
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
  EXPECT_EQ(taken.size(), 60U);
  EXPECT_EQ(std::set<std::int64_t>(taken.begin(), taken.end()).size(), 60U);
}

}  // namespace tutti::storage::testing
