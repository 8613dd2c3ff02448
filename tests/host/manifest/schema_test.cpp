#include "host/manifest/schema.h"

#include <gtest/gtest.h>

#include "host/manifest/yaml_reader.h"

namespace tutti::host {
namespace {

constexpr const char* kConfigSchema = R"(
type: object
required: [name]
properties:
  name: {type: string, minLength: 1, description: shown to people}
  port: {type: integer, minimum: 1, maximum: 65535, default: 9403}
  ratio: {type: number}
  mode: {enum: [mask, remove], default: mask}
  strict: {type: boolean, default: false}
  note: {type: [string, "null"]}
  tags: {type: array, items: {type: string, pattern: "^[a-z]+$"}, maxItems: 3, uniqueItems: true}
  file: {type: string, default: "${DATA}/x.db"}
  limits:
    type: object
    properties:
      bytes: {type: integer, default: 1024}
      inner: {type: object, properties: {deep: {type: boolean, default: true}}}
  rules:
    type: array
    items:
      type: object
      required: [tool]
      properties: {tool: {type: string}, allow: {type: boolean, default: true}}
  extra: {type: object, additionalProperties: {type: integer}}
  listen: {$ref: "#/definitions/address"}
  either: {anyOf: [{type: integer}, {enum: [auto]}]}
definitions:
  address: {type: object, required: [host], properties: {host: {type: string}, port: {type: integer, default: 80}}}
)";

struct Applied {
  std::string json;
  std::string problems;
};

Applied Apply(std::string_view yaml) {
  const Schema schema = Schema::BuiltIn(kConfigSchema);
  Problems problems;
  const Variables variables = {{"DATA", "/data"}};
  const auto node = ParseYaml(yaml, "c.yaml", &variables, problems);
  Applied applied;
  applied.json = schema.Apply(*node, &variables, problems);
  SortProblems(problems);
  for (const Problem& problem : problems) {
    applied.problems += ToString(problem) + "\n";
  }
  return applied;
}

TEST(Schema, FillsInDefaultsAtEveryDepth) {
  const Applied applied = Apply("name: a\nlimits: {}\nrules: [{tool: Read}]\nlisten: {host: h}\n");
  EXPECT_EQ(applied.problems, "");
  EXPECT_EQ(applied.json,
            R"({"name":"a","limits":{"bytes":1024,"inner":{"deep":true}},"rules":[{"tool":"Read","allow":true}],)"
            R"("listen":{"host":"h","port":80},"port":9403,"mode":"mask","strict":false,"file":"/data/x.db"})");
}

TEST(Schema, AddsAMissingObjectOnlyWhenItsDefaultsCompleteIt) {
  const Applied applied = Apply("name: a\n");
  EXPECT_NE(applied.json.find(R"("limits":{"bytes":1024)"), std::string::npos) << applied.json;
  EXPECT_EQ(applied.json.find("listen"), std::string::npos) << applied.json;
}

TEST(Schema, TypesTextByWhatIsExpected) {
  struct Case {
    const char* yaml;
    const char* json;
  };

  for (const Case& c : {Case{"port: \"8080\"", R"("port":8080)"},
                        {"port: +7", R"("port":7)"},
                        {"name: 9403", R"("name":"9403")"},
                        {"name: true", R"("name":"true")"},
                        {"strict: true", R"("strict":true)"},
                        {"ratio: 1", R"("ratio":1)"},
                        {"ratio: \"0.5\"", R"("ratio":0.5)"},
                        {"note: ~", R"("note":null)"},
                        {"note: \"\"", R"("note":"")"},
                        {"tags:", R"("tags":[])"},
                        {"extra: {a: 1, b: \"2\"}", R"("extra":{"a":1,"b":2})"},
                        {"either: 5", R"("either":5)"},
                        {"either: auto", R"("either":"auto")"}}) {
    const std::string yaml = std::string(c.yaml).starts_with("name") ? c.yaml : std::string("name: a\n") + c.yaml;
    const Applied applied = Apply(yaml);
    EXPECT_EQ(applied.problems, "") << c.yaml;
    EXPECT_NE(applied.json.find(c.json), std::string::npos) << c.yaml << " gave " << applied.json;
  }
}

TEST(Schema, SaysWhatIsWrongAndWhere) {
  struct Case {
    const char* yaml;
    const char* problems;
  };

  for (const Case& c : {
           Case{"port: 1\n", "c.yaml:1: key 'name' is missing; add it with text that is not empty (shown to people)\n"},
           {"name: a\nport: many\n",
            "c.yaml:2: port: expected a whole number of at least 1 and at most 65535, found 'many'\n"},
           {"name: a\nport: 70000\n",
            "c.yaml:2: port: expected a whole number of at least 1 and at most 65535, found '70000'\n"},
           {"name: a\nport: 1.5\n",
            "c.yaml:2: port: expected a whole number of at least 1 and at most 65535, found '1.5'\n"},
           {"name: a\nprot: 1\n",
            "c.yaml:2: prot: unknown key 'prot'; expected one of name, port, ratio, mode, strict, note, tags, file, "
            "limits, "
            "rules, extra, listen and 1 more. Did you mean 'port'?\n"},
           {"name: a\nmode: maks\n",
            "c.yaml:2: mode: expected one of mask, remove, found 'maks'. Did you mean 'mask'?\n"},
           {"name: a\nstrict: yes\n", "c.yaml:2: strict: expected true or false, found 'yes'\n"},
           {"name: a\ntags: x\n",
            "c.yaml:2: tags: expected a list with at most this many items: 3 without repeated items, found 'x'\n"},
           {"name: a\ntags: [a, B]\n", "c.yaml:2: tags[1]: expected text that matches ^[a-z]+$, found 'B'\n"},
           {"name: a\ntags: [a, a]\n",
            "c.yaml:2: tags: expected a list with at most this many items: 3 without repeated items, found a list\n"},
           {"name: a\nlimits: {byte: 1}\n",
            "c.yaml:2: limits.byte: unknown key 'byte'; expected one of bytes, inner. Did you mean 'bytes'?\n"},
           {"name: a\nrules:\n- tool: x\n- allow: false\n",
            "c.yaml:4: rules[1]: key 'tool' is missing; add it with text\n"},
           {"name: a\nextra: {x: no}\n", "c.yaml:2: extra.x: expected a whole number, found 'no'\n"},
           {"name: a\nlisten: {}\n", "c.yaml:2: listen: key 'host' is missing; add it with text\n"},
           {"name: a\neither: nothing\n", "c.yaml:2: either: expected a whole number, or auto, found 'nothing'\n"},
           {"name: \"\"\n", "c.yaml:1: name: expected text that is not empty, found empty text\n"},
           {"name: [a]\n", "c.yaml:1: name: expected text that is not empty, found a list\n"},
           {"[a]\n", "c.yaml:1: expected a map, found a list\n"},
       }) {
    EXPECT_EQ(Apply(c.yaml).problems, c.problems) << c.yaml;
  }
}

TEST(Schema, ReportsEverythingInOnePass) {
  EXPECT_EQ(Apply("prot: 1\nport: 0\nmode: x\ntags: [A, B]\n").problems,
            "c.yaml:1: prot: unknown key 'prot'; expected one of name, port, ratio, mode, strict, note, tags, file, "
            "limits, rules, extra, listen and 1 more. Did you mean 'port'?\n"
            "c.yaml:1: key 'name' is missing; add it with text that is not empty (shown to people)\n"
            "c.yaml:2: port: expected a whole number of at least 1 and at most 65535, found '0'\n"
            "c.yaml:3: mode: expected one of mask, remove, found 'x'\n"
            "c.yaml:4: tags[0]: expected text that matches ^[a-z]+$, found 'A'\n"
            "c.yaml:4: tags[1]: expected text that matches ^[a-z]+$, found 'B'\n");
}

TEST(Schema, NeverShowsASecret) {
  const Schema schema = Schema::BuiltIn("{type: object, properties: {api_key: {type: string, maxLength: 3}}}");
  Problems problems;
  const auto node = ParseYaml("api_key: sk-12345\n", "c.yaml", nullptr, problems);
  static_cast<void>(schema.Apply(*node, nullptr, problems));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(ToString(problems[0]), "c.yaml:1: api_key: expected text with a length of at most 3, found '***'");
}

TEST(Schema, RefusesASchemaThatIsNone) {
  Problems problems;
  const auto node = ParseYaml("type: object\nproperties: 5\n", "plugin.yaml", nullptr, problems);
  EXPECT_FALSE(Schema::FromNode(*node, problems));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_TRUE(problems[0].message.starts_with("expected a JSON Schema (draft 7), found a mistake: "))
      << problems[0].message;
}

TEST(Schema, EmptyRefusesEveryKey) {
  Problems problems;
  const auto node = ParseYaml("a: 1\n", "c.yaml", nullptr, problems);
  EXPECT_EQ(Schema::Empty().Apply(*node, nullptr, problems), "{}");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].message, "unknown key 'a'; no key is expected here, remove it");
}

TEST(Schema, CheckKeysLooksAtNamesOnly) {
  const Schema schema = Schema::BuiltIn(kConfigSchema);
  Problems problems;
  const auto node = ParseYaml("port: wrong\nlimits: {byte: 1}\n", "c.yaml", nullptr, problems);
  schema.CheckKeys(*node, problems);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].nearest, "bytes");
}

}  // namespace
}  // namespace tutti::host
