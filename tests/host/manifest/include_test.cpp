#include "host/manifest/include.h"

#include <gtest/gtest.h>

#include "host/manifest/typed_json.h"
#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

TEST(ReadWithIncludes, LaysFilesOverEachOtherInOrder) {
  ManifestFiles files;
  files.Write("conf.d/10.yaml",
              "host: {log: {level: debug}}\nplugins:\n- {id: a.b, enabled: false, config: {y: 2}}\n- id: c.d\n");
  files.Write("conf.d/20.yaml", "host: {executor: {workers: 2}}\nplugin_path: [more]\nroles: {model: m}\n");
  const std::string file = files.Write(
      "tutti.yaml",
      "version: 1\ninclude: [conf.d/*.yaml]\nplugin_path: [own]\nroles: {storage: s, model: auto}\n"
      "host: {log: {level: error, console: false}}\nplugins:\n- {id: a.b, config: {x: 1}, order: {Stop: 1}}\n");
  Problems problems;
  const auto root = ReadWithIncludes(file, {}, problems);
  ASSERT_TRUE(root);
  EXPECT_EQ(Join(files.Texts(problems)), "");
  EXPECT_EQ(ToJson(*root),
            R"({"version":1,"plugin_path":["own","more"],"roles":{"storage":"s","model":"m"},)"
            R"("host":{"log":{"level":"debug","console":false},"executor":{"workers":2}},)"
            R"("plugins":[{"id":"a.b","config":{"x":1,"y":2},"order":{"Stop":1},"enabled":false},{"id":"c.d"}]})");
  EXPECT_TRUE(root->Find("host")->Find("log")->Find("level")->place.file.ends_with("10.yaml"));
}

TEST(ReadWithIncludes, NamesAreRelativeToTheFileThatHoldsThem) {
  ManifestFiles files;
  files.Write("a/b/deep.yaml", "host: {log: {level: trace}}\n");
  files.Write("a/mid.yaml", "include: [b/deep.yaml]\n");
  const std::string file = files.Write("tutti.yaml", "include: [a/mid.yaml]\n");
  Problems problems;
  const auto root = ReadWithIncludes(file, {}, problems);
  ASSERT_TRUE(root);
  EXPECT_EQ(ToJson(*root), R"({"host":{"log":{"level":"trace"}}})");
}

TEST(ReadWithIncludes, ReportsWhatCannotBeIncluded) {
  struct Case {
    const char* main;
    const char* other;
    const char* problem;
  };

  for (const Case& c : {
           Case{"include: [other.yaml]\n", "include: [tutti.yaml]\n",
                "other.yaml:1: include[0]: file tutti.yaml includes itself, directly or through another; remove one of "
                "the "
                "includes\n"},
           {"include: [tutti.yaml]\n", "",
            "tutti.yaml:1: include[0]: file tutti.yaml includes itself, directly or through another; remove one of the "
            "includes\n"},
           {"include: [none.yaml]\n", "",
            "tutti.yaml:1: include[0]: expected an existing file, found none at none.yaml\n"},
           {"include: [none/*.yaml]\n", "", ""},
           {"include: other.yaml\n", "",
            "tutti.yaml:1: include: expected a list of file names, found 'other.yaml'; write include: "
            "[conf.d/*.yaml]\n"},
           {"include: [[x]]\n", "", "tutti.yaml:1: include[0]: expected a file name, found a list\n"},
           {"include: [other.yaml]\n", "- x\n", "other.yaml:1: expected a map of settings, found a list\n"},
           {"plugins:\n- id: a.b\n- id: a.b\n", "",
            "tutti.yaml:3: plugins[1].id: plugin a.b is listed a second time, first at line 2; keep one entry\n"},
       }) {
    ManifestFiles files;
    const std::string file = files.Write("tutti.yaml", c.main);
    files.Write("other.yaml", c.other);
    Problems problems;
    static_cast<void>(ReadWithIncludes(file, {}, problems));
    EXPECT_EQ(Join(files.Texts(problems)), c.problem) << c.main;
  }
}

}  // namespace
}  // namespace tutti::host
