#include <gtest/gtest.h>

#include <string>

#include "served.h"

namespace tutti::validator {
namespace {

TEST(SmallestValue, FollowsTheSchema) {
  const struct {
    const char* schema;
    const char* value;
  } cases[] = {
      {R"({"type":"string"})", R"("x")"},
      {R"({"type":"string","minLength":3})", R"("xxx")"},
      {R"({"type":"string","enum":["a","b"]})", R"("a")"},
      {R"({"const":7})", "7"},
      {R"({"type":"integer","minimum":5})", "5"},
      {R"({"type":["integer","null"]})", "0"},
      {R"({"type":"boolean"})", "false"},
      {R"({"type":"array","items":{"type":"integer"}})", "[]"},
      {R"({"type":"array","minItems":2,"items":{"type":"integer"}})", "[0,0]"},
      {R"({"type":"integer","default":9})", "9"},
      {R"({"type":"object","required":["a"],"properties":{"a":{"type":"string"},"b":{"type":"string"}}})",
       R"({"a":"x"})"},
  };

  for (const auto& item : cases) {
    const auto schema = Json::Parse(item.schema);
    ASSERT_TRUE(schema.ok()) << item.schema;
    EXPECT_EQ(SmallestValue(schema->view()), item.value) << item.schema;
  }
}

}  // namespace
}  // namespace tutti::validator
