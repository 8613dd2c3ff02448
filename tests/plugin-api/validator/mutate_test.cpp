#include "mutate.h"

#include <gtest/gtest.h>

#include <set>

#include "tutti/sdk/json.hpp"

namespace tutti::validator {
namespace {

constexpr const char* kBody = R"({"name":"x","list":[1,2,{"deep":true}],"none":null})";

TEST(Mutate, ASeedGivesTheSameBodies) {
  Random first(7);
  Random second(7);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Mutate(kBody, first), Mutate(kBody, second));
    EXPECT_EQ(Noise(first), Noise(second));
  }
}

TEST(Mutate, BodiesDifferAndManyAreStillJson) {
  Random random(1);
  std::set<std::string> bodies;
  int json = 0;
  int objects = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string body = Mutate(kBody, random);
    bodies.insert(body);
    const Result<Json> parsed = Json::Parse(body);
    json += parsed.ok() ? 1 : 0;
    objects += parsed.ok() && parsed->view().is_object() ? 1 : 0;
  }
  EXPECT_GT(bodies.size(), 800U);
  EXPECT_GT(json, 300);
  EXPECT_LT(json, 900);
  EXPECT_GT(objects, 100);
}

TEST(Mutate, NothingIsTooLittleToChange) {
  Random random(1);
  for (const char* body : {"", "{}", "x", "null"}) {
    for (int i = 0; i < 100; ++i) {
      EXPECT_LT(Mutate(body, random).size(), 1'000'000U);
    }
  }
}

}  // namespace
}  // namespace tutti::validator
