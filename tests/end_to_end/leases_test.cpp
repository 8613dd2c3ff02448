// Two servers on one database: a run belongs to the one that holds its lease, and to no other at the same time.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

class Leases : public Orchestrator {
 protected:
  void SetUp() override {
    Orchestrator::SetUp();
    ServerProcess::Options options = Options();
    options.data = directory_.MakeDirectory("second");
    second_ = std::make_unique<ServerProcess>(options);
    ASSERT_TRUE(second_->WaitUntilReady()) << second_->output();
  }

  void TearDown() override {
    Orchestrator::TearDown();
    EXPECT_EQ(second_->Stop(), 0) << second_->output();
  }

  std::string RunsConfig() const override { return "lease_ms: 1000"; }

  std::string MoreScenes() const override {
    return R"(scenes:
  - when: {tool: Bash, prompt: '^count$'}
    say: [{text: "went on after: ${result}"}]
    usage: {input_tokens: 30, output_tokens: 3}
  - when: {prompt: '^count$'}
    say: [{tool_use: {name: Bash, input: {command: "echo x >> effects; touch begun; until test -e go; do sleep 0.05; done"}}}]
    usage: {input_tokens: 20, output_tokens: 2}
)";
  }

  std::string One(const std::string& sql) { return Rows(sql).at(0).at("one"); }

  void Await(const std::string& what, const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now(), until) << what << "\n" << server().output() << second_->output();
      std::this_thread::yield();
    }
  }

  void AwaitOne(const std::string& sql, const std::string& wanted) {
    Await(sql + " is " + wanted, [&] { return One(sql) == wanted; });
  }

  void AwaitFile(const std::string& name) {
    Await(name, [&] { return std::filesystem::exists(working_directory_ + "/" + name); });
  }

  void AwaitRenewal() {
    const std::string lease = "SELECT cast(lease_until AS text) AS one FROM runs_runs";
    const std::string before = One(lease);
    Await("the lease is renewed", [&] { return One(lease) != before; });
  }

  // Holds the first server where it is, right after it has renewed its lease, so with no lock in the database.
  void Freeze() {
    AwaitRenewal();
    ASSERT_EQ(kill(server().pid(), SIGSTOP), 0);
  }

  void Thaw() { ASSERT_EQ(kill(server().pid(), SIGCONT), 0); }

  std::string Effects() const {
    std::ifstream file(working_directory_ + "/effects");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::unique_ptr<ServerProcess> second_;
};

TEST_F(Leases, ARunOfAServerThatStandsStillIsTakenUpByAnotherAndIsItsAlone) {
  Say("count");
  AwaitFile("begun");
  Freeze();
  AwaitOne("SELECT status AS one FROM runs_runs", "done");
  const std::string held = "SELECT fence || ' ' || owner || ' ' || num_turns AS one FROM runs_runs";
  const std::string after = One(held);

  // Now it learns the outcome of its call, and may not say so any more.
  std::ofstream(working_directory_ + "/go").flush();
  Thaw();
  Say("say hello");
  AwaitOne("SELECT count(*) AS one FROM runs_runs WHERE status = 'done'", "2");
  EXPECT_EQ(One(held + " WHERE prompt = 'count'"), after);
  EXPECT_EQ(One("SELECT input_tokens AS one FROM runs_runs WHERE prompt = 'count'"), "50");
  EXPECT_EQ(One("SELECT count(*) AS one FROM runs_messages WHERE cast(content AS text) LIKE '%went on after%'"), "1");
  EXPECT_EQ(One("SELECT status AS one FROM runs_tool_calls"), "unknown");
  EXPECT_EQ(One("SELECT count(*) AS one FROM orchestrator_chat WHERE message LIKE 'went on after%'"), "1");
  EXPECT_EQ(Effects(), "x\n");
}

TEST_F(Leases, ARunThatIsHeldIsLeftAlone) {
  Say("count");
  AwaitFile("begun");
  const std::string holder = One("SELECT owner AS one FROM runs_runs");
  // Three renewals are more than a lease.
  for (int i = 0; i < 4; ++i) {
    AwaitRenewal();
  }
  std::ofstream(working_directory_ + "/go").flush();
  AwaitOne("SELECT status AS one FROM runs_runs", "done");
  EXPECT_EQ(One("SELECT owner AS one FROM runs_runs"), holder);
  EXPECT_EQ(One("SELECT status AS one FROM runs_tool_calls"), "done");
  EXPECT_EQ(Effects(), "x\n");
}

}  // namespace
}  // namespace tutti::test
