// kill -9 at random instants of a workload: nothing acknowledged is lost, nothing happens twice, nothing is stuck.
//
// TUTTI_CRASH_KILLS (30) says how often, TUTTI_CRASH_SEED which instants and which work; the seed of a run is printed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "tests/crash/checker.h"

namespace tutti::test {
namespace {

constexpr int kShortForm = 30;

int FromEnvironment(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoi(value);
}

TEST(Crash, NothingIsLostAndNothingHappensTwice) {
  const int kills = FromEnvironment("TUTTI_CRASH_KILLS", kShortForm);
  const int seed = FromEnvironment("TUTTI_CRASH_SEED", static_cast<int>(std::random_device()() & 0x7fffffff));
  std::cout << "replay with TUTTI_CRASH_SEED=" << seed << " TUTTI_CRASH_KILLS=" << kills << std::endl;
  CrashServer server;
  Workload workload(server, static_cast<unsigned>(seed));
  int before_ready = 0;
  for (int killed = 0; killed < kills; ++killed) {
    if (server.Start(workload.NextLife())) {
      workload.RunUntilDeath();
    } else {
      ++before_ready;
    }
    server.WaitForDeath();
  }
  ASSERT_TRUE(server.Start(std::nullopt));
  std::vector<std::string> findings = workload.Finish();
  const Ledger& ledger = workload.ledger();
  EXPECT_EQ(server.Stop(), 0) << server.output();
  for (std::string& finding : CheckAll(server, ledger)) {
    findings.push_back(std::move(finding));
  }
  for (const std::string& finding : findings) {
    ADD_FAILURE() << finding;
  }
  std::cout << kills << " kills (" << before_ready << " before the server was ready), " << ledger.acknowledged.size()
            << " messages acknowledged of " << ledger.sent.size() << ", " << ledger.answered.size()
            << " approvals answered, " << server.Lines("marks").size() + server.Lines("risky").size() << " side effects"
            << std::endl;
  // A run that did hardly anything would show nothing.
  EXPECT_GT(ledger.acknowledged.size(), static_cast<std::size_t>(kills) / 4);
  EXPECT_GT(server.Lines("marks").size(), static_cast<std::size_t>(kills) / 10);
}

}  // namespace
}  // namespace tutti::test
