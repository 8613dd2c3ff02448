#include "yaml_fields.h"

#include <gtest/gtest.h>

#include <functional>

namespace tutti::documents {
namespace {

using Names = std::vector<std::string>;

TEST(YamlFields, NamesAreAListOrATextWithCommas) {
  const YamlFields fields(
      "list: [Read, ' Bash ', '']\ncommas: Read, , Bash(git add:*, x),Grep\none: Bash(git *)\nblanks: one  two\nnull:\n"
      "empty: []\n",
      1);
  EXPECT_EQ(fields.Names("list"), (Names{"Read", "Bash"}));
  EXPECT_EQ(fields.Names("commas"), (Names{"Read", "Bash(git add:*, x)", "Grep"}));
  EXPECT_EQ(fields.Names("one"), (Names{"Bash(git *)"}));
  EXPECT_EQ(fields.Names("blanks"), (Names{"one  two"}));
  EXPECT_EQ(fields.Names("blanks", true), (Names{"one", "two"}));
  EXPECT_EQ(fields.Names("commas", true), fields.Names("commas"));
  EXPECT_EQ(fields.Names("empty"), Names());
  EXPECT_EQ(fields.Names("null"), std::nullopt);
  EXPECT_EQ(fields.Names("missing"), std::nullopt);
}

TEST(YamlFields, EmptyYamlHasNoKeys) {
  const YamlFields fields("", 1);
  EXPECT_EQ(fields.Text("a"), "");
  EXPECT_FALSE(fields.Has("a"));
  EXPECT_EQ(fields.KeysBesides({}), Names());
}

TEST(YamlFields, FlagsAndCounts) {
  const YamlFields fields("yes: true\nno: off\nmany: 12\n", 1);
  EXPECT_EQ(fields.Flag("yes"), true);
  EXPECT_EQ(fields.Flag("no"), false);
  EXPECT_EQ(fields.Flag("missing"), std::nullopt);
  EXPECT_EQ(fields.Count("many"), 12);
  EXPECT_EQ(fields.Count("missing"), std::nullopt);
}

TEST(YamlFields, KeysThatAreNotKnownAreCountedOnceAndBounded) {
  const YamlFields fields("b: 1\na: 2\nknown: 3\n[x]: 4\n", 1);
  EXPECT_EQ(fields.KeysBesides({"known"}), (Names{"?", "a", "b"}));
  std::string many;
  for (int i = 0; i < 500; ++i) {
    many += "key" + std::to_string(i) + ": 1\n";
  }
  EXPECT_EQ(YamlFields(many, 1).KeysBesides({}).size(), 64U);
}

TEST(YamlFields, ProblemsNameTheLineOfTheFile) {
  const auto problem = [](std::string_view yaml, const std::function<void(const YamlFields&)>& use) {
    try {
      use(YamlFields(yaml, 2));
    } catch (...) {
      return ProblemText(std::current_exception(), "f.md", 2);
    }
    return std::string("none");
  };
  EXPECT_EQ(problem("a: 1\nb: [x]\n", [](const YamlFields& f) { (void)f.Text("b"); }),
            "f.md:3: expected a text at `b`, found a list");
  EXPECT_EQ(problem("a: {x: y}\n", [](const YamlFields& f) { (void)f.Names("a"); }),
            "f.md:2: expected a text at `a`, found a map");
  EXPECT_EQ(problem("a: 1\nb: ''\n", [](const YamlFields& f) { (void)f.NeededText("b"); }),
            "f.md:3: expected a text at `b`, found an empty one");
  EXPECT_EQ(problem("a: 1\n", [](const YamlFields& f) { (void)f.NeededText("b"); }),
            "f.md:1: expected a text at `b`, found no such key");
  EXPECT_EQ(problem("a: perhaps\n", [](const YamlFields& f) { (void)f.Flag("a"); }),
            "f.md:2: expected true or false at `a`, found `perhaps`");
  EXPECT_EQ(problem("a: 0\n", [](const YamlFields& f) { (void)f.Count("a"); }),
            "f.md:2: expected a whole number of at least 1 at `a`, found `0`");
  EXPECT_EQ(problem("- a\n", [](const YamlFields&) {}), "f.md:2: expected lines `key: value`, found a list");
  EXPECT_TRUE(problem("a: b: c\n", [](const YamlFields&) {}).starts_with("f.md:2: expected YAML, found an error"));
}

}  // namespace
}  // namespace tutti::documents
