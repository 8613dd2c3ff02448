// Plugins that take what is everybody's: memory and processes.
#include <csignal>

#include "tests/zoo/zoo.h"

namespace tutti::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasSanitizer = true;
#else
constexpr bool kHasSanitizer = false;
#endif

// It may take longer than its deadline and grace, and is only greedy, not lost.
constexpr const char* kPatient = "  calls: {cancel_grace_ms: 30000}\n  containment: {strikes: 1000}\n";

class Greed : public Zoo {};

TEST_F(Greed, ApartAPluginThatLeaksAGigabyteGetsNoMoreThanItsLimit) {
  if (kHasSanitizer) {
    GTEST_SKIP() << "memory is not limited under a sanitizer";
  }
  SetHost(kPatient);
  Take("leak in invoke", Place::kProcess, "[command]", "limits: {memory_mb: 256}");
  Open();
  const HttpAnswer answer = Run("animal.do");
  if (answer.status == 200) {
    EXPECT_LT(answer.json()["mb"].AsInt(), 256) << answer.body;
  } else {
    // Its supervisor was faster.
    EXPECT_EQ(answer.status, 503) << answer.body;
  }
  Close();
}

TEST_F(Greed, InProcessAPluginThatLeaksAGigabyteDoesNotEndTheServer) {
  SetHost(kPatient);
  Take("leak in invoke", Place::kHost);
  Open();
  const HttpAnswer answer = Run("animal.do");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, R"({"mb":1024})");
  EXPECT_EQ(State(), "active") << Reason();
  Close();
}

TEST_F(Greed, ApartAPluginThatForksGetsNoProcessWithoutTheGrant) {
  Take("fork in invoke", Place::kProcess);
  Open();
  const std::string confinement(Info(kAnimal)["confinement"].AsString());
  const HttpAnswer answer = Run("animal.do");
  ASSERT_EQ(answer.status, 200) << answer.body;
  if (confinement.starts_with("process")) {
    EXPECT_GT(answer.json()["child"].AsInt(), 0) << answer.body << confinement;
  } else {
    EXPECT_EQ(answer.body, R"({"child":-1,"error":1})") << confinement;
  }
  Close();
}

TEST_F(Greed, ApartAPluginThatForksLeavesNothingBehind) {
  Take("fork in invoke", Place::kProcess, "[command]", "grants: {exec: true}");
  Open();
  const HttpAnswer answer = Run("animal.do");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_GT(answer.json()["child"].AsInt(), 0) << answer.body;
  Close();
}

TEST_F(Greed, InProcessAPluginThatForksDoesNotEndTheServer) {
  Take("fork in invoke", Place::kHost);
  Open();
  const HttpAnswer answer = Run("animal.do");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto child = static_cast<pid_t>(answer.json()["child"].AsInt());
  ASSERT_GT(child, 1) << answer.body;
  EXPECT_EQ(Run("keeper.ok").status, 200);
  // Nobody but the plugin knows of it, and it holds what the server had open.
  EXPECT_EQ(::kill(child, SIGKILL), 0);
  Close();
}

}  // namespace
}  // namespace tutti::test
