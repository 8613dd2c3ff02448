#include "host/manifest/plugin_manifest.h"

#include <gtest/gtest.h>

#include "host/manifest/plugin_search.h"
#include "host/trust/digest.h"
#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

constexpr const char* kFull = R"(
id: org.example.redact
version: 1.2.0
abi: 1.0
library: redact.so
kinds: [hook, command]
summary: Masks card numbers.
requires: [storage, "tutti.commands.runs >= 0.2.0"]
permissions: [net, store]
isolation: [host, process]
points: {PreToolUse: gate, PostToolUse: [record, observe]}
storage:
  namespace: redact
  version: 1
  grants: {org.example.other: {rows: [query]}}
  tables:
    rows:
      columns:
        id: {type: uuid, primary: true}
        zeta: {type: text, null: false, default: ""}
        alpha: {type: time, default: now}
      unique: [{name: one_zeta, columns: [zeta], where: {alpha: null}}]
      indexes: [{name: by_alpha, columns: [alpha desc]}]
    children:
      columns:
        id: {type: int64, primary: true}
        row: {type: uuid, references: rows.id, on_delete: cascade}
config: {type: object, properties: {mode: {type: string, default: mask}}}
)";

TEST(ReadPluginManifest, ReadsEveryKey) {
  ManifestFiles files;
  const std::string file = files.Write("redact/plugin.yaml", kFull);
  files.Write("redact/redact.so", "");
  Problems problems;
  const auto plugin = ReadPluginManifest(file, problems);
  ASSERT_TRUE(plugin);
  EXPECT_EQ(Join(files.Texts(problems)), "");
  EXPECT_EQ(plugin->id, "org.example.redact");
  EXPECT_EQ(plugin->version.ToString(), "1.2.0");
  EXPECT_EQ(plugin->abi.major, 1U);
  EXPECT_EQ(plugin->library, files.Path("redact/redact.so"));
  EXPECT_TRUE(plugin->Serves("hook"));
  EXPECT_FALSE(plugin->Serves("storage"));
  ASSERT_EQ(plugin->requirements.size(), 2U);
  EXPECT_TRUE(plugin->requirements[0].is_kind());
  EXPECT_EQ(plugin->requirements[1].name, "tutti.commands.runs");
  EXPECT_EQ(plugin->requirements[1].minimum->ToString(), "0.2.0");
  EXPECT_EQ(plugin->points.at("PreToolUse"), std::vector<PointMode>{PointMode::kGate});
  EXPECT_EQ(plugin->points.at("PostToolUse"), (std::vector<PointMode>{PointMode::kRecord, PointMode::kObserve}));
  EXPECT_EQ(plugin->permissions, (std::vector<std::string>{"net", "store"}));
  EXPECT_EQ(plugin->isolation, (std::vector<std::string>{"host", "process"}));
  EXPECT_EQ(plugin->sha256, Sha256(kFull));
  EXPECT_TRUE(plugin->storage_json.starts_with(R"({"owner":"org.example.redact","namespace":"redact")"))
      << plugin->storage_json;
  EXPECT_LT(plugin->storage_json.find("zeta"), plugin->storage_json.find("alpha"));
}

TEST(ReadPluginManifest, TakesTheFoldersNameForTheLibrary) {
  ManifestFiles files;
  const std::string file =
      files.Write("redact/plugin.yaml", "id: a.b\nversion: 1.0.0\nabi: 1\nkinds: [hook]\nsummary: s\n");
  files.Write("redact/redact.so", "");
  Problems problems;
  const auto plugin = ReadPluginManifest(file, problems);
  EXPECT_EQ(Join(files.Texts(problems)), "");
  EXPECT_EQ(plugin->library, files.Path("redact/redact.so"));
}

TEST(ReadPluginManifest, SaysWhatIsWrongAndWhere) {
  struct Case {
    const char* line;
    const char* problem;
  };

  const std::string base = "id: a.b\nsummary: s\nlibrary: p.so\n";
  for (
      const Case& c : {
          Case{"version: 1.0\nabi: 1\nkinds: [hook]",
               "p/plugin.yaml:4: version: expected a semantic version such as 1.2.0, found '1.0'\n"},
          {"version: 1.0.0\nabi: 7\nkinds: [hook]",
           "p/plugin.yaml:5: abi: expected boundary revision 1.1 or older of the same major, found 7; use a plugin and "
           "a "
           "host that were built for each other\n"},
          {"version: 1.0.0\nabi: x\nkinds: [hook]",
           "p/plugin.yaml:5: abi: expected a boundary revision such as 1.1, found 'x'\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hok]",
           "p/plugin.yaml:6: kinds[0]: expected one of transport, storage, hook, command, model, runtime, "
           "template, found 'hok'. "
           "Did "
           "you mean 'hook'?\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hook]\npermissions: [stor]",
           "p/plugin.yaml:7: permissions[0]: expected one of store, commands, models, runtimes, templates, hooks, "
           "events, gateway, admin, secrets, house, net and 2 more, found 'stor'. Did you mean 'store'?\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [transport]\nisolation: [process]",
           "p/plugin.yaml:7: isolation: expected [host] for a transport, found process; transports run inside the "
           "host\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hook]\nsumary: x",
           "p/plugin.yaml:7: sumary: unknown key 'sumary'; expected one of id, version, abi, library, kinds, summary, "
           "requires, permissions, isolation, exclusive, points, order and 2 more. Did you mean 'summary'?\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hook]\npoints: {PreTolUse: gate}",
           "p/plugin.yaml:7: points.PreTolUse: expected a hook point (UserPromptSubmit, Message, TextBlock, "
           "ThinkingBlock, "
           "ToolUseBlock, PreToolUse, PostToolUse, Stop, RunState, SubagentStop, PreCompact, command.before, "
           "command.after, "
           "model.before, model.after, model.failed), found 'PreTolUse'. Did you mean 'PreToolUse'?\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hook]\npoints: {Stop: gate}",
           "p/plugin.yaml:7: points.Stop: expected a mode that point Stop allows (record, observe), found 'gate'\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hook]\npoints: {Stop: [recrod]}",
           "p/plugin.yaml:7: points.Stop[0]: expected a mode that point Stop allows (record, observe), found 'recrod'. "
           "Did "
           "you mean 'record'?\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [command]\npoints: {Stop: observe}",
           "p/plugin.yaml:7: points: points are for plugins of kind hook; add hook to kinds\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hook]\nrequires: [storag]",
           "p/plugin.yaml:7: requires[0]: expected a kind (transport, storage, hook, command, model, runtime, "
           "template) or a "
           "plugin "
           "id, found 'storag'. Did you mean 'storage'?\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hook]\nrequires: [\"a.c >= one\"]",
           "p/plugin.yaml:7: requires[0]: expected a plugin with a version, such as org.example.redact >= 1.2.0, found "
           "'a.c >= one'\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hook]\nstorage: {namespace: x, version: 1, tables: {t: {columns: {a: "
           "{type: "
           "txt, primary: true}}}}}",
           "p/plugin.yaml:7: storage.tables.t.columns.a.type: expected one of text, int64, double, decimal, bool, "
           "json, "
           "time, uuid, bytes, found 'txt'. Did you mean 'text'?\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hook]\nstorage: {namespace: x, version: 1, tables: {t: {columns: {aa: "
           "{type: "
           "text}}, touch: [ab]}}}",
           "p/plugin.yaml:7: storage.tables.t: table t has no primary key; mark a column primary: true\n"
           "p/plugin.yaml:7: storage.tables.t.touch[0]: expected a column of table t (aa), found 'ab'. Did you mean "
           "'aa'?\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hook]\nstorage: {namespace: x, version: 1, tables: {t: {columns: {a: "
           "{type: "
           "text, primary: true, references: later.a}}}, later: {columns: {a: {type: text, primary: true}}}}}",
           "p/plugin.yaml:7: storage.tables.t.columns.a.references: table later stands after t, which refers to it; "
           "move "
           "it before\n"},
          {"version: 1.0.0\nabi: 1\nkinds: [hook]\nconfig: {type: object, properties: 5}", "p/plugin.yaml:7: config: "},
      }) {
    ManifestFiles files;
    const std::string file = files.Write("p/plugin.yaml", base + c.line + "\n");
    files.Write("p/p.so", "");
    Problems problems;
    static_cast<void>(ReadPluginManifest(file, problems));
    SortProblems(problems);
    const std::string text = Join(files.Texts(problems));
    EXPECT_EQ(
        text.substr(0, std::string_view(c.problem).ends_with("\n") ? text.size() : std::string_view(c.problem).size()),
        c.problem)
        << c.line;
  }
}

TEST(ReadPluginManifest, ReportsALibraryThatIsNotThere) {
  ManifestFiles files;
  const std::string file =
      files.Write("p/plugin.yaml", "id: a.b\nversion: 1.0.0\nabi: 1\nkinds: [hook]\nsummary: s\nlibrary: gone.so\n");
  Problems problems;
  static_cast<void>(ReadPluginManifest(file, problems));
  EXPECT_EQ(
      Join(files.Texts(problems)),
      "p/plugin.yaml:6: library: expected the library p/gone.so, found no such file; build or install it, or correct "
      "`library`\n");
}

TEST(ReadPluginManifest, RunsAnywhereUnlessItIsATransport) {
  ManifestFiles files;
  files.WritePlugin("hook", "a.hook", "hook");
  files.WritePlugin("wire", "a.wire", "transport");
  Problems problems;
  const auto hook = ReadPluginManifest(files.Path("plugins/hook/plugin.yaml"), problems);
  const auto wire = ReadPluginManifest(files.Path("plugins/wire/plugin.yaml"), problems);
  EXPECT_EQ(Join(files.Texts(problems)), "");
  EXPECT_TRUE(hook->RunsIn("host") && hook->RunsIn("process"));
  EXPECT_TRUE(wire->RunsIn("host") && !wire->RunsIn("process"));
}

TEST(FindPlugins, LooksOneAndTwoFoldersDeep) {
  ManifestFiles files;
  files.WritePlugin("one", "a.one", "hook");
  files.WritePlugin("hooks/two", "a.two", "hook");
  files.WritePlugin("too/deep/three", "a.three", "hook");
  Problems problems;
  const auto found = FindPlugins({files.Path("plugins"), files.Path("missing")}, problems);
  EXPECT_EQ(Join(files.Texts(problems)), "");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found.contains("a.one"));
  EXPECT_TRUE(found.contains("a.two"));
}

TEST(FindPlugins, ReportsAnIdThatIsInstalledTwice) {
  ManifestFiles files;
  files.WritePlugin("one", "a.same", "hook");
  files.WritePlugin("two", "a.same", "hook");
  Problems problems;
  const auto found = FindPlugins({files.Path("plugins"), files.Path("plugins")}, problems);
  EXPECT_EQ(Join(files.Texts(problems)), "");
  EXPECT_EQ(
      Join(files.Texts(found.at("a.same").problems)),
      "plugins/two/plugin.yaml:1: id: plugin a.same is installed twice, also in plugins/one; remove one of them from "
      "plugin_path\n");
}

}  // namespace
}  // namespace tutti::host
