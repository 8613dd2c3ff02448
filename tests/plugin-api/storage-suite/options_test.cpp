#include "options.h"

#include <gtest/gtest.h>

namespace tutti::storage_suite {
namespace {

TEST(StorageSuiteOptions, AreReadInAnyOrder) {
  const Options options = ReadOptions(
      {"--level", "basic", "dir", "--config", R"({"a":1})", "--case", "A*", "--case", "B", "--reset", "true"});
  EXPECT_EQ(options.problem, "");
  EXPECT_EQ(options.directory, "dir");
  EXPECT_EQ(options.level, "basic");
  EXPECT_EQ(options.config, R"({"a":1})");
  EXPECT_EQ(options.reset, "true");
  EXPECT_EQ(options.cases, (std::vector<std::string>{"A*", "B"}));
}

TEST(StorageSuiteOptions, ProblemsSayWhatWasExpected) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{}, "expected the directory of a plugin"},
      {{"a", "b"}, "expected one directory, found a and b"},
      {{"a", "--level"}, "expected a value after --level"},
      {{"a", "--level", "half"}, "expected basic or full after --level, found 'half'"},
      {{"a", "--config", "[]"}, "expected a JSON object after --config, found '[]'"},
      {{"a", "--levle", "full"}, "no option is named --levle; did you mean '--level'?"},
  };
  for (const auto& [arguments, expected] : cases) {
    EXPECT_EQ(ReadOptions(arguments).problem, expected);
  }
  EXPECT_EQ(ReadOptions({"--list"}).problem, "");
  EXPECT_EQ(ReadOptions({"--help"}).problem, "");
}

TEST(StorageSuiteOptions, TheLevelChoosesTheCases) {
  EXPECT_EQ(Filter(ReadOptions({"d", "--level", "basic"})), "*BasicStorage.*/*");
  EXPECT_EQ(Filter(ReadOptions({"d"})), "*BasicStorage.*/*:*FullStorage.*/*");
  EXPECT_EQ(Filter(ReadOptions({"d", "--level", "basic", "--case", "A*", "--case", "B"})),
            "*BasicStorage.A*/*:*BasicStorage.B/*");
}

}  // namespace
}  // namespace tutti::storage_suite
