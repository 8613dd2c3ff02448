// Plugins that crash, in each function: apart, the server goes on and says so; in its process, it dies and names them.
#include <Poco/Exception.h>

#include <tuple>

#include "tests/zoo/zoo.h"

namespace tutti::test {
namespace {

// A sanitizer handles these signals itself and ends the process in its own way.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasSanitizer = true;
constexpr const char* kDeath = "exit code";
#else
constexpr bool kHasSanitizer = false;
constexpr const char* kDeath = "signal SIGSEGV";
#endif

struct Function {
  const char* name;
  const char* kinds;
  const char* operation;  // as it is said
  const char* ask;        // the command that leads there
  const char* answer;     // part of what whoever asked is told when the plugin's process dies; empty: the call is over
};

constexpr Function kServing[] = {
    {"invoke", "[command]", "command.invoke animal.do", "animal.do", "ended while it served the call"},
    {"callback", "[command]", "a function it posted", "animal.post", ""},
    {"on_point", "[hook]", "hook.on_point PreToolUse", "keeper.fire", "org.example.animal"},
    {"on_events", "[hook]", "hook.on_events PreToolUse", "keeper.fire", ""},
    // The host stores too, and may have been the first to meet it.
    {"execute", "[storage]", "storage.execute", "keeper.execute", "the process of the plugin org.example.animal ended"},
    {"complete", "[model]", "model.complete", "keeper.complete", "ended while it served the call"},
    {"start", "[runtime]", "runtime.start", "keeper.start", "ended while it served the call"},
    {"list", "[template]", "template.list", "keeper.list", "ended while it served the call"},
    {"get", "[template]", "template.get", "keeper.get", "ended while it served the call"},
};

std::string Trouble(const Function& function) {
  return std::string("crash in ") + function.name;
}

template <typename Info>
std::string NameOfFunction(const Info& each) {
  return CaseName(each.param.name);
}

class CrashServing : public Zoo, public testing::WithParamInterface<Function> {};

TEST_P(CrashServing, ApartEndsTheCallAtOnceAndComesBackUntilItIsQuarantined) {
  const Function& function = GetParam();
  Take(Trouble(function), Place::kProcess, function.kinds, "limits: {restarts: 1}");
  Open();
  EXPECT_EQ(State(), "active") << server().output();
  for (std::uint64_t death = 1; death <= 2; ++death) {
    const HttpAnswer answer = Run(function.ask);
    EXPECT_NE(answer.body.find(function.answer), std::string::npos) << answer.body;
    if (death == 1) {
      ASSERT_TRUE(IsBack(1)) << State() << server().output();
    }
  }
  ASSERT_TRUE(WaitForState(kAnimal, "quarantined")) << State() << server().output();
  EXPECT_NE(Reason().find(std::string("its process ended more than 1 times within 60000 ms, last by ") + kDeath),
            std::string::npos)
      << Reason();
  EXPECT_TRUE(HasSaid("the plugin's process ended; it is started again")) << server().output();
  EXPECT_TRUE(HasSaid("plugin quarantined")) << server().output();
  EXPECT_EQ(Restarts(), 1U);
  if (std::string_view(function.kinds) == "[command]") {
    const HttpAnswer refused = Run(function.ask);
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_NE(refused.body.find("is in quarantine: its process ended more than 1 times"), std::string::npos)
        << refused.body;
    EXPECT_NE(refused.body.find("tutti plugin enable org.example.animal"), std::string::npos) << refused.body;
  }
  Close();
}

TEST_P(CrashServing, InProcessNamesThePluginAndTheNextStartTells) {
  if (kHasSanitizer) {
    GTEST_SKIP() << "the sanitizer handles SIGSEGV";
  }
  const Function& function = GetParam();
  Take(Trouble(function), Place::kHost, function.kinds);
  Start();
  try {
    (void)Run(function.ask);
  } catch (const Poco::Exception&) {
    // It may die before the answer is out.
  }
  ExpectCrash(function.operation);
}

INSTANTIATE_TEST_SUITE_P(Functions, CrashServing, testing::ValuesIn(kServing),
                         [](const auto& each) { return NameOfFunction(each); });

// ---- at the start

constexpr Function kStarting[] = {
    {"create", "[command]", "create", "", ""},
    {"init", "[command]", "init", "", ""},
    {"get_extension", "[command]", "get_extension", "", ""},
    {"describe", "[command]", "command.describe", "", ""},
    {"activate", "[command]", "activate", "", ""},
    {"ensure_schema", "[storage]", "storage.ensure_schema", "", ""},
};

class CrashStarting : public Zoo, public testing::WithParamInterface<Function> {
 protected:
  void TakeIt(Place place) {
    const bool is_create = GetParam().name == std::string_view("create");
    Take(is_create ? "" : Trouble(GetParam()), place, GetParam().kinds, "limits: {restarts: 1}",
         is_create ? "animal_crash" : "animal");
  }
};

TEST_P(CrashStarting, ApartIsLeftOutAndTheServerStarts) {
  TakeIt(Place::kProcess);
  Open();
  EXPECT_EQ(State(), "failed");
  EXPECT_NE(Reason().find(kDeath), std::string::npos) << Reason();
  EXPECT_TRUE(HasSaid("not started: org.example.animal: ")) << server().output();
  Close();
}

TEST_P(CrashStarting, InProcessNamesThePluginAndTheNextStartTells) {
  if (kHasSanitizer) {
    GTEST_SKIP() << "the sanitizer handles SIGSEGV";
  }
  TakeIt(Place::kHost);
  OpenToCrash(GetParam().operation);
}

INSTANTIATE_TEST_SUITE_P(Functions, CrashStarting, testing::ValuesIn(kStarting),
                         [](const auto& each) { return NameOfFunction(each); });

// ---- at the end

class CrashEnding : public Zoo, public testing::WithParamInterface<const char*> {};

TEST_P(CrashEnding, ApartIsTakenOutAllTheSame) {
  Take(std::string("crash in ") + GetParam(), Place::kProcess);
  Open();
  EXPECT_EQ(Run("animal.do").status, 200);
  EXPECT_EQ(What(Manage("disable", kAnimal)), "disabled");
  EXPECT_TRUE(WaitForState(kAnimal, "disabled")) << State();
  EXPECT_EQ(What(Manage("enable", kAnimal)), "enabled");
  EXPECT_EQ(Run("animal.do").status, 200);
  Close();
}

TEST_P(CrashEnding, InProcessNamesThePluginAndTheNextStartTells) {
  if (kHasSanitizer) {
    GTEST_SKIP() << "the sanitizer handles SIGSEGV";
  }
  Take(std::string("crash in ") + GetParam(), Place::kHost);
  Start();
  (void)server().Stop();
  ExpectCrash(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Functions, CrashEnding, testing::Values("deactivate", "destroy"),
                         [](const auto& each) { return CaseName(each.param); });

}  // namespace
}  // namespace tutti::test
