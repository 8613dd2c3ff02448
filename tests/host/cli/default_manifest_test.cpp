// The shipped etc/tutti.yaml, with stand-ins for the plugins it names: their own configuration is checked where they
// are built.
#include <gtest/gtest.h>

#include <algorithm>

#include "host/cli/locations.h"
#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

class DefaultManifestTest : public ::testing::Test {
 protected:
  DefaultManifestTest() {
    const std::string open = "config: {type: object}\n";
    files_.WritePlugin("a", "tutti.transport.http", "transport", open);
    files_.WritePlugin("b", "tutti.storage.sqlite", "storage", open);
    files_.WritePlugin("c", "tutti.storage.postgresql", "storage", open);
    files_.WritePlugin("d", "tutti.models.anthropic", "model", open);
    files_.WritePlugin("e", "tutti.models.rehearsal", "model", open);
    files_.WritePlugin("f", "tutti.runtimes.loop", "runtime", open + "requires: [model]\n");
    files_.WritePlugin("g", "tutti.commands.runs", "command, hook", open + "requires: [storage]\n");
    files_.WritePlugin("h", "tutti.commands.orchestrator", "command, hook",
                       open + "requires: [tutti.commands.runs]\npoints: {RunState: record}\n");
    files_.WritePlugin("i", "tutti.commands.workspace", "command", open);
    files_.WritePlugin("j", "tutti.hooks.guard", "hook", open);
    files_.WritePlugin("budget", "tutti.hooks.budget", "hook, command", open + "requires: [storage]\n");
    files_.WritePlugin("k", "tutti.hooks.recorder", "hook", open);
    files_.WritePlugin("n", "tutti.hooks.file_tracker", "hook", open);
    files_.WritePlugin("o", "tutti.hooks.summarizer", "hook, command", open);
    files_.WritePlugin("p", "tutti.hooks.cost", "hook, command", open);
    files_.WritePlugin("l", "tutti.commands.plugins", "command", open);
    files_.WritePlugin("m", "tutti.templates.markdown", "template", open);
    files_.WritePlugin("q", "tutti.commands.open_file", "command", open);
    files_.WritePlugin("r", "tutti.templates.yaml", "template", open);
    files_.WritePlugin("s", "tutti.commands.markdown_commands", "command", open);
    files_.WritePlugin("questions", "tutti.commands.questions", "command", open + "requires: [storage]\n");
    files_.WritePlugin("house", "tutti.commands.house", "command", open + "requires: [storage]\n");
    files_.WritePlugin("approvals", "tutti.hooks.approvals", "hook, command",
                       open + "requires: [storage]\npoints: {PreToolUse: gate}\n");
    files_.WritePlugin("console", "tutti.commands.console", "command", open);
  }

  [[nodiscard]] LoadedManifest Load(Variables environment) const {
    CommandLine line;
    line.data = "/state";
    line.cwd = "/work";
    return LoadManifest({std::string(TUTTI_SOURCE_DIR) + "/etc/tutti.yaml",
                         ManifestVariables(line, std::move(environment)),
                         {files_.Path("plugins")}});
  }

  ManifestFiles files_;
};

std::string ConfigOf(const Manifest& manifest, std::string_view id) {
  const auto found = std::find_if(manifest.plugins.begin(), manifest.plugins.end(),
                                  [&](const PluginEntry& entry) { return entry.manifest.id == id; });
  return found == manifest.plugins.end() ? "not loaded" : found->config_json;
}

TEST_F(DefaultManifestTest, WorksWithoutAnyVariable) {
  const LoadedManifest loaded = Load({});
  ASSERT_EQ(Join(files_.Texts(loaded.problems)), "");
  EXPECT_EQ(loaded.manifest.plugins.size(), 22U);
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.transport.http"), R"({"listen":["127.0.0.1:9403","[::1]:9403"]})");
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.storage.sqlite"), R"({"file":"/state/tutti.db"})");
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.commands.workspace"), R"({"working_dir":"/work"})");
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.commands.open_file"), R"({"enabled":true,"command":"code"})");
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.templates.markdown"),
            R"({"directories":[{"path":"/work/.claude/agents","source":"project","beneath":"/work"},)"
            R"({"path":"~/.claude/agents","source":"user"}]})");
  EXPECT_EQ(loaded.manifest.roles.model, "tutti.models.rehearsal");
  EXPECT_EQ(loaded.manifest.host.data_dir, "/state");
  EXPECT_EQ(loaded.manifest.host.gateway.origins,
            (std::vector<std::string>{"http://127.0.0.1:5175", "http://localhost:5175"}));
}

TEST_F(DefaultManifestTest, FollowsTheEnvironment) {
  const LoadedManifest loaded = Load({{"BACKEND_PORT", "80"},
                                      {"BACKEND_HOST", "0.0.0.0"},
                                      {"DATABASE_URL", "postgresql://h/d"},
                                      {"ANTHROPIC_API_KEY", "k"},
                                      {"FRONTEND_PORT", "1"},
                                      {"CORS_ORIGINS", "http://a,http://b"},
                                      {"TUTTI_WORKERS", "1"},
                                      {"ORCHESTRATOR_SESSION_ID", "last"},
                                      {"ORCHESTRATOR_MODEL", "opus"},
                                      {"DEFAULT_AGENT_MODEL", "haiku"},
                                      {"SUMMARY_MODEL", "small"},
                                      {"ORCHESTRATOR_SYSTEM_PROMPT_PATH", "/p.md"},
                                      {"MAX_AGENT_TURNS", "7"},
                                      {"DEFAULT_SYSTEM_LOG_LIMIT", "20"},
                                      {"IDE_COMMAND", "editor -r"}});
  ASSERT_EQ(Join(files_.Texts(loaded.problems)), "");
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.commands.open_file"), R"({"enabled":true,"command":"editor -r"})");
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.transport.http"), R"({"listen":["0.0.0.0:80","[::1]:80"]})");
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.storage.postgresql"), R"({"url":"postgresql://h/d","readers":4})");
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.storage.sqlite"), "not loaded");
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.models.anthropic"), "{}");
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.commands.orchestrator"),
            R"({"session":"last","working_dir":"/work","model":"opus","agent_model":"haiku",)"
            R"("system_prompt_path":"/p.md","max_agent_turns":7,"chat_history_limit":50,)"
            R"("agent_log_limit":50,"system_log_limit":20})");
  EXPECT_EQ(ConfigOf(loaded.manifest, "tutti.hooks.summarizer"), R"({"model":"small"})");
  EXPECT_EQ(loaded.manifest.host.executor.workers, 1);
  EXPECT_EQ(loaded.manifest.host.gateway.origins,
            (std::vector<std::string>{"http://127.0.0.1:1", "http://localhost:1", "http://a", "http://b"}));
}

}  // namespace
}  // namespace tutti::host
