// Plugins that answer nonsense, too often or too late, throw, or go on after their end: nobody else notices.
#include "tests/zoo/zoo.h"

namespace tutti::test {
namespace {

struct Manner {
  const char* trouble;
  const char* kinds;
  const char* ask;
  int status;          // of the answer
  const char* answer;  // part of it
};

constexpr const char* kThrew = "the animal is unwell";

constexpr Manner kManners[] = {
    {"garbage in on_point", "[hook]", "keeper.fire", 403, "answered something that is no JSON"},
    {"garbage in list", "[template]", "keeper.list", 200, "org.example.animal"},
    // What a command answers is handed on as it is: whoever asked is who notices.
    {"garbage in invoke", "[command]", "animal.do", 200, "no JSON"},
    {"twice in invoke", "[command]", "animal.do", 200, R"({"well":true})"},
    {"twice in on_point", "[hook]", "keeper.fire", 200, "payloads"},
    {"twice in execute", "[storage]", "keeper.execute", 200, "results"},
    {"throw in invoke", "[command]", "animal.do", 500, kThrew},
    {"throw in callback", "[command]", "animal.post", 200, ""},
    {"throw in on_point", "[hook]", "keeper.fire", 403, "org.example.animal"},
    {"throw in on_events", "[hook]", "keeper.fire", 200, "payloads"},
    {"throw in execute", "[storage]", "keeper.execute", 500, kThrew},
    {"throw in complete", "[model]", "keeper.complete", 500, kThrew},
    {"throw in start", "[runtime]", "keeper.start", 500, kThrew},
    {"throw in get", "[template]", "keeper.get", 503, kThrew},
    {"throw in deactivate", "[command]", "animal.do", 200, R"({"well":true})"},
    {"throw in destroy", "[command]", "animal.do", 200, R"({"well":true})"},
    {"haunt in invoke", "[command]", "animal.do", 200, R"({"well":true})"},
};

using Param = std::tuple<Manner, Place>;

class Manners : public Zoo, public testing::WithParamInterface<Param> {};

TEST_P(Manners, ConcernThePluginOnly) {
  const auto& [manner, place] = GetParam();
  Take(manner.trouble, place, manner.kinds, "grants: {services: [commands]}");
  Open();
  for (int i = 0; i < 2; ++i) {
    const HttpAnswer answer = Run(manner.ask);
    EXPECT_EQ(answer.status, manner.status) << answer.body << server().output();
    EXPECT_NE(answer.body.find(manner.answer), std::string::npos) << answer.body;
  }
  EXPECT_EQ(State(), "active") << Reason();
  EXPECT_EQ(Restarts(), 0U);
  Close();
}

INSTANTIATE_TEST_SUITE_P(All, Manners, testing::Combine(testing::ValuesIn(kManners), testing::ValuesIn(kPlaces)),
                         [](const auto& each) {
                           return CaseName(std::get<0>(each.param).trouble) + NameOf(std::get<1>(each.param));
                         });

// Later than the deadline and the grace after it.
constexpr Manner kLate[] = {
    {"late in invoke", "[command]", "animal.do", 504, "deadline"},
    {"late in on_point", "[hook]", "keeper.fire", 403, "org.example.animal"},
};

class Late : public Zoo, public testing::WithParamInterface<Manner> {};

TEST_P(Late, InProcessIsAnsweredInItsPlaceAndCounted) {
  const Manner& manner = GetParam();
  Take(manner.trouble, Place::kHost, manner.kinds);
  Open();
  const HttpAnswer answer = Run(manner.ask);
  EXPECT_EQ(answer.status, manner.status) << answer.body;
  EXPECT_NE(answer.body.find(manner.answer), std::string::npos) << answer.body;
  EXPECT_TRUE(WaitUntil([this] {
    return Metric(R"(tutti_plugin_misuse_total{kind="late_finish",plugin="org.example.animal"})") == 1;
  })) << server().output();
  EXPECT_EQ(State(), "active") << Reason();
  Close();
}

TEST_P(Late, ApartEndsItsProcess) {
  const Manner& manner = GetParam();
  Take(manner.trouble, Place::kProcess, manner.kinds);
  Open();
  const HttpAnswer answer = Run(manner.ask);
  EXPECT_EQ(answer.status, manner.status) << answer.body;
  EXPECT_NE(answer.body.find(manner.answer), std::string::npos) << answer.body;
  EXPECT_TRUE(IsBack(1)) << State() << server().output();
  EXPECT_TRUE(HasSaid("was not done by its deadline and did not stop when cancelled")) << server().output();
  Close();
}

INSTANTIATE_TEST_SUITE_P(All, Late, testing::ValuesIn(kLate),
                         [](const auto& each) { return CaseName(each.param.trouble); });

class Start : public Zoo, public testing::WithParamInterface<std::tuple<const char*, Place>> {};

TEST_P(Start, ThatGoesWrongLeavesThePluginOutAndSaysWhy) {
  const auto& [trouble, place] = GetParam();
  const bool is_create = std::string(trouble).ends_with("create");
  Take(is_create ? "" : trouble, place, "[command]", {}, is_create ? "animal_throw" : "animal");
  Open();
  EXPECT_EQ(State(), "failed");
  EXPECT_NE(Reason().find(kThrew), std::string::npos) << Reason();
  EXPECT_TRUE(HasSaid("not started: org.example.animal: ")) << server().output();
  Close();
}

INSTANTIATE_TEST_SUITE_P(
    All, Start,
    testing::Combine(testing::Values("throw in create", "throw in init", "throw in get_extension", "throw in activate"),
                     testing::ValuesIn(kPlaces)),
    [](const auto& each) { return CaseName(std::get<0>(each.param)) + NameOf(std::get<1>(each.param)); });

class Places : public Zoo, public testing::WithParamInterface<Place> {};

TEST_P(Places, GarbageInDescribeLeavesTheCommandsOutAndSaysWhy) {
  Take("garbage in describe", GetParam());
  Open();
  EXPECT_TRUE(HasSaid("expected a JSON array of command definitions")) << server().output();
  EXPECT_EQ(Run("animal.do").status, 404);
  Close();
}

// A thread that nobody ended goes on calling the host from after deactivate, and from after destroy.
TEST_P(Places, CallsFromAfterTheEndAreRefused) {
  Take("haunt in invoke", GetParam(), "[command]", "grants: {services: [commands]}");
  Open();
  EXPECT_EQ(Run("animal.do").status, 200);
  EXPECT_EQ(What(Manage("disable", kAnimal)), "disabled");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Run("keeper.ok").status, 200);
  }
  EXPECT_EQ(What(Manage("enable", kAnimal)), "enabled");
  EXPECT_EQ(Run("animal.do").status, 200);
  EXPECT_EQ(What(Manage("reload", kAnimal)), "reloaded");
  EXPECT_EQ(Run("animal.do").status, 200);
  Close();
}

INSTANTIATE_TEST_SUITE_P(Both, Places, testing::ValuesIn(kPlaces), [](const auto& each) { return NameOf(each.param); });

}  // namespace
}  // namespace tutti::test
