#include <gtest/gtest.h>

#include <set>

#include "temporary_directory.h"
#include "tests/support/manifest_defaults.h"
#include "tests/support/plugin_library.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::workspace {
namespace {

using tutti::testing::FakeHost;
using tutti::testing::LoadedPlugin;

class WorkspacePluginTest : public ::testing::Test {
 protected:
  LoadedPlugin Load(std::map<std::string, std::string> changes = {}) {
    changes.emplace("working_dir", JsonQuote(inside.path()));
    LoadedPlugin plugin(host, tutti::testing::OpenPlugin(WORKSPACE_LIBRARY).create);
    const Status started = plugin.Start(tutti::testing::ManifestDefaults(WORKSPACE_MANIFEST, changes));
    EXPECT_TRUE(started.ok()) << started.ToString();
    return plugin;
  }

  static std::string Text(const Result<std::string>& result) {
    EXPECT_TRUE(result.ok()) << result.status().ToString();
    return std::string((*Json::Parse(result.ok() ? *result : "{}"))["content"][0]["text"].AsString());
  }

  TemporaryDirectory inside;
  FakeHost host;
};

TEST_F(WorkspacePluginTest, DefinesSixTools) {
  const LoadedPlugin plugin = Load();
  const auto definitions = Json::Parse(plugin.Commands());
  ASSERT_TRUE(definitions.ok()) << definitions.status().ToString();
  std::set<std::string> tools;
  definitions->view().ForEach([&](JsonView definition) {
    tools.insert(std::string(definition["tool"]["name"].AsString()));
    EXPECT_EQ(definition["surfaces"].Dump(), R"(["tool"])");
    EXPECT_EQ(definition["input"]["type"].AsString(), "object");
    EXPECT_GT(definition["timeout_ms"].AsInt(), 0);
    const std::string_view tool = definition["tool"]["name"].AsString();
    EXPECT_EQ(definition["effects"].AsString() == "read", tool == "Read" || tool == "Glob" || tool == "Grep") << tool;
  });
  EXPECT_EQ(tools, (std::set<std::string>{"Read", "Write", "Edit", "Bash", "Glob", "Grep"}));
}

TEST_F(WorkspacePluginTest, ToolsWorkTogether) {
  LoadedPlugin plugin = Load();
  EXPECT_EQ(Text(plugin.Invoke("workspace.write", R"({"file_path":"src/a.txt","content":"one\ntwo\n"})")),
            "Created src/a.txt (8 bytes)");
  EXPECT_EQ(
      Text(plugin.Invoke("workspace.edit", R"({"file_path":"src/a.txt","old_string":"two","new_string":"three"})")),
      "Replaced 1 occurrence in src/a.txt");
  EXPECT_EQ(Text(plugin.Invoke("workspace.read", R"({"file_path":"src/a.txt","offset":2})")), "     2\tthree\n");
  EXPECT_EQ(Text(plugin.Invoke("workspace.glob", R"({"pattern":"**/*.txt"})")), "src/a.txt\n");
  EXPECT_EQ(Text(plugin.Invoke("workspace.grep", R"({"pattern":"TH","-i":true,"output_mode":"content","-B":1})")),
            "src/a.txt-1-one\nsrc/a.txt:2:three\n");
  EXPECT_EQ(Text(plugin.Invoke("workspace.bash", R"({"command":"cat src/a.txt"})")), "one\nthree\n");
}

TEST_F(WorkspacePluginTest, EverydayShellWorksAsConfinedByDefault) {
  LoadedPlugin plugin = Load();
  const std::string script = R"sh(set -e
cat <<END
here
END
head -c 200000 /dev/zero | tr '\0' x > big; wc -c < big
cat <(echo substituted)
echo stdout > /dev/stdout
file=$(mktemp); echo temporary > "$file"; cat "$file"; rm "$file"
printf 'b\na\n' | sort | awk '{print NR $1}'
mkdir -p a/b && mv a c && ls c
(cd c && pwd -P | sed 's|.*/||')
for i in 1 2 3; do echo $i & wait; done
)sh";
  EXPECT_EQ(Text(plugin.Invoke("workspace.bash", JsonObject()("command", script).Take())),
            "here\n200000\nsubstituted\nstdout\ntemporary\n1a\n2b\nb\nc\n1\n2\n3\n");
}

TEST_F(WorkspacePluginTest, ReadablePathsMayLieInTheHome) {
  const TemporaryDirectory home;
  home.Put(".settings", "readable");
  home.Put(".secret", "hidden");
  const std::string before = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "";
  ASSERT_EQ(::setenv("HOME", home.path().c_str(), 1), 0);
  ASSERT_EQ(::setenv("TMPDIR", inside.path().c_str(), 1), 0);
  LoadedPlugin plugin = Load({{"readable_paths", R"(["/usr","/bin","/lib","/lib64","~/.settings"])"}});
  ::unsetenv("TMPDIR");
  ::setenv("HOME", before.c_str(), 1);
  const auto result = plugin.Invoke("workspace.bash", R"({"command":"cat ~/.settings ~/.secret"})");
  ASSERT_TRUE(result.ok());
  EXPECT_NE(Text(result).find("readable"), std::string::npos) << *result;
  if (result->find(R"("confinement":"landlock")") != std::string::npos) {
    EXPECT_EQ(Text(result).find("hidden"), std::string::npos) << *result;
  }
}

TEST_F(WorkspacePluginTest, AToolsFailureIsAResultAndAnUnknownCommandIsNot) {
  LoadedPlugin plugin = Load();
  const auto result = plugin.Invoke("workspace.read", R"({"file_path":"../x"})");
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE((*Json::Parse(*result))["is_error"].AsBool());
  EXPECT_EQ(plugin.Invoke("workspace.other", "{}").status().code(), Code::kNotFound);
}

TEST_F(WorkspacePluginTest, CancelEndsACommandAtOnce) {
  LoadedPlugin plugin = Load();
  auto call = plugin.BeginInvoke("workspace.bash", R"({"command":"echo > begun; sleep 1000"})");
  ASSERT_TRUE(host.WaitUntil([&] { return inside.Get("begun") != "<missing>"; }));
  call.Cancel();
  EXPECT_NE(Text(call.Wait()).find("Cancelled"), std::string::npos);
  EXPECT_EQ(call.finish_attempts(), 1U);
}

TEST_F(WorkspacePluginTest, ManyCommandsNeedNoWorkerEach) {
  LoadedPlugin plugin = Load();
  std::vector<tutti::testing::RunningCall> calls;
  for (int i = 0; i < 10; ++i) {
    calls.push_back(plugin.BeginInvoke(
        "workspace.bash",
        JsonObject()("command", "echo > " + std::to_string(i) + "; until [ -e go ]; do sleep 0.01; done").Take()));
  }
  // All ten run at once, and the two workers are free for this.
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(host.WaitUntil([&] { return inside.Get(std::to_string(i)) != "<missing>"; })) << i;
  }
  EXPECT_TRUE(plugin.Invoke("workspace.write", R"({"file_path":"go","content":""})").ok());
  for (auto& call : calls) {
    EXPECT_TRUE(call.Wait().ok());
  }
}

TEST_F(WorkspacePluginTest, DeactivateEndsCommandsAndActivateStartsAgain) {
  LoadedPlugin plugin = Load();
  auto call = plugin.BeginInvoke("workspace.bash", R"({"command":"echo > begun; sleep 1000"})");
  ASSERT_TRUE(host.WaitUntil([&] { return inside.Get("begun") != "<missing>"; }));
  plugin.Deactivate();
  EXPECT_TRUE(call.is_over());
  ASSERT_TRUE(plugin.Activate().ok());
  EXPECT_EQ(Text(plugin.Invoke("workspace.bash", R"({"command":"echo again"})")), "again\n");
}

TEST_F(WorkspacePluginTest, UnconfinedIsLogged) {
  LoadedPlugin plugin = Load({{"confine", "false"}});
  EXPECT_EQ(Text(plugin.Invoke("workspace.bash", R"({"command":"echo x"})")), "x\n");
  bool is_logged = false;
  for (const auto& line : host.records().logs()) {
    is_logged = is_logged || line.message.find("bash runs unconfined") == 0;
  }
  EXPECT_TRUE(is_logged);
}

TEST_F(WorkspacePluginTest, AMissingWorkingDirectoryIsRefused) {
  LoadedPlugin plugin(host, tutti::testing::OpenPlugin(WORKSPACE_LIBRARY).create);
  const Status status = plugin.Init(
      tutti::testing::ManifestDefaults(WORKSPACE_MANIFEST, {{"working_dir", R"("/nonexistent/directory")"}}));
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_NE(status.message().find("working_dir"), std::string::npos);
}

}  // namespace
}  // namespace tutti::workspace
