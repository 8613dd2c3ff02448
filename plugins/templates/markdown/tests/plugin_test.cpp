#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::markdown {
namespace {

using testing::FakeHost;
using testing::LoadedPlugin;

TEST(MarkdownTemplates, AnswersThroughTheBoundaryAndLogsWhatIsBroken) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tutti-markdown-XXXXXX").string();
  const std::filesystem::path directory = ::mkdtemp(pattern.data());
  std::ofstream(directory / "scout.md") << "---\nname: scout\ndescription: Looks.\n---\nYou scout.";
  std::ofstream(directory / "bad.md") << "---\nname: bad\n---\nYou.";
  {
    FakeHost host;
    LoadedPlugin plugin(host, tutti_plugin_entry.create);
    ASSERT_TRUE(plugin.Start(R"({"directories":[{"path":")" + directory.string() + R"("}]})").ok());
    const Result<std::string> list = plugin.ListTemplates();
    ASSERT_TRUE(list.ok()) << list.status().ToString();
    EXPECT_EQ((*Json::Parse(*list))["templates"].size(), 2U) << *list;
    const Result<std::string> scout = plugin.GetTemplate("scout");
    ASSERT_TRUE(scout.ok()) << scout.status().ToString();
    EXPECT_EQ((*Json::Parse(*scout))["system_prompt"].AsString(), "You scout.");
    EXPECT_EQ(plugin.GetTemplate("nobody").status().code(), Code::kNotFound);
    EXPECT_EQ(plugin.GetTemplate("bad").status().code(), Code::kFailedPrecondition);
    ASSERT_EQ(host.records().logs().size(), 1U);
    EXPECT_NE(host.records().logs()[0].fields.find("expected a text at `description`"), std::string::npos);
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace tutti::markdown
