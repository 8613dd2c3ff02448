#include "host/manifest/manifest.h"

#include <gtest/gtest.h>

#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

constexpr const char* kRedactRest = R"(points: {PreToolUse: gate, Stop: observe}
storage:
  namespace: redact
  version: 1
  tables: {rows: {columns: {id: {type: uuid, primary: true}}}}
config:
  type: object
  properties:
    mode: {enum: [mask, remove], default: mask}
    token: {type: string}
    port: {type: integer, minimum: 1}
)";

TEST(LoadManifest, ReadsEveryKeyOfAnEntry) {
  ManifestFiles files;
  files.WritePlugin("redact", "org.example.redact", "hook", kRedactRest);
  files.WritePlugin("other", "org.example.other", "command");
  files.Write("tutti.yaml", R"(version: 1
host: {data_dir: "${TUTTI_DATA}/x", executor: {workers: "1"}}
plugins:
- id: org.example.redact
  as: redact
  required: true
  isolation: process
  min_confinement: filtered
  priority: 7
  order: {PreToolUse: -50}
  limits: {call_timeout_ms: 2000, hook_timeout_ms: 100, max_running: 3, memory_mb: 64, files: 32, processes: 8, restarts: 2,
    restart_window_ms: 3000, start_timeout_ms: 4000}
  on_fault: {deny: [Stop], allow: [PreToolUse]}
  grants:
    services: [store, events]
    net: true
    path: {read: [words, "${NONE:-}", /usr/share/dict], write: [../out]}
    tables: {org.example.other: {rows: [query, insert]}}
  config: {token: secret://redact, port: "${PORT:-7}"}
)");
  const LoadedManifest loaded = files.Load({{"TUTTI_DATA", "/d"}});
  ASSERT_EQ(Join(files.Texts(loaded.problems)), "");
  EXPECT_EQ(loaded.manifest.host.data_dir, "/d/x");
  EXPECT_EQ(loaded.manifest.host.executor.workers, 1);
  ASSERT_EQ(loaded.manifest.plugins.size(), 1U);
  const PluginEntry& entry = loaded.manifest.plugins[0];
  EXPECT_EQ(entry.manifest.id, "org.example.redact");
  EXPECT_EQ(entry.as, "redact");
  EXPECT_TRUE(entry.required);
  EXPECT_EQ(entry.order.at("PreToolUse"), -50);
  EXPECT_EQ(entry.limits.call_timeout->count(), 2000);
  EXPECT_EQ(entry.limits.hook_timeout->count(), 100);
  EXPECT_EQ(*entry.limits.max_running, 3);
  EXPECT_TRUE(entry.on_fault.deny.contains("Stop"));
  EXPECT_TRUE(entry.on_fault.allow.contains("PreToolUse"));
  EXPECT_EQ(entry.config_json, R"({"token":"secret://redact","port":7,"mode":"mask"})");
  EXPECT_EQ(entry.secrets, std::vector<std::string>{"secret://redact"});
  EXPECT_NE(entry.storage_json.find(R"("grants":{"org.example.other":{"rows":["insert","query"]}})"), std::string::npos)
      << entry.storage_json;
  EXPECT_EQ(entry.place.line, 4);
  EXPECT_EQ(entry.priority, 7);
  EXPECT_EQ(entry.isolation, Isolation::kProcess);
  EXPECT_EQ(entry.min_confinement, Confinement::kFiltered);
  EXPECT_EQ(entry.process.memory_mb, 64U);
  EXPECT_EQ(entry.process.files, 32U);
  EXPECT_EQ(entry.process.processes, 8U);
  EXPECT_EQ(entry.process.restarts, 2);
  EXPECT_EQ(entry.process.restart_window.count(), 3000);
  EXPECT_EQ(entry.process.start_timeout.count(), 4000);
  EXPECT_EQ(entry.grants.services, (std::set<std::string>{"events", "store"}));
  EXPECT_TRUE(entry.grants.net);
  EXPECT_FALSE(entry.grants.exec);
  const std::filesystem::path root = files.Path("");
  EXPECT_EQ(entry.grants.read_paths, (std::vector<std::filesystem::path>{root / "words", "/usr/share/dict"}));
  EXPECT_EQ(entry.grants.write_paths, std::vector<std::filesystem::path>{root.parent_path().parent_path() / "out"});
}

TEST(LoadManifest, ReportsEveryErrorInOnePass) {
  ManifestFiles files;
  files.WritePlugin("redact", "org.example.redact", "hook", kRedactRest);
  files.WritePlugin("needy", "org.example.needy", "command", "requires: [storage]\nsumary: x\n");
  files.Write("conf.d/more.yaml", "plugins:\n- id: org.example.redakt\n");
  files.Write("tutti.yaml", R"(verison: 1
include: [conf.d/*.yaml, gone.yaml]
host: {executor: {wokers: 4}}
plugins:
- id: org.example.redact
  isolation: process
  order: {PreTolUse: 1, Stop: first}
  on_fault: {deny: [PostToolUse]}
  config: {mdoe: mask, mode: maks, port: 0, token: "${TOKEN}"}
- id: org.example.needy
)");
  const LoadedManifest loaded = files.Load({{"TOKENS", "t"}});
  EXPECT_EQ(
      Join(files.Texts(loaded.problems)),
      "tutti.yaml:1: verison: unknown key 'verison'; expected one of version, include, plugin_path, roles, host, "
      "plugins. "
      "Did you mean 'version'?\n"
      "tutti.yaml:1: key 'version' is missing; add it with 1\n"
      "tutti.yaml:2: include[1]: expected an existing file, found none at gone.yaml\n"
      "tutti.yaml:3: host.executor.wokers: unknown key 'wokers'; expected one of workers, queue, lost_threads. Did you "
      "mean "
      "'workers'?\n"
      "tutti.yaml:7: plugins[0].order.PreTolUse: expected a hook point of plugin org.example.redact (PreToolUse, "
      "Stop), "
      "found 'PreTolUse'. Did you mean 'PreToolUse'?\n"
      "tutti.yaml:7: plugins[0].order.Stop: expected a whole number of at least -1000000 and at most 1000000, found "
      "'first'\n"
      "tutti.yaml:8: plugins[0].on_fault.deny[0]: expected a hook point of plugin org.example.redact (PreToolUse, "
      "Stop), "
      "found 'PostToolUse'. Did you mean 'PreToolUse'?\n"
      "tutti.yaml:9: plugins[0].config.mdoe: unknown key 'mdoe'; expected one of mode, token, port. Did you mean "
      "'mode'?\n"
      "tutti.yaml:9: plugins[0].config.mode: expected one of mask, remove, found 'maks'. Did you mean 'mask'?\n"
      "tutti.yaml:9: plugins[0].config.port: expected a whole number of at least 1, found '0'\n"
      "tutti.yaml:9: plugins[0].config.token: variable TOKEN is not set; set it in the environment or write "
      "${TOKEN:-default}. Did you mean 'TOKENS'?\n"
      "tutti.yaml:10: plugins.org.example.needy: plugin org.example.needy needs a plugin of kind storage, found none "
      "enabled; enable one or disable org.example.needy\n"
      "conf.d/more.yaml:2: plugins[0].id: no plugin org.example.redakt is installed; installed are org.example.needy, "
      "org.example.redact. Did you mean 'org.example.redact'?\n"
      "plugins/needy/plugin.yaml:8: sumary: unknown key 'sumary'; expected one of id, version, abi, library, kinds, "
      "summary, requires, permissions, isolation, exclusive, points, order and 2 more. Did you mean 'summary'?\n");
}

TEST(LoadManifest, ADisabledPluginIsNeitherLoadedNorChecked) {
  ManifestFiles files;
  files.WritePlugin("a", "t.a", "hook", "sumary: x\n");
  files.WritePlugin("b", "t.b", "hook", "wrong: x\n");
  files.Write("tutti.yaml", "version: 1\nplugins: [{id: t.a, enabled: false, config: {no: 1}}]\n");
  const LoadedManifest loaded = files.Load();
  EXPECT_EQ(Join(files.Texts(loaded.problems)), "");
  EXPECT_TRUE(loaded.manifest.plugins.empty());
  ASSERT_EQ(loaded.manifest.installed.size(), 2U);
  EXPECT_EQ(loaded.manifest.installed[0].state, InstalledPlugin::State::kDisabled);
  EXPECT_EQ(loaded.manifest.installed[1].state, InstalledPlugin::State::kNotListed);
}

TEST(LoadManifest, SearchesPluginPathRelativeToTheFile) {
  ManifestFiles files;
  files.WritePlugin("a", "t.a", "hook");
  files.Write("etc/tutti.yaml", "version: 1\nplugin_path: [\"${NONE:-}\", ../plugins]\nplugins: [{id: t.a}]\n");
  const LoadedManifest loaded = LoadManifest({files.Path("etc/tutti.yaml"), {}, {}});
  EXPECT_EQ(Join(files.Texts(loaded.problems)), "");
  EXPECT_EQ(loaded.manifest.plugins.size(), 1U);
}

TEST(LoadManifest, ReportsWhatDoesNotBelong) {
  struct Case {
    const char* yaml;
    const char* problem;
  };

  for (const Case& c : {
           Case{"version: 2\n", "tutti.yaml:1: version: expected 1, found '2'\n"},
           {"- x\n", "tutti.yaml:1: expected a map of settings, found a list\n"},
           {"", "tutti.yaml:1: key 'version' is missing; add it with 1\n"},
           {"version: 1\nplugins: t.a\n", "tutti.yaml:2: plugins: expected a list, found 't.a'\n"},
           {"version: 1\nplugins: [t.a]\n", "tutti.yaml:2: plugins[0]: expected a map, found 't.a'\n"},
           {"version: 1\nplugins: [{as: x}]\n",
            "tutti.yaml:2: plugins[0]: key 'id' is missing; add it with text that is not empty\n"},
           {"version: 1\nplugin_path: [nowhere]\n",
            "tutti.yaml:2: plugin_path[0]: expected a directory of plugins, found none at nowhere\n"},
           {"version: 1\nplugins: [{id: t.a, as: x}, {id: t.b, as: x}]\n",
            "tutti.yaml:2: plugins[1].as: name 'x' is taken by plugin t.a; choose another\n"},
           {"version: 1\nplugins: [{id: t.a, limit: {}}]\n",
            "tutti.yaml:2: plugins[0].limit: unknown key 'limit'; expected one of id, as, enabled, required, "
            "isolation, "
            "min_confinement, priority, order, limits, on_fault, config, grants. Did you mean 'limits'?\n"},
           {"version: 1\nplugins: [{id: t.a, enabled: maybe}]\n",
            "tutti.yaml:2: plugins[0].enabled: expected true or false, found 'maybe'\n"},
           {"version: 1\nplugins: [{id: t.a, grants: {tables: {t.b: {rows: [query]}}}}]\n",
            "tutti.yaml:2: plugins[0].grants.tables: plugin t.a has no tables to grant; remove tables\n"},
           {"version: 1\nplugins: [{id: t.c, grants: {tables: {t.x: {row: [qery]}}}}]\n",
            "tutti.yaml:2: plugins[0].grants.tables.t.x: expected the id of an installed plugin, found 't.x'. Did you "
            "mean "
            "'t.a'?\n"
            "tutti.yaml:2: plugins[0].grants.tables.t.x.row: expected one of the tables rows, found 'row'. Did you "
            "mean "
            "'rows'?\n"
            "tutti.yaml:2: plugins[0].grants.tables.t.x.row[0]: expected one of query, insert, update, upsert, delete, "
            "claim, "
            "found "
            "'qery'. Did you mean 'query'?\n"},
           {"version: 1\nplugins: [{id: t.a, grants: {services: [stroe]}}]\n",
            "tutti.yaml:2: plugins[0].grants.services[0]: expected one of store, commands, models, runtimes, "
            "templates, hooks, events, gateway, admin, secrets, house, found 'stroe'. Did you mean 'store'?\n"},
           {"version: 1\nplugins: [{id: t.a, order: {Stop: 1}}]\n",
            "tutti.yaml:2: plugins[0].order.Stop: plugin t.a takes part in no hook point; remove 'Stop'\n"},
       }) {
    ManifestFiles files;
    files.WritePlugin("a", "t.a", "command");
    files.WritePlugin("b", "t.b", "command");
    files.WritePlugin("c", "t.c", "hook", kRedactRest);
    files.Write("tutti.yaml", c.yaml);
    EXPECT_EQ(Join(files.Texts(files.Load().problems)), c.problem) << c.yaml;
  }
}

}  // namespace
}  // namespace tutti::host
