#include "host/manifest/yaml_reader.h"

#include <gtest/gtest.h>

#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

TEST(ParseYaml, KeepsPlaceAndPathOfEveryValue) {
  Problems problems;
  const auto root = ParseYaml("a: 1\nb:\n  - x\n  - c: 'q'\nd:\n", "f.yaml", nullptr, problems);
  ASSERT_TRUE(root);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(root->Find("a")->text, "1");
  EXPECT_EQ(root->Find("a")->place.line, 1);
  EXPECT_EQ(root->Find("a")->place.column, 4);
  const Node& inner = *root->Find("b")->items.at(1).Find("c");
  EXPECT_EQ(inner.path, "b[1].c");
  EXPECT_EQ(inner.place.line, 4);
  EXPECT_TRUE(inner.quoted);
  EXPECT_FALSE(root->Find("a")->quoted);
  EXPECT_EQ(root->Find("d")->kind, Node::Kind::kNull);
  EXPECT_EQ(root->Find("d")->place.line, 5);
}

TEST(ParseYaml, AVariableNeverInjectsStructure) {
  Problems problems;
  const Variables variables = {{"EVIL", "x\nadded: true\n- [1, 2]"}};
  const auto root = ParseYaml("a: ${EVIL}\n", "f.yaml", &variables, problems);
  ASSERT_TRUE(root);
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(root->members.size(), 1U);
  EXPECT_EQ(root->Find("a")->text, "x\nadded: true\n- [1, 2]");
}

TEST(ParseYaml, ReportsMistakesWithPlaceAndAdvice) {
  struct Case {
    const char* yaml;
    const char* text;
  };

  for (const Case& c : {
           Case{"a: 1\nb: 2\na: 3\n",
                "f.yaml:3: a: key 'a' stands here a second time, first at line 1; keep one of them"},
           {"[1]: x\n", "f.yaml:1: expected a key of plain text, found a list or a map"},
           {"a: ${NOPE}\n",
            "f.yaml:1: a: variable NOPE is not set; set it in the environment or write ${NOPE:-default}"},
           {"a: 1\n---\nb: 2\n", "f.yaml:3: expected one YAML document, found 2; remove the '---' between them"},
           {"a: {file: ${DATA}/x}\n",
            "f.yaml:1: expected YAML, found a mistake: end of map flow not found; inside [...] and {...} a value with "
            "${NAME} must be in double quotes"},
           {"a:\n\tb: 1\n",
            "f.yaml:2: expected YAML, found a mistake: illegal map value; indent with spaces, not tabs"},
       }) {
    Problems problems;
    const Variables none;
    static_cast<void>(ParseYaml(c.yaml, "f.yaml", &none, problems));
    ASSERT_EQ(problems.size(), 1U) << c.yaml;
    EXPECT_EQ(ToString(problems[0]), c.text);
  }
}

TEST(ParseYaml, RefusesAnAliasThatGrowsWithoutBound) {
  std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 9; ++k) {
      yaml += before + ", ";
    }
    yaml += before + "]\n";
  }
  Problems problems;
  static_cast<void>(ParseYaml(yaml, "f.yaml", nullptr, problems));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].message.find("at most 100000 values"), std::string::npos) << problems[0].message;
}

TEST(ReadYamlFile, ReportsAFileThatIsNotThere) {
  const ManifestFiles files;
  Problems problems;
  EXPECT_FALSE(ReadYamlFile(files.Path("none.yaml"), nullptr, problems));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(files.Text(problems[0]),
            "none.yaml: expected a readable file, found No such file or directory; check the name");
}

TEST(ReadYamlFile, RefusesAFileThatIsTooLarge) {
  ManifestFiles files;
  const std::string file = files.Write("big.yaml", std::string(kMaxFileBytes + 1, '#'));
  Problems problems;
  EXPECT_FALSE(ReadYamlFile(file, nullptr, problems));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].message.find("split the file with include"), std::string::npos);
}

}  // namespace
}  // namespace tutti::host
