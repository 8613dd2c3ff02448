#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "suite.h"

namespace tutti::storage_suite {

TEST_P(BasicStorage, OneFailingOperationLeavesNothingBehind) {
  const Answer answer = Run(R"([{"op":"insert","table":"lab.jobs","row":{"id":1}},
     {"op":"append","stream":"s","type":"t"},{"op":"insert","table":"lab.jobs","row":{"id":1}}])");
  EXPECT_EQ(answer.status().code(), Code::kAlreadyExists);
  const Answer after = Must(R"([{"op":"query","from":"lab.jobs"},{"op":"journal","stream":"s"}])");
  EXPECT_EQ(after.At("/0/0/count"), "0");
  EXPECT_EQ(after.At("/0/1"), R"({"count":0,"first":1,"last":0,"next":0,"events":[]})");
}

TEST_P(BasicStorage, UnmetExpectationsRollBackWithTheirCodeAndMessage) {
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

TEST_P(BasicStorage, ExpectedVersionIsCheckedAndRaised) {
  AddTeam(1);
  const std::string update =
      R"([{"op":"update","table":"lab.teams","where":{},"set":{"name":"x"},"expect":{"version":1},"return":["version"]}])";
  EXPECT_EQ(Must(update).At("/0/0/rows/0/new/version"), "2");
  EXPECT_EQ(Run(update).status().code(), Code::kFailedPrecondition);
}

TEST_P(FullStorage, RefsCarryEarlierResultsIntoLaterOperationsAndEvents) {
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

TEST_P(FullStorage, RefsThatLeadNowhereAreRefused) {
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

TEST_P(FullStorage, ValuesBroughtByRefsCannotWidenRights) {
  AddTeam(1);
  Must(R"([{"op":"update","table":"lab.teams","where":{},"set":{"name":"lab.jobs"}}])");
  const Answer answer = RunAs("test.reader", R"([{"op":"query","label":"q","from":"lab.teams"},
     {"op":"query","from":"lab.teams","refs":{"/from":"q.rows/0/name"}}])");
  EXPECT_EQ(answer.status().code(), Code::kPermissionDenied) << answer.text();
}

TEST_P(BasicStorage, RightsAreCheckedPerPartTableAndVerb) {
  AddTeam(1);
  EXPECT_TRUE(RunAs("test.reader", R"([{"op":"query","from":"lab.teams"}])").ok());
  EXPECT_TRUE(RunAs("test.reader", R"([{"op":"insert","table":"lab.jobs","row":{"id":7}}])").ok());
  const std::vector<std::string> denied = {
      R"([{"op":"insert","table":"lab.teams","row":{"name":"x"}}])",
      R"([{"op":"update","table":"lab.jobs","where":{},"set":{"state":"x"}}])",
      R"([{"op":"query","from":"lab.notes"}])",
      R"([{"op":"get","table":"lab.notes","key":{"team":"t","place":1}}])",
      R"([{"op":"upsert","table":"lab.jobs","key":["id"],"row":{"id":1}}])",
      R"([{"op":"delete","table":"lab.jobs","where":{}}])",
  };
  for (const std::string& ops : denied) {
    const Answer answer = RunAs("test.reader", ops);
    EXPECT_EQ(answer.status().code(), Code::kPermissionDenied) << answer.text() << "\nin " << ops;
    EXPECT_EQ(RunAs("test.stranger", ops).status().code(), Code::kPermissionDenied) << ops;
  }
  const Answer mixed = RunBatch(R"({"parts":[{"by":"test.owner","ops":[{"op":"insert","table":"lab.notes",
     "row":{"team":"t","place":1,"stamp":"2026-01-01T00:00:00Z"}}]},{"by":"test.reader","ops":[{"op":"query","from":"lab.notes"}]}]})");
  EXPECT_EQ(mixed.status().code(), Code::kPermissionDenied);
  EXPECT_EQ(mixed.status().details(), R"({"part":1,"op":0,"table":"lab.notes"})");
  EXPECT_EQ(Must(R"([{"op":"query","from":"lab.notes"}])").At("/0/0/count"), "0");
}

TEST_P(FullStorage, RightsReachIntoJoinsBranchesAndCounts) {
  AddTeam(1);
  const std::vector<std::string> denied = {
      R"([{"op":"query","from":"lab.teams","as":"t","join":[{"table":"lab.logs","as":"l","on":{"l.agent_id":"t.id"}}]}])",
      R"([{"op":"query","from":"lab.teams","select":{"n":{"count_of":"lab.logs","match":{"agent_id":"id"}}}}])",
      R"([{"op":"query","branches":[{"from":"lab.teams","order":[{"by":"created"}]},{"from":"lab.logs","order":[{"by":"timestamp"}]}]}])",
      R"([{"op":"query","branches":[{"branches":[{"from":"lab.logs","order":[{"by":"timestamp"}]}]}]}])",
      R"([{"op":"query","from":"lab.teams","total":{"from":"lab.logs"}}])",
      R"([{"op":"claim","table":"lab.jobs","lease":{"owner_column":"owner","until_column":"until","owner":"x","ms":1}}])",
  };
  for (const std::string& ops : denied) {
    const Answer answer = RunAs("test.reader", ops);
    EXPECT_EQ(answer.status().code(), Code::kPermissionDenied) << answer.text() << "\nin " << ops;
    EXPECT_EQ(RunAs("test.stranger", ops).status().code(), Code::kPermissionDenied) << ops;
  }
}

TEST_P(BasicStorage, PartsAnswerSeparatelyAndShareOneTransaction) {
  const Answer answer = RunBatch(R"({"parts":[{"ops":[{"op":"insert","table":"lab.jobs","row":{"id":1}}]},{"ops":[]},
     {"by":"test.owner","ops":[{"op":"query","from":"lab.jobs","select":["id"]}]}]})");
  EXPECT_EQ(answer.At(""), R"([[{"affected":1}],[],[{"count":1,"rows":[{"id":1}]}]])");
}

TEST_P(BasicStorage, MalformedBatchesAreRefused) {
  std::string deep = R"({"parts":[{"ops":[{"op":"insert","table":"lab.things","row":{"id":1,"a_json":)";
  deep += std::string(5000, '[') + std::string(5000, ']') + "}}]}]}";
  for (const std::string& batch : {std::string("{"), std::string("[]"), std::string("{}"),
                                   std::string(R"({"parts":[{}]})"), std::string(R"({"parts":[{"ops":[7]}]})"), deep}) {
    EXPECT_EQ(RunBatch(batch).status().code(), Code::kInvalidArgument) << batch.substr(0, 80);
  }
}

TEST_P(BasicStorage, JournalNumbersHaveNoGapUnderManyWriters) {
  constexpr int kWriters = 8;
  constexpr int kEach = 30;
  Must(R"([{"op":"insert","table":"lab.jobs","row":{"id":1}}])");
  std::mutex mutex;
  std::set<std::int64_t> answered;
  std::atomic<int> failed{0};
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        // Every fifth repeats an id that is taken.
        const std::string id = std::to_string(i % 5 == 4 ? 1 : 1000 + w * 100 + i);
        Result<std::string> result = storage().Execute(
            "test.owner", R"({"parts":[{"ops":[{"op":"insert","table":"lab.jobs","row":{"id":)" + id +
                              R"(}},{"op":"append","stream":"s","type":"t","data":{"id":)" + id + "}}]}]}");
        if (!result.ok()) {
          ++failed;
          continue;
        }
        const std::lock_guard lock(mutex);
        answered.insert(Answer(std::move(result)).Int("/0/1/event/seq"));
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  EXPECT_EQ(failed, kWriters * kEach / 5);
  ASSERT_EQ(answered.size(), static_cast<std::size_t>(kWriters * kEach - failed));
  EXPECT_EQ(*answered.begin(), 1);
  EXPECT_EQ(*answered.rbegin(), static_cast<std::int64_t>(answered.size()));
  const Answer journal = Must(R"([{"op":"journal","stream":"s"}])");
  EXPECT_EQ(journal.Int("/0/0/count"), static_cast<std::int64_t>(answered.size()));
  EXPECT_EQ(journal.Int("/0/0/last"), static_cast<std::int64_t>(answered.size()));
}

TEST_P(BasicStorage, JournalEventsKeepTheirShapeAndPage) {
  const Answer appended =
      Must(R"([{"op":"append","stream":"s","type":"agent_log","run":"r1","agent":"a1","data":{"z":1,"a":"\u0000"}},
     {"op":"append","stream":"s","type":"other"},{"op":"append","stream":"elsewhere","type":"other"}])");
  const std::string event = appended.At("/0/0/event");
  EXPECT_TRUE(event.starts_with(R"({"stream":"s","seq":1,"time":"20)")) << event;
  EXPECT_TRUE(
      event.ends_with("+00:00\",\"type\":\"agent_log\",\"run\":\"r1\",\"agent\":\"a1\",\"tree\":null,\"data\":{\"z\":1,"
                      "\"a\":\"\xEF\xBF\xBD\"}}"))
      << event;
  const Answer journal =
      Must(R"([{"op":"journal","stream":"s","since":0,"limit":1},{"op":"journal","stream":"s","since":1},
                                  {"op":"journal","stream":"s","since":2},{"op":"journal","stream":"none"}])");
  EXPECT_EQ(journal.At("/0/0/events/0"), event);
  EXPECT_EQ(journal.At("/0/0/count"), "1");
  EXPECT_EQ(journal.At("/0/1/events/0/seq"), "2");
  EXPECT_EQ(journal.At("/0/1/events/0/run"), "null");
  EXPECT_EQ(journal.At("/0/2"), R"({"count":0,"first":1,"last":2,"next":2,"events":[]})");
  EXPECT_EQ(journal.At("/0/3"), R"({"count":0,"first":1,"last":0,"next":0,"events":[]})");
}

TEST_P(BasicStorage, JournalAndRowsSurviveReopening) {
  Must(R"([{"op":"insert","table":"lab.jobs","row":{"id":1}},{"op":"append","stream":"s","type":"t"}])");
  ASSERT_NO_FATAL_FAILURE(Reopen());
  Must(R"([{"op":"append","stream":"s","type":"t"}])");
  const Answer answer = Must(R"([{"op":"query","from":"lab.jobs","select":["id"]},{"op":"journal","stream":"s"}])");
  EXPECT_EQ(answer.At("/0/0/rows"), R"([{"id":1}])");
  EXPECT_EQ(answer.At("/0/1/last"), "2");
}

TEST_P(FullStorage, ConcurrentClaimsNeverShareARow) {
  std::string rows;
  for (int i = 0; i < 60; ++i) {
    rows += (i > 0 ? "," : "") + std::string("{\"id\":") + std::to_string(i) + "}";
  }
  Must(R"([{"op":"insert","table":"lab.jobs","rows":[)" + rows + "]}]");
  // A storage that keeps its database for itself refuses the second opening; then all share the first.
  Result<std::unique_ptr<Storage>> second = backend().Open();
  if (second.ok()) {
    const auto ensured = (*second)->EnsureSchema(schema());
    ASSERT_TRUE(ensured.ok()) << ensured.status().ToString();
  }
  std::mutex mutex;
  std::multiset<std::int64_t> taken;
  std::vector<std::thread> workers;
  for (int w = 0; w < 4; ++w) {
    workers.emplace_back([&, w] {
      Storage& mine = w % 2 == 0 || !second.ok() ? storage() : **second;
      while (true) {
        const Answer answer(
            mine.Execute("test.owner", R"({"parts":[{"ops":[{"op":"claim","table":"lab.jobs","limit":3,"return":["id"],
            "lease":{"owner_column":"owner","until_column":"until","owner":"w","ms":600000}}]}]})"));
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

}  // namespace tutti::storage_suite
