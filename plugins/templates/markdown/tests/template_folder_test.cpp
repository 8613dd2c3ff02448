#include "template_folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>

#include "tutti/sdk/json.hpp"

namespace tutti::markdown {
namespace {

class TemplateFolderTest : public ::testing::Test {
 protected:
  ~TemplateFolderTest() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text) { std::ofstream(directory_ / name) << text; }

  static std::string Template(const std::string& name, const std::string& prompt = "You.") {
    return "---\nname: " + name + "\ndescription: d\n---\n" + prompt;
  }

  TemplateFolder Folder(FolderLimits limits = {}) {
    return TemplateFolder(directory_, limits, [this](const std::string& path, std::string_view problem) {
      reports_.push_back(std::filesystem::path(path).filename().string() + " " + std::string(problem));
    });
  }

  static std::string Text(const Result<std::string>& result) {
    return result.ok() ? *result : result.status().ToString();
  }

  static std::string Names(TemplateFolder& folder) {
    const Result<std::string> list = folder.List();
    if (!list.ok()) {
      return list.status().ToString();
    }
    std::string names;
    (*Json::Parse(*list))["templates"].ForEach(
        [&](JsonView item) { names += std::string(item["name"].AsString()) + (item["error"] ? "! " : " "); });
    return names;
  }

  std::filesystem::path directory_ = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "tutti-templates-XXXXXX").string();
    return std::filesystem::path(::mkdtemp(pattern.data()));
  }();
  std::vector<std::string> reports_;
};

TEST_F(TemplateFolderTest, AMissingDirectoryIsAnEmptyList) {
  std::filesystem::remove(directory_);
  TemplateFolder folder = Folder();
  EXPECT_EQ(Text(folder.List()), R"({"templates":[]})");
  EXPECT_EQ(folder.Get("scout").status().code(), Code::kNotFound);
}

TEST_F(TemplateFolderTest, SomethingElseInItsPlaceIsUnavailable) {
  std::filesystem::remove(directory_);
  std::ofstream(directory_) << "x";
  TemplateFolder folder = Folder();
  EXPECT_EQ(folder.List().status().code(), Code::kUnavailable);
}

TEST_F(TemplateFolderTest, ListsWithoutPromptsAndGivesOneWithItsOwn) {
  Write("scout.md", "---\nname: scout\ndescription: d\ntools: Read\nmodel: haiku\ncolor: blue\n---\nYou scout.");
  Write("notes.txt", Template("notes"));
  std::filesystem::create_directory(directory_ / "below");
  TemplateFolder folder = Folder();
  const std::string source = (directory_ / "scout.md").string();
  EXPECT_EQ(Text(folder.List()), R"({"templates":[{"name":"scout","description":"d","tools":["Read"],"model":"haiku",)"
                                 R"("color":"blue","source":")" +
                                     source + R"("}]})");
  EXPECT_EQ(Text(folder.Get("scout")), R"({"name":"scout","description":"d","system_prompt":"You scout.",)"
                                       R"("tools":["Read"],"model":"haiku","color":"blue","source":")" +
                                           source + R"("})");
}

TEST_F(TemplateFolderTest, ChangesShowInTheNextCall) {
  TemplateFolder folder = Folder();
  EXPECT_EQ(Names(folder), "");
  Write("a.md", Template("one"));
  EXPECT_EQ(Names(folder), "one ");
  Write("a.md", Template("two"));
  EXPECT_EQ(Names(folder), "two ");
  // Another file of the same size and time under the same name.
  Write("next", Template("six"));
  std::filesystem::last_write_time(directory_ / "next", std::filesystem::last_write_time(directory_ / "a.md"));
  std::filesystem::rename(directory_ / "next", directory_ / "a.md");
  EXPECT_EQ(Names(folder), "six ");
  std::filesystem::remove(directory_ / "a.md");
  EXPECT_EQ(Names(folder), "");
}

TEST_F(TemplateFolderTest, ABrokenFileIsListedWithItsErrorAndReportedOnce) {
  Write("good.md", Template("good"));
  Write("bad.md", "no front matter");
  TemplateFolder folder = Folder();
  EXPECT_EQ(Names(folder), "bad! good ");
  EXPECT_EQ(Names(folder), "bad! good ");
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_NE(reports_[0].find("bad.md:1: expected `---`"), std::string::npos) << reports_[0];
  const Result<std::string> bad = folder.Get("bad");
  EXPECT_EQ(bad.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(bad.status().message().find("bad.md:1: "), std::string_view::npos);
  Write("bad.md", Template("bad"));
  EXPECT_EQ(Names(folder), "bad good ");
}

TEST_F(TemplateFolderTest, TheFirstOfTwoFilesWithOneNameCounts) {
  Write("a.md", Template("scout", "First."));
  Write("b.md", Template("scout", "Second."));
  TemplateFolder folder = Folder();
  EXPECT_EQ(Names(folder), "b! scout ");
  EXPECT_NE(Text(folder.Get("scout")).find("First."), std::string::npos);
  EXPECT_NE(Text(folder.Get("b")).find("which is that of a.md"), std::string::npos) << Text(folder.Get("b"));
}

TEST_F(TemplateFolderTest, AWorkingTemplateIsNotHiddenByTheNameOfABrokenFile) {
  Write("scout.md", "broken");
  Write("z.md", Template("scout"));
  TemplateFolder folder = Folder();
  EXPECT_EQ(Names(folder), "scout ");
}

TEST_F(TemplateFolderTest, BoundsOnFilesAndBytesHoldAndAreSaid) {
  Write("a.md", Template("a", std::string(500, 'x')));
  Write("b.md", Template("b"));
  Write("c.md", Template("c"));
  TemplateFolder folder = Folder({.files = 2, .file_bytes = 300, .entries = 100});
  EXPECT_EQ(Names(folder), "a! b ");
  ASSERT_EQ(reports_.size(), 2U);
  EXPECT_NE(reports_[0].find("holds 3 files, of which the first 2 are read (max_files)"), std::string::npos);
  EXPECT_NE(reports_[1].find("expected at most 300 bytes (max_file_bytes), found 5"), std::string::npos) << reports_[1];
  TemplateFolder few = Folder({.files = 2, .file_bytes = 300, .entries = 1});
  reports_.clear();
  EXPECT_TRUE(few.List().ok());
  ASSERT_FALSE(reports_.empty());
  EXPECT_NE(reports_[0].find("more than 1 entries"), std::string::npos) << reports_[0];
}

TEST_F(TemplateFolderTest, APipeOrADirectoryOfThatNameHoldsNobody) {
  ASSERT_EQ(::mkfifo((directory_ / "pipe.md").c_str(), 0600), 0);
  std::filesystem::create_directory(directory_ / "dir.md");
  Write("good.md", Template("good"));
  TemplateFolder folder = Folder();
  EXPECT_EQ(Names(folder), "dir! good pipe! ");
}

}  // namespace
}  // namespace tutti::markdown
