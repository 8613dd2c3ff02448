#include "search_tools.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "glob_pattern.h"
#include "temporary_directory.h"

namespace tutti::workspace {
namespace {

bool Never() {
  return false;
}

struct SearchTest : testing::Test {
  std::string GlobText(std::string_view pattern, std::string_view path = ".") {
    return Glob(opened.value(), limits, {.pattern = pattern, .path = path}, Never).text;
  }

  std::string GrepText(const GrepRequest& request) { return Grep(opened.value(), limits, request, Never).text; }

  // `order` 0 is the newest.
  void SetAge(std::string_view name, int order) {
    std::filesystem::last_write_time(inside / name,
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(order));
  }

  TemporaryDirectory inside;
  TemporaryDirectory outside;
  Result<WorkingDirectory> opened = WorkingDirectory::Open(inside.path());
  SearchLimits limits;
};

TEST(GlobPattern, MatchesAsShellsDo) {
  struct Case {
    const char* pattern;
    const char* path;
    bool matches;
  };

  for (const Case& c : {Case{"*.cpp", "a.cpp", true},
                        {"*.cpp", "d/a.cpp", false},
                        {"**/*.cpp", "a.cpp", true},
                        {"**/*.cpp", "d/e/a.cpp", true},
                        {"src/**", "src/a/b", true},
                        {"src/**", "lib/a", false},
                        {"src/**/x", "src/x", true},
                        {"src/**/x", "src/a/b/x", true},
                        {"a?c", "abc", true},
                        {"a?c", "a/c", false},
                        {"[a-c]1", "b1", true},
                        {"[!a-c]1", "b1", false},
                        {"[!a-c]1", "/1", false},
                        {"*.{h,cpp}", "x.h", true},
                        {"*.{h,cpp}", "x.c", false},
                        {"a+b(1).txt", "a+b(1).txt", true},
                        {"./x", "x", true},
                        {"a\\*b", "a*b", true},
                        {"a\\*b", "axb", false},
                        {"[x", "[x", true},
                        {"{x", "{x", true},
                        {"\xC3\xA4*",
                         "\xC3\xA4"
                         "b",
                         true},
                        {"*", ".hidden", true}}) {
    const auto pattern = GlobPattern::Compile(c.pattern);
    ASSERT_TRUE(pattern.ok()) << c.pattern << pattern.status().ToString();
    EXPECT_EQ(pattern->Matches(c.path), c.matches) << c.pattern << " on " << c.path;
  }
  EXPECT_FALSE(GlobPattern::Compile("").ok());
}

TEST_F(SearchTest, GlobListsNewestFirstWithoutGitAndLinkedDirectories) {
  inside.Put("old.txt", "");
  inside.Put("sub/new.txt", "");
  inside.Put(".git/hidden.txt", "");
  outside.Put("outside.txt", "");
  std::filesystem::create_symlink(outside.path(), inside / "link");
  SetAge("old.txt", 2);
  SetAge("sub/new.txt", 1);
  EXPECT_EQ(GlobText("**/*.txt"), "sub/new.txt\nold.txt\n");
  EXPECT_EQ(GlobText("*.txt", "sub"), "sub/new.txt\n");
  EXPECT_EQ(GlobText(inside.path() + "/*.txt"), "old.txt\n");
  EXPECT_EQ(GlobText("*.none"), "No files found\n");
}

TEST_F(SearchTest, GlobRefusesPlacesOutside) {
  std::filesystem::create_symlink(outside.path(), inside / "link");
  for (const char* path : {"..", "link", "/etc"}) {
    EXPECT_TRUE(Glob(opened.value(), limits, {.pattern = "*", .path = path}, Never).is_error) << path;
  }
}

TEST_F(SearchTest, LimitsEndTheSearchAndAreTold) {
  for (int i = 0; i < 30; ++i) {
    inside.Put("f" + std::to_string(i), "word\n");
  }
  limits.max_files = 10;
  EXPECT_NE(GlobText("*").find("20 older files left out"), std::string::npos);
  EXPECT_NE(GrepText({.pattern = "word"}).find("more was found"), std::string::npos);
  limits.walk.max_entries = 5;
  EXPECT_NE(GlobText("*").find("too many files"), std::string::npos);
  limits.walk = {.max_time = std::chrono::milliseconds(0)};
  for (int i = 0; i < 100; ++i) {
    inside.Put("g" + std::to_string(i), "");
  }
  EXPECT_NE(GlobText("g*").find("time limit"), std::string::npos);
  limits.walk = {.max_depth = 2};
  inside.Put("a/b/c/d", "");
  EXPECT_NE(GlobText("**/d").find("nested very deeply"), std::string::npos);
}

TEST_F(SearchTest, BothStopWhenCancelled) {
  inside.Put("a", "x");
  const auto cancelled = [] { return true; };
  EXPECT_TRUE(Glob(opened.value(), limits, {.pattern = "*"}, cancelled).is_error);
  EXPECT_TRUE(Grep(opened.value(), limits, {.pattern = "x"}, cancelled).is_error);
}

TEST_F(SearchTest, GrepModes) {
  inside.Put("a.txt", "one\nTwo two\nthree\n");
  inside.Put("b.md", "two\n");
  EXPECT_EQ(GrepText({.pattern = "two"}), "a.txt\nb.md\n");
  EXPECT_EQ(GrepText({.pattern = "two", .glob = "*.md"}), "b.md\n");
  EXPECT_EQ(GrepText({.pattern = "t", .mode = GrepMode::kCount}), "a.txt:2\nb.md:1\n");
  EXPECT_EQ(GrepText({.pattern = "^two", .mode = GrepMode::kContent, .ignore_case = true}),
            "a.txt:2:Two two\nb.md:1:two\n");
  EXPECT_EQ(GrepText({.pattern = "one", .path = "a.txt", .mode = GrepMode::kContent, .line_numbers = false}),
            "a.txt:one\n");
  EXPECT_EQ(GrepText({.pattern = "zzz"}), "No matches found\n");
  EXPECT_NE(GrepText({.pattern = "t", .mode = GrepMode::kContent, .head_limit = 1}).find("a.txt:2:Two two\n[more"),
            std::string::npos);
}

TEST_F(SearchTest, GrepContextIsJoinedAndSeparated) {
  inside.Put("f", "1\nx\n3\nx\n5\n6\n7\n8\nx\n");
  EXPECT_EQ(GrepText({.pattern = "x", .mode = GrepMode::kContent, .before = 1, .after = 1}),
            "f-1-1\nf:2:x\nf-3-3\nf:4:x\nf-5-5\n--\nf-8-8\nf:9:x\n");
}

TEST_F(SearchTest, GrepSpansLinesOnlyWhenAsked) {
  inside.Put("f", "begin\nmiddle\nend\nother\n");
  EXPECT_EQ(GrepText({.pattern = "begin.*end", .mode = GrepMode::kContent}), "No matches found\n");
  EXPECT_EQ(GrepText({.pattern = "begin.*end", .mode = GrepMode::kContent, .multiline = true}),
            "f:1:begin\nf:2:middle\nf:3:end\n");
  EXPECT_EQ(GrepText({.pattern = "x*", .mode = GrepMode::kCount, .multiline = true}), "f:4\n");
}

TEST_F(SearchTest, GrepPassesOverBinaryLargeAndLinkedFiles) {
  inside.Put("binary", std::string_view("word\0", 5));
  inside.Put("large", "word" + std::string(2000, ' '));
  outside.Put("secret", "word");
  std::filesystem::create_symlink(outside / "secret", inside / "link");
  ASSERT_EQ(::mkfifo((inside / "pipe").c_str(), 0600), 0);
  limits.max_file_bytes = 1000;
  const std::string text = GrepText({.pattern = "word"});
  EXPECT_NE(text.find("No matches found"), std::string::npos) << text;
  EXPECT_NE(text.find("1 files were not searched"), std::string::npos) << text;
}

TEST_F(SearchTest, GrepSaysWhatItsPatternsCannotDo) {
  for (const char* pattern : {"(?=x)", "(a)\\1", "("}) {
    const ToolResult result = Grep(opened.value(), limits, {.pattern = pattern}, Never);
    EXPECT_TRUE(result.is_error) << pattern;
    EXPECT_NE(result.text.find("RE2"), std::string::npos) << pattern;
  }
}

TEST_F(SearchTest, GrepShowsInvalidUtf8AsReplacement) {
  inside.Put("f", "word \xFF\n");
  EXPECT_EQ(GrepText({.pattern = "word", .mode = GrepMode::kContent}), "f:1:word \xEF\xBF\xBD\n");
}

}  // namespace
}  // namespace tutti::workspace
