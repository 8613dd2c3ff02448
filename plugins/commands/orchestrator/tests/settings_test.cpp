#include "settings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tutti::orchestrator {
namespace {

Result<Settings> Read(const std::string& config) {
  const Result<Json> json = Json::Parse(config);
  EXPECT_TRUE(json.ok()) << config;
  return Settings::FromConfig(json->view());
}

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tutti-settings-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
  }

  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
};

TEST_F(SettingsTest, EmptyConfigWorksInTheCurrentDirectoryWithTheShippedPrompt) {
  const Result<Settings> settings = Read("{}");
  ASSERT_TRUE(settings.ok()) << settings.status().ToString();
  EXPECT_EQ(settings->working_dir, std::filesystem::canonical(".").string());
  EXPECT_NE(settings->system_prompt.find("mcp__mgmt__create_agent"), std::string::npos);
  EXPECT_EQ(settings->max_agent_turns, 500);
}

TEST_F(SettingsTest, PromptFileIsRead) {
  std::ofstream(directory_ + "/prompt.md") << "You are {{SUBAGENT_MAP}}";
  const Result<Settings> settings = Read(R"({"system_prompt_path":")" + directory_ + R"(/prompt.md"})");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->system_prompt, "You are {{SUBAGENT_MAP}}");
  EXPECT_EQ(FillPrompt(settings->system_prompt, {}).find("{{"), std::string::npos);
}

TEST_F(SettingsTest, EveryTemplateHasALineInThePrompt) {
  AgentTemplate scout;
  scout.name = "scout";
  scout.description = "Looks\naround {{SUBAGENT_MAP}}";
  AgentTemplate builder;
  builder.name = "builder";
  builder.description = "Builds";
  EXPECT_EQ(FillPrompt("Use:\n{{SUBAGENT_MAP}}\nend", {builder, scout}),
            "Use:\n- **builder**: Builds\n- **scout**: Looks around {{SUBAGENT_MAP}}\nend");
  EXPECT_TRUE(NamesTemplates("a {{SUBAGENT_MAP}}"));
  EXPECT_FALSE(NamesTemplates("a"));
}

TEST_F(SettingsTest, ProblemsNameKeyAndPath) {
  const std::string missing = directory_ + "/none";
  const Result<Settings> prompt = Read(R"({"system_prompt_path":")" + missing + R"("})");
  EXPECT_EQ(prompt.status().code(), Code::kNotFound);
  EXPECT_NE(prompt.status().message().find("system_prompt_path: cannot read \"" + missing), std::string_view::npos);
  const Result<Settings> directory = Read(R"({"working_dir":")" + missing + R"("})");
  EXPECT_EQ(directory.status().code(), Code::kNotFound);
  EXPECT_NE(directory.status().message().find("working_dir: \"" + missing), std::string_view::npos);
}

}  // namespace
}  // namespace tutti::orchestrator
