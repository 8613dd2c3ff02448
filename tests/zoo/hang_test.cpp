// Plugins that do not come back, or never stop computing: whoever waits is answered, the thread or process is replaced,
// the plugin is named and taken out.
#include <tuple>

#include "tests/zoo/zoo.h"

namespace tutti::test {
namespace {

struct Serving {
  const char* trouble;
  const char* kinds;
  const char* ask;
  int status;             // of the answer
  const char* operation;  // as it is said
  const char* cause;  // of the end of its process; nullptr: it is left, a batch has no deadline and is not cancelled
};

constexpr const char* kOverdue = "was not done by its deadline and did not stop when cancelled";
constexpr const char* kHeld = "held a thread for more than 300 ms (host.containment.callback_limit_ms)";

constexpr Serving kServing[] = {
    {"hang in invoke", "[command]", "animal.do", 504, "command.invoke animal.do", kOverdue},
    {"spin in invoke", "[command]", "animal.do", 504, "command.invoke animal.do", kOverdue},
    {"hang in callback", "[command]", "animal.post", 200, "a function it posted", kHeld},
    {"hang in on_point", "[hook]", "keeper.fire", 403, "hook.on_point PreToolUse", kOverdue},
    {"hang in on_events", "[hook]", "keeper.fire", 200, "hook.on_events PreToolUse", kHeld},
    {"hang in execute", "[storage]", "keeper.execute", 504, "storage.execute", nullptr},
    {"hang in complete", "[model]", "keeper.complete", 504, "model.complete", kOverdue},
    {"hang in start", "[runtime]", "keeper.start", 504, "runtime.start", kOverdue},
    {"hang in list", "[template]", "keeper.list", 200, "template.list", kOverdue},
    {"hang in get", "[template]", "keeper.get", 503, "template.get", kOverdue},
};

class HangServing : public Zoo, public testing::WithParamInterface<Serving> {};

TEST_P(HangServing, ApartEndsItsProcess) {
  const Serving& serving = GetParam();
  Take(serving.trouble, Place::kProcess, serving.kinds);
  Open();
  const HttpAnswer answer = Run(serving.ask);
  EXPECT_EQ(answer.status, serving.status) << answer.body;
  if (serving.cause != nullptr) {
    EXPECT_TRUE(IsBack(1)) << State() << server().output();
    EXPECT_TRUE(HasSaid(serving.cause)) << server().output();
  }
  // What it still serves it is not given the time to finish.
  Close(serving.cause != nullptr ? 0 : 1);
}

TEST_P(HangServing, InProcessIsQuarantinedWithItsThread) {
  const Serving& serving = GetParam();
  Take(serving.trouble, Place::kHost, serving.kinds);
  Open();
  const HttpAnswer answer = Run(serving.ask);
  EXPECT_EQ(answer.status, serving.status) << answer.body;
  ASSERT_TRUE(WaitForState(kAnimal, "quarantined")) << State() << server().output();
  EXPECT_NE(Reason().find(std::string("org.example.animal 1.0.0 did not come back from ") + serving.operation),
            std::string::npos)
      << Reason();
  EXPECT_TRUE(HasSaid("a thread is lost in a plugin")) << server().output();
  // The thread never comes back: the stop does not wait for it.
  Close(1);
  EXPECT_TRUE(HasSaid("a thread is still inside a plugin")) << server().output();
}

INSTANTIATE_TEST_SUITE_P(Functions, HangServing, testing::ValuesIn(kServing),
                         [](const auto& each) { return CaseName(each.param.trouble); });

TEST_F(Zoo, APluginThatHangsInOnEventsCanBeSwitchedOff) {
  Take("hang in on_events", Place::kHost, "[hook]");
  Open();
  EXPECT_EQ(Run("keeper.fire").status, 200);
  ASSERT_TRUE(WaitForState(kAnimal, "quarantined")) << State() << server().output();
  EXPECT_EQ(What(Manage("disable", kAnimal)), "disabled");
  EXPECT_EQ(StateOf(kAnimal), "zombie+disabled");
  Close(1);
}

// ---- at the start

class HangStarting : public Zoo, public testing::WithParamInterface<const char*> {
 protected:
  void TakeIt(Place place) {
    const std::string function = GetParam();
    const bool is_create = function == "create";
    Take(is_create ? "" : "hang in " + function, place, "[command]", "limits: {start_timeout_ms: 300}",
         is_create ? "animal_hang" : "animal");
  }
};

TEST_P(HangStarting, ApartIsLeftOutAndTheServerStarts) {
  TakeIt(Place::kProcess);
  Open();
  EXPECT_EQ(State(), "failed");
  EXPECT_NE(Reason().find("did not answer within 300 ms"), std::string::npos) << Reason();
  Close();
}

TEST_P(HangStarting, InProcessIsLeftOutAndTheServerStarts) {
  TakeIt(Place::kHost);
  Open();
  const std::string sentence = "org.example.animal 1.0.0 did not come back from " + std::string(GetParam());
  EXPECT_EQ(State(), "failed");
  EXPECT_NE(Reason().find(sentence), std::string::npos) << Reason();
  EXPECT_NE(Reason().find("within 300 ms (host.containment.callback_limit_ms)"), std::string::npos) << Reason();
  EXPECT_TRUE(HasSaid("not started: org.example.animal: " + sentence)) << server().output();
  Close(1);
  EXPECT_TRUE(HasSaid("a thread is still inside a plugin")) << server().output();
}

INSTANTIATE_TEST_SUITE_P(Functions, HangStarting, testing::Values("create", "init", "get_extension", "activate"),
                         [](const auto& each) { return CaseName(each.param); });

// ---- at the end

class HangEnding : public Zoo, public testing::WithParamInterface<const char*> {};

TEST_P(HangEnding, ApartIsTakenOutAllTheSame) {
  Take(std::string("hang in ") + GetParam(), Place::kProcess, "[command]", "limits: {start_timeout_ms: 300}");
  Open();
  EXPECT_EQ(Run("animal.do").status, 200);
  EXPECT_EQ(What(Manage("disable", kAnimal)), "disabled");
  EXPECT_TRUE(WaitForState(kAnimal, "disabled")) << State();
  EXPECT_EQ(What(Manage("enable", kAnimal)), "enabled");
  EXPECT_EQ(Run("animal.do").status, 200);
  Close();
}

TEST_P(HangEnding, InProcessIsTakenOutAndItsThreadIsLost) {
  Take(std::string("hang in ") + GetParam(), Place::kHost);
  Open();
  EXPECT_EQ(Run("animal.do").status, 200);
  EXPECT_EQ(What(Manage("disable", kAnimal)), "disabled");
  EXPECT_EQ(Run("animal.do").status, 404);
  EXPECT_TRUE(HasSaid("org.example.animal 1.0.0 did not come back from " + std::string(GetParam()) + " within 300 ms"))
      << server().output();
  Close(1);
}

TEST_P(HangEnding, InProcessDoesNotKeepTheServerFromStopping) {
  Take(std::string("hang in ") + GetParam(), Place::kHost);
  Open();
  Close(1);
  EXPECT_TRUE(HasSaid("org.example.animal 1.0.0 did not come back from " + std::string(GetParam())))
      << server().output();
}

INSTANTIATE_TEST_SUITE_P(Functions, HangEnding, testing::Values("deactivate", "destroy"),
                         [](const auto& each) { return CaseName(each.param); });

}  // namespace
}  // namespace tutti::test
