#include "host/dispatch/argument_schema.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

TEST(ArgumentSchema, RefusesWhatIsNoSchema) {
  for (const char* schema : {"", "[]", "{", "7", R"({"type":5})"}) {
    EXPECT_FALSE(ArgumentSchema::Compile(schema).ok()) << schema;
  }
}

TEST(ArgumentSchema, KnowsWhetherEmptyArgumentsWillDo) {
  EXPECT_TRUE((*ArgumentSchema::Compile(R"({"type":"object"})"))->accepts_empty());
  EXPECT_FALSE((*ArgumentSchema::Compile(R"({"type":"object","required":["a"]})"))->accepts_empty());
}

TEST(ArgumentSchema, ReportsEveryFaultWithItsPlace) {
  const auto schema = *ArgumentSchema::Compile(R"({"type":"object","required":["a","b"],"additionalProperties":false,
      "properties":{"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":"array","items":{"type":"string"}}}})");

  const struct {
    const char* args;
    std::size_t faults;
    const char* first;
  } cases[] = {
      {R"({})", 2, R"("loc":["a"])"},
      {R"({"a":1,"b":"x"})", 2, R"("type":"string_type")"},
      {R"({"a":"","b":1,"c":[1]})", 1, R"("loc":["c")"},
      {R"({"a":"","b":1,"d":1})", 1, "d"},
      {R"([])", 1, R"("loc":[])"},
  };

  for (const auto& c : cases) {
    const Status status = schema->ParseAndCheck(c.args).status();
    ASSERT_EQ(status.code(), Code::kInvalidArgument) << c.args;
    const Result<Json> details = Json::Parse(status.details());
    ASSERT_TRUE(details.ok());
    EXPECT_GE((*details)["errors"].size(), c.faults) << status.details();
    EXPECT_NE(status.details().find(c.first), std::string_view::npos) << status.details();
  }
  EXPECT_TRUE(schema->ParseAndCheck(R"({"a":"","b":1,"c":["x"]})").ok());
}

TEST(ArgumentSchema, ListsItsPropertiesWithTheirTypes) {
  const auto schema = *ArgumentSchema::Compile(
      R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":["integer","null"]},"c":{"type":["string","number"]}}})");
  EXPECT_EQ(schema->properties(),
            (std::vector<std::pair<std::string, std::string>>{{"a", "string"}, {"b", "integer"}, {"c", ""}}));
}

}  // namespace
}  // namespace tutti::host
