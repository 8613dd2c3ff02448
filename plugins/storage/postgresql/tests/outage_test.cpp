#include <atomic>
#include <thread>

#include "engine_fixture.h"

namespace tutti::storage::postgresql {
namespace {

std::string Insert(int id) {
  return R"([{"op":"insert","table":"a.t","row":{"id":)" + std::to_string(id) + "}}]";
}

// Runs the operations again until the database is back.
Result<std::string> Eventually(const std::function<Result<std::string>()>& run) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  auto result = run();
  while (!result.ok() && result.status().code() == Code::kUnavailable && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
    result = run();
  }
  return result;
}

TEST_F(PostgresqlEngine, WhileTheDatabaseIsAwayEverythingAnswersUnavailableAndThenRecovers) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Run(Insert(1)).ok());
  server().Stop();
  for (const std::string& ops : {Insert(2), std::string(R"([{"op":"query","from":"a.t"}])")}) {
    const auto away = Run(ops);
    EXPECT_EQ(away.status().code(), Code::kUnavailable) << away.status().ToString();
    EXPECT_GT(away.status().retry_after().count(), 0);
    EXPECT_EQ(away.status().message().find("pa55"), std::string_view::npos);
  }
  EXPECT_NE(engine_->Stats().find(R"("healthy":false)"), std::string::npos) << engine_->Stats();
  ASSERT_TRUE(server().Start()) << server().error();
  const auto stored = Eventually([&] { return Run(Insert(2)); });
  EXPECT_TRUE(stored.ok()) << stored.status().ToString();
  const auto read = Eventually([&] { return Run(R"([{"op":"query","from":"a.t","select":["id"]}])"); });
  EXPECT_EQ(read.ok() ? *read : read.status().ToString(),
            R"({"results":[[{"count":2,"rows":[{"id" : 1},{"id" : 2}]}]]})");
  EXPECT_NE(engine_->Stats().find(R"("healthy":true)"), std::string::npos) << engine_->Stats();
}

TEST_F(PostgresqlEngine, ARestartedServerIsMetWithAFreshSessionAndNoError) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Run(Insert(1)).ok());
  ASSERT_TRUE(Run(R"([{"op":"query","from":"a.t"}])").ok());
  server().Stop();
  ASSERT_TRUE(server().Start()) << server().error();
  const auto stored = Run(Insert(2));
  EXPECT_TRUE(stored.ok()) << stored.status().ToString();
  const auto read = Run(R"([{"op":"query","from":"a.t"}])");
  EXPECT_TRUE(read.ok()) << read.status().ToString();
}

TEST_F(PostgresqlEngine, OpenFailsWhileTheDatabaseIsAwayAndSucceedsLater) {
  server().Stop();
  const Status away = Open();
  EXPECT_EQ(away.code(), Code::kUnavailable) << away.ToString();
  ASSERT_TRUE(server().Start()) << server().error();
  const auto opened = Eventually([&]() -> Result<std::string> {
    Status status = engine_->Open();
    return status.ok() ? Result<std::string>(std::string()) : status;
  });
  EXPECT_TRUE(opened.ok()) << opened.status().ToString();
}

TEST_F(PostgresqlEngine, SessionsKilledAtRandomLoseNothingAcknowledged) {
  ASSERT_TRUE(Open().ok());
  constexpr int kThreads = 8;
  constexpr int kEach = 20;
  std::atomic<bool> done{false};
  std::atomic<int> failed{0};
  std::atomic<int> stored_count{0};
  std::thread killer([&] {
    for (int before = -1; !done;) {
      // After every progress: what is killed faster than it can connect makes none.
      if (stored_count == before) {
        std::this_thread::yield();
        continue;
      }
      before = stored_count;
      Sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
          "pg_backend_pid() AND application_name = 'tutti' ORDER BY random() LIMIT 1");
    }
  });
  std::vector<std::thread> writers;
  for (int w = 0; w < kThreads; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        const auto stored = Eventually([&] {
          return Run(R"([{"op":"insert","table":"a.t","row":{"id":)" + std::to_string(w * 1000 + i) +
                     R"(},"ignore_conflict":true}])");
        });
        failed += stored.ok() ? 0 : 1;
        ++stored_count;
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  done = true;
  killer.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(Sql("SELECT count(*) FROM a_t"), std::to_string(kThreads * kEach));
}

}  // namespace
}  // namespace tutti::storage::postgresql
