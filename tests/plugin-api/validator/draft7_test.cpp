#include "draft7.h"

#include <gtest/gtest.h>

namespace tutti::validator {
namespace {

std::string ProblemWith(const char* schema) {
  const Result<Json> parsed = Json::Parse(schema);
  EXPECT_TRUE(parsed.ok()) << schema;
  return ProblemWithSchema(parsed->view());
}

TEST(Draft7, SchemasOfItHaveNoProblem) {
  for (const char* schema :
       {"true", "{}", R"({"type":"object","required":["a"],"properties":{"a":{"type":["string","null"]}}})",
        R"({"definitions":{"x":{"type":"integer"}},"items":{"$ref":"#/definitions/x"},"minItems":2.0})",
        R"({"if":{"const":1},"then":{"enum":[1]},"else":false,"x-mine":{"anything":1}})",
        R"({"dependencies":{"a":["b"],"c":{"required":["d"]}},"pattern":"^[a-z]+$","multipleOf":0.5})",
        R"({"properties":{"$defs":{"type":"string"}}})"}) {
    EXPECT_EQ(ProblemWith(schema), "") << schema;
  }
}

TEST(Draft7, ProblemsNameThePlace) {
  const struct {
    const char* schema;
    const char* problem;
  } cases[] = {
      {"7", "/: expected a schema"},
      {R"({"type":"strin"})", "/type: expected one of null"},
      {R"({"type":["string","string"]})", "/type: expected one of null"},
      {R"({"required":["a","a"]})", "/required: expected an array of different texts"},
      {R"({"required":true})", "/required: expected an array of different texts"},
      {R"({"properties":{"a/b":{"minimum":"1"}}})", "/properties/a~1b/minimum: expected a number"},
      {R"({"items":[{},{"maxLength":-1}]})", "/items/1/maxLength: expected a whole number"},
      {R"({"minLength":1.5})", "/minLength: expected a whole number"},
      {R"({"enum":[]})", "/enum: expected an array of at least one value"},
      {R"({"multipleOf":0})", "/multipleOf: expected a number above 0"},
      {R"({"pattern":"("})", "/pattern: expected a regular expression"},
      {R"({"anyOf":[]})", "/anyOf: expected an array of at least one schema"},
      {R"({"$ref":"#/definitions/none"})", "/$ref: expected a reference to a place"},
      {R"({"$ref":"http://example.org/x"})", "/$ref: expected a reference that begins with #"},
      {R"({"$defs":{}})", "/$defs: this keyword is of a later draft than 7; draft 7 has `definitions`"},
      {R"({"prefixItems":[]})", "/prefixItems: this keyword is of a later draft"},
      {R"({"unevaluatedProperties":false})", "draft 7 has `additionalProperties`"},
  };

  for (const auto& item : cases) {
    const std::string problem = ProblemWith(item.schema);
    EXPECT_NE(problem.find(item.problem), std::string::npos) << item.schema << ": " << problem;
  }
}

}  // namespace
}  // namespace tutti::validator
