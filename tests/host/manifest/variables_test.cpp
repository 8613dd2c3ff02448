#include "host/manifest/variables.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

TEST(Expand, ReplacesNamesAndDefaults) {
  const Variables variables = {{"HOST", "localhost"}, {"EMPTY", ""}, {"TRICK", "${HOST}: [1]\nx: y"}};

  struct Case {
    const char* text;
    const char* expanded;
  };

  for (const Case& c : {Case{"plain", "plain"},
                        {"${HOST}", "localhost"},
                        {"a ${HOST}:${PORT:-9403}/", "a localhost:9403/"},
                        {"${EMPTY:-fallback}", "fallback"},
                        {"${EMPTY}", ""},
                        {"${NONE:-}", ""},
                        {"${NONE:-a:-b}", "a:-b"},
                        {"$${HOST}", "${HOST}"},
                        {"$$", "$$"},
                        {"$HOST", "$HOST"},
                        {"${TRICK}", "${HOST}: [1]\nx: y"},
                        {"", ""},
                        {"cost $5 ${HOST}", "cost $5 localhost"},
                        {"${HOST}${HOST}", "localhostlocalhost"}}) {
    const Expansion expansion = Expand(c.text, variables);
    EXPECT_EQ(expansion.text, c.expanded) << c.text;
    EXPECT_TRUE(expansion.errors.empty()) << c.text;
  }
}

TEST(Expand, ReportsWhatIsWrong) {
  const Variables variables = {{"TUTTI_DATA", "/data"}};

  struct Case {
    const char* text;
    const char* message;
    const char* nearest;
  };

  for (const Case& c : {
           Case{"${TUTI_DATA}",
                "variable TUTI_DATA is not set; set it in the environment or write ${TUTI_DATA:-default}",
                "TUTTI_DATA"},
           {"${", "${ is not closed by }; to write a literal ${ use $${", ""},
           {"${}", "expected ${NAME} or ${NAME:-default}, found ${}; to write a literal ${ use $${", ""},
           {"${1A}", "expected ${NAME} or ${NAME:-default}, found ${1A}; to write a literal ${ use $${", ""},
           {"${A-b}", "expected ${NAME} or ${NAME:-default}, found ${A-b}; to write a literal ${ use $${", ""},
           {"${A:-${TUTTI_DATA}}", "the default of variable A holds another variable; a default is plain text", ""},
       }) {
    const Expansion expansion = Expand(c.text, variables);
    ASSERT_EQ(expansion.errors.size(), 1U) << c.text;
    EXPECT_EQ(expansion.errors[0].message, c.message);
    EXPECT_EQ(expansion.errors[0].nearest, c.nearest);
  }
}

TEST(Expand, ReportsEveryVariableOfOneText) {
  EXPECT_EQ(Expand("${A} ${B}", {}).errors.size(), 2U);
}

TEST(EnvironmentVariables, HoldsTheEnvironment) {
  ASSERT_EQ(setenv("TUTTI_TEST_VARIABLE", "a=b", 1), 0);
  const Variables variables = EnvironmentVariables();
  ASSERT_TRUE(variables.contains("TUTTI_TEST_VARIABLE"));
  EXPECT_EQ(variables.at("TUTTI_TEST_VARIABLE"), "a=b");
}

}  // namespace
}  // namespace tutti::host
