#include "writer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sqlite_dialect.h"

namespace tutti::storage {
namespace {

// What the scripted database does, shared by its connections.
struct Script {
  int connections = 0;
  int refuse_connections = 0;  // so many attempts fail
  int lose_at_begin = 0;       // so many connections are lost when a transaction begins
  std::string fails;           // the statement with this text fails
  bool failure_ends_transaction = false;
  std::string aborted;  // so many runs of the statement with this text are ended because of another host
  int aborts = 0;
  Status commit;  // what COMMIT answers
  bool commit_loses_connection = false;
  int commits_lost = 0;         // so many lose the connection and are not made
  int commit_answers_lost = 0;  // so many are made and lose the connection
  int refuse_after_loss = 0;    // refuse_connections from such a loss on
  bool knows_marks = false;
  CommitMark mark;                     // of the newest commit
  std::vector<std::string> committed;  // statements that a COMMIT made last
};

class ScriptedConnection final : public Connection {
 public:
  explicit ScriptedConnection(Script& script) : script_(script) {}

  Result<std::int64_t> Run(const Statement& statement, const RowVisitor&) override {
    const std::string text = std::get<std::string>(statement.parameters.at(0).value);
    if (text == script_.fails) {
      in_transaction_ = !script_.failure_ends_transaction;
      return Status::InvalidArgument("scripted failure");
    }
    if (text == script_.aborted && script_.aborts > 0) {
      --script_.aborts;
      in_transaction_ = !script_.failure_ends_transaction;
      return Status(Code::kAborted, "scripted deadlock");
    }
    pending_.push_back(text);
    return std::int64_t{1};
  }

  Result<std::int64_t> Insert(const Table&, const RowPointers&, bool) override { return std::int64_t{0}; }

  Status Control(const std::string& sql) override {
    if (sql == "BEGIN") {
      if (script_.lose_at_begin > 0) {
        --script_.lose_at_begin;
        usable_ = false;
        return Status::Unavailable("scripted loss");
      }
      in_transaction_ = true;
      pending_.clear();
    } else if (sql == "SAVEPOINT batch") {
      savepoint_ = pending_.size();
    } else if (sql == "ROLLBACK TO SAVEPOINT batch") {
      pending_.resize(savepoint_);
    } else if (sql == "COMMIT") {
      in_transaction_ = false;
      if (script_.commits_lost > 0) {
        --script_.commits_lost;
        return Lose();
      }
      usable_ = !script_.commit_loses_connection;
      if (script_.commit.ok()) {
        script_.committed.insert(script_.committed.end(), pending_.begin(), pending_.end());
      }
      if (script_.commit_answers_lost > 0) {
        --script_.commit_answers_lost;
        script_.mark = mark_;
        return Lose();
      }
      return script_.commit;
    } else if (sql == "ROLLBACK") {
      in_transaction_ = false;
    }
    return {};
  }

  Status Commit(const CommitMark& mark) override {
    mark_ = mark;
    return Control("COMMIT");
  }

  [[nodiscard]] bool in_transaction() const override { return in_transaction_; }

  [[nodiscard]] bool usable() const override { return usable_; }

 private:
  Status Lose() {
    usable_ = false;
    script_.refuse_connections = script_.refuse_after_loss;
    return Status::Unavailable("scripted loss");
  }

  Script& script_;
  std::vector<std::string> pending_;
  std::size_t savepoint_ = 0;
  CommitMark mark_;
  bool in_transaction_ = false;
  bool usable_ = true;
};

class ScriptedDriver final : public Driver {
 public:
  explicit ScriptedDriver(Script& script) : script_(script) {}

  [[nodiscard]] const Dialect& dialect() const override { return dialect_; }

  Result<std::unique_ptr<Connection>> Connect(Access) override {
    ++script_.connections;
    if (script_.refuse_connections > 0) {
      --script_.refuse_connections;
      return Status::Unavailable("scripted: away");
    }
    return std::unique_ptr<Connection>(std::make_unique<ScriptedConnection>(script_));
  }

  [[nodiscard]] std::string Begin(Access) const override { return "BEGIN"; }

  Result<bool> WasCommitted(Connection& connection, const CommitMark& mark) override {
    return script_.knows_marks ? Result<bool>(script_.mark.writer == mark.writer && script_.mark.number == mark.number)
                               : Driver::WasCommitted(connection, mark);
  }

  Status PrepareStore(Connection&) override { return {}; }

  Status Migrate(Connection&, const Namespace&, std::vector<std::string>&, std::vector<std::string>&) override {
    return {};
  }

  [[nodiscard]] std::string engine_name() const override { return "scripted"; }

  [[nodiscard]] std::string engine_version() const override { return "1"; }

 private:
  Script& script_;
  const sqlite::SqliteDialect dialect_;
};

class WriterTest : public ::testing::Test {
 protected:
  // Runs one group of deletes, one batch per text, and returns how each ended.
  std::vector<std::string> Run(const std::vector<std::string>& texts, std::chrono::milliseconds waited = {},
                               const std::string& members = {}) {
    const Catalog none;
    auto space = ParseNamespace(
        R"({"namespace":"a","version":1,"owner":"o","tables":{"t":{"columns":{"id":{"type":"text","primary":true}}}}})",
        none);
    auto catalog = none.With(*space);
    std::vector<Job> jobs;
    std::vector<std::string> ended(texts.size(), "never answered");
    for (std::size_t i = 0; i < texts.size(); ++i) {
      auto batch = Batch::Parse(
          "o",
          "{" + members + R"("parts":[{"ops":[{"op":"delete","table":"a.t","where":{"id":")" + texts[i] + R"("}}]}]})",
          *catalog, driver_.dialect(), {});
      EXPECT_TRUE(batch.ok()) << batch.status().ToString();
      Job job;
      job.batch = std::move(*batch);
      job.queued -= waited;
      job.done = [&ended, i](const Result<std::string>& result) {
        EXPECT_EQ(ended[i], "never answered");
        ended[i] = result.ok() ? "ok" : result.status().ToString();
      };
      jobs.push_back(std::move(job));
    }
    writer_.Run(std::move(jobs));
    return ended;
  }

  using Texts = std::vector<std::string>;

  Script script_;
  ScriptedDriver driver_{script_};
  Link link_{driver_, Driver::Access::kWrite};
  Writer writer_{link_, std::chrono::milliseconds(30000), std::chrono::milliseconds(0)};
};

TEST_F(WriterTest, AGroupCommitsOnceAndAnswersEach) {
  EXPECT_EQ(Run({"a", "b", "c"}), (Texts{"ok", "ok", "ok"}));
  EXPECT_EQ(script_.committed, (Texts{"a", "b", "c"}));
  EXPECT_EQ(writer_.groups(), 1U);
}

TEST_F(WriterTest, AFailingBatchIsTakenBackAlone) {
  script_.fails = "b";
  EXPECT_EQ(Run({"a", "b", "c"}), (Texts{"ok", "INVALID_ARGUMENT: scripted failure", "ok"}));
  EXPECT_EQ(script_.committed, (Texts{"a", "c"}));
}

TEST_F(WriterTest, WhenAFailureEndsTheTransactionTheOthersRunAgain) {
  script_.fails = "b";
  script_.failure_ends_transaction = true;
  EXPECT_EQ(Run({"a", "b", "c"}), (Texts{"ok", "INVALID_ARGUMENT: scripted failure", "ok"}));
  EXPECT_EQ(script_.committed, (Texts{"a", "c"}));
}

TEST_F(WriterTest, WhatAnotherHostCameBetweenIsDoneAfterTheOthersWereCommitted) {
  for (const bool ends_transaction : {false, true}) {
    script_.committed.clear();
    script_.aborted = "b";
    script_.aborts = 2;
    script_.failure_ends_transaction = ends_transaction;
    EXPECT_EQ(Run({"a", "b", "c"}), (Texts{"ok", "ok", "ok"}));
    Texts committed = script_.committed;
    std::sort(committed.begin(), committed.end());
    EXPECT_EQ(committed, (Texts{"a", "b", "c"}));
  }
  script_.aborts = 1;
  EXPECT_EQ(Run({"b"}), (Texts{"ok"}));
}

TEST_F(WriterTest, WhatIsAbortedAgainAndAgainIsToldSo) {
  script_.aborted = "b";
  script_.aborts = 1000;
  EXPECT_EQ(Run({"a", "b"}), (Texts{"ok", "ABORTED: scripted deadlock"}));
  EXPECT_EQ(script_.committed, (Texts{"a"}));
}

TEST_F(WriterTest, AFailingCommitFailsEveryBatchOfTheGroup) {
  script_.commit = Status::ResourceExhausted("disk full");
  EXPECT_EQ(Run({"a", "b"}), (Texts{"RESOURCE_EXHAUSTED: disk full", "RESOURCE_EXHAUSTED: disk full"}));
  EXPECT_TRUE(script_.committed.empty());
}

TEST_F(WriterTest, AConnectionLostInCommitLeavesTheOutcomeUnknownAndIsNotRetried) {
  script_.commit = Status::Unavailable("gone");
  script_.commit_loses_connection = true;
  const Texts ended = Run({"a"});
  EXPECT_NE(ended[0].find("unknown"), std::string::npos) << ended[0];
  EXPECT_TRUE(script_.committed.empty());
}

TEST_F(WriterTest, ACommitWhoseAnswerWasLostIsAskedForAndAnsweredAsItEnded) {
  script_.commit_answers_lost = 1;
  script_.knows_marks = true;
  EXPECT_EQ(Run({"a"}), (Texts{"ok"}));
  EXPECT_EQ(script_.committed, (Texts{"a"}));
  EXPECT_EQ(script_.connections, 2);
}

TEST_F(WriterTest, ACommitThatNeverArrivedIsMadeAgain) {
  script_.commits_lost = 1;
  script_.knows_marks = true;
  EXPECT_EQ(Run({"a", "b"}), (Texts{"ok", "ok"}));
  EXPECT_EQ(script_.committed, (Texts{"a", "b"}));
}

TEST_F(WriterTest, WhileNobodyCanBeAskedItIsUnknownAndTheNextTryGetsTheFirstAnswer) {
  script_.commit_answers_lost = 1;
  script_.knows_marks = true;
  script_.refuse_after_loss = 1000;
  const Texts ended = Run({"a"}, {}, R"("id":"step 1",)");
  EXPECT_TRUE(ended[0].starts_with("UNAVAILABLE") && ended[0].find("unknown") != std::string::npos) << ended[0];
  const Texts away = Run({"a"}, {}, R"("id":"step 1",)");
  EXPECT_EQ(away, (Texts{"UNAVAILABLE: scripted: away"}));
  script_.refuse_connections = 0;
  Texts again;
  // Attempts to connect right after a failed one are not made.
  for (again = Run({"a"}, {}, R"("id":"step 1",)"); again[0] == "UNAVAILABLE: scripted: away";) {
    again = Run({"a"}, {}, R"("id":"step 1",)");
  }
  EXPECT_EQ(again, (Texts{"ok"}));
  EXPECT_EQ(script_.committed, (Texts{"a"}));
  EXPECT_EQ(Run({"b"}, {}, R"("id":"step 2",)"), (Texts{"ok"}));
  EXPECT_EQ(script_.committed, (Texts{"a", "b"}));
}

TEST_F(WriterTest, ACommitThatWasNotMadeRunsWithItsNextTry) {
  script_.commits_lost = 1;
  script_.knows_marks = true;
  script_.refuse_after_loss = 1000;
  EXPECT_NE(Run({"a"}, {}, R"("id":"step 1",)")[0].find("unknown"), std::string::npos);
  EXPECT_TRUE(script_.committed.empty());
  script_.refuse_connections = 0;
  Texts again{"UNAVAILABLE: scripted: away"};
  while (again[0] == "UNAVAILABLE: scripted: away") {
    again = Run({"a"}, {}, R"("id":"step 1",)");
  }
  EXPECT_EQ(again, (Texts{"ok"}));
  EXPECT_EQ(script_.committed, (Texts{"a"}));
}

TEST_F(WriterTest, TroubleIsKnownUntilSomethingIsStored) {
  EXPECT_EQ(writer_.health().trouble(), "");
  script_.commit = Status::Unavailable("disk full");
  (void)Run({"a"});
  EXPECT_EQ(writer_.health().trouble(), "disk full");
  script_.fails = "b";
  (void)Run({"b"});
  EXPECT_EQ(writer_.health().trouble(), "disk full");
  script_.commit = Status();
  (void)Run({"c"});
  EXPECT_EQ(writer_.health().trouble(), "");
}

TEST_F(WriterTest, AConnectionLostBeforeCommitIsReplacedOnce) {
  script_.lose_at_begin = 1;
  EXPECT_EQ(Run({"a", "b"}), (Texts{"ok", "ok"}));
  EXPECT_EQ(script_.connections, 2);
  script_.lose_at_begin = 3;
  link_.Discard();
  const Texts ended = Run({"a"});
  EXPECT_NE(ended[0].find("nothing was stored (scripted loss)"), std::string::npos) << ended[0];
}

TEST_F(WriterTest, WhileTheDatabaseIsAwayEveryBatchIsAnswered) {
  script_.refuse_connections = 1;
  EXPECT_EQ(Run({"a", "b"}), (Texts{"UNAVAILABLE: scripted: away", "UNAVAILABLE: scripted: away"}));
  EXPECT_EQ(link_.trouble(), "scripted: away");
}

TEST_F(WriterTest, ABatchThatWaitedTooLongIsNotRun) {
  const Texts ended = Run({"a"}, std::chrono::minutes(10));
  EXPECT_TRUE(ended[0].starts_with("UNAVAILABLE: the database is too slow")) << ended[0];
  EXPECT_TRUE(script_.committed.empty());
}

}  // namespace
}  // namespace tutti::storage
