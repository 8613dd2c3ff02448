#include "host/manifest/load_order.h"

#include <gtest/gtest.h>

#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

TEST(LoadOrder, PutsDependenciesFirstAndKeepsTheListOtherwise) {
  ManifestFiles files;
  files.WritePlugin("web", "t.web", "transport", "requires: [command]\n");
  files.WritePlugin("orchestrator", "t.orchestrator", "command", "requires: [t.runs, storage]\n");
  files.WritePlugin("hook", "t.hook", "hook");
  files.WritePlugin("runs", "t.runs", "command", "requires: [storage, \"t.db >= 1.0.0\"]\n");
  files.WritePlugin("db", "t.db", "storage");
  files.Write("tutti.yaml",
              "version: 1\nplugins: [{id: t.web}, {id: t.orchestrator}, {id: t.hook}, {id: t.runs}, {id: t.db}]\n");
  const LoadedManifest loaded = files.Load();
  EXPECT_EQ(Join(files.Texts(loaded.problems)), "");
  EXPECT_EQ(IdsOf(loaded.manifest.plugins),
            (std::vector<std::string>{"t.db", "t.runs", "t.orchestrator", "t.web", "t.hook"}));
  EXPECT_EQ(loaded.manifest.plugins[2].dependencies, (std::vector<std::string>{"t.runs", "t.db"}));
}

TEST(LoadOrder, SaysWhoNeedsWhom) {
  struct Case {
    const char* needs;
    const char* other;
    const char* problem;
  };

  for (const Case& c : {
           Case{"storage", "",
                "tutti.yaml:3: plugins.t.a: plugin t.a needs a plugin of kind storage, found none enabled; "
                "enable one or disable t.a\n"},
           {"t.b", "enabled: false",
            "tutti.yaml:3: plugins.t.a: plugin t.a needs t.b, which is installed but not enabled; enable it or disable "
            "t.a\n"},
           {"t.bx", "",
            "tutti.yaml:3: plugins.t.a: plugin t.a needs t.bx, which is not installed; install it or disable t.a. Did "
            "you "
            "mean 't.b'?\n"},
           {"t.b >= 2.0.0", "",
            "tutti.yaml:3: plugins.t.a: plugin t.a needs t.b in version 2.0.0 or later, found 1.0.0; install a newer "
            "one\n"},
       }) {
    ManifestFiles files;
    files.WritePlugin("a", "t.a", "command", std::string("requires: [\"") + c.needs + "\"]\n");
    files.WritePlugin("b", "t.b", "command");
    files.Write("tutti.yaml", std::string("version: 1\nplugins:\n- id: t.a\n- id: t.b\n  ") + c.other + "\n");
    EXPECT_EQ(Join(files.Texts(files.Load().problems)), c.problem) << c.needs;
  }
}

TEST(LoadOrder, ReportsACircle) {
  ManifestFiles files;
  files.WritePlugin("a", "t.a", "command", "requires: [t.b]\n");
  files.WritePlugin("b", "t.b", "command", "requires: [t.c]\n");
  files.WritePlugin("c", "t.c", "command", "requires: [t.a]\n");
  files.Write("tutti.yaml", "version: 1\nplugins:\n- id: t.a\n- id: t.b\n- id: t.c\n");
  EXPECT_EQ(Join(files.Texts(files.Load().problems)),
            "tutti.yaml:3: plugins.t.a: plugins need each other in a circle: t.a -> t.b -> t.c -> t.a; disable one of "
            "them\n");
}

}  // namespace
}  // namespace tutti::host
