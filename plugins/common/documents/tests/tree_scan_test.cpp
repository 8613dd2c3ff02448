#include "tree_scan.h"

#include <gtest/gtest.h>

#include "temporary_tree.h"

namespace tutti::documents {
namespace {

class TreeScanTest : public ::testing::Test {
 protected:
  TreeScan Scan(const std::vector<DocumentRoot::Settings>& settings) {
    std::vector<DocumentRoot> roots;
    for (const DocumentRoot::Settings& one : settings) {
      Result<DocumentRoot> root = DocumentRoot::Make(one, home_);
      EXPECT_TRUE(root.ok()) << root.status().ToString();
      roots.push_back(std::move(*root));
    }
    return ScanTrees(roots, {".md"}, limits_, watch_);
  }

  static std::string Files(const TreeScan& scan) {
    std::string files;
    for (const FoundFile& file : scan.files) {
      files += std::to_string(file.root) + ":" + file.relative + " ";
    }
    return files;
  }

  [[nodiscard]] std::string Problems(const TreeScan& scan) const {
    std::string problems;
    for (const Problem& problem : scan.problems) {
      problems += problem.path.substr(tree_.path().string().size()) + " " + problem.sentence + "\n";
    }
    return problems;
  }

  TemporaryTree tree_;
  std::string home_;
  ScanLimits limits_;
  DirectoryWatch watch_{100};
};

TEST_F(TreeScanTest, FindsFilesByExtensionInOrder) {
  tree_.Write("agents/b.md", "");
  tree_.Write("agents/a.md", "");
  tree_.Write("agents/a/z.md", "");
  tree_.Write("agents/a/b/c.md", "");
  tree_.Write("agents/notes.txt", "");
  tree_.Write("agents/.hidden.md", "");
  tree_.Write("agents/.git/x.md", "");
  tree_.Write("agents/.md", "");
  const TreeScan scan = Scan({{tree_.PathOf("agents"), "project", ""}});
  EXPECT_EQ(Files(scan), "0:a.md 0:a/b/c.md 0:a/z.md 0:b.md ");
  EXPECT_EQ(scan.files.front().path, tree_.PathOf("agents/a.md"));
  EXPECT_EQ(Problems(scan), "");
  EXPECT_FALSE(scan.has_links);
  EXPECT_TRUE(watch_.is_complete()) << watch_.problem();
}

TEST_F(TreeScanTest, RootsThatAreNotThereAreEmpty) {
  tree_.Write("b/x.md", "");
  const TreeScan scan = Scan(
      {{tree_.PathOf("a"), "project", tree_.path().string()}, {tree_.PathOf("b"), "user", ""}, {"~/c", "user", ""}});
  EXPECT_EQ(Files(scan), "1:x.md ");
  EXPECT_EQ(Problems(scan), "");
}

TEST_F(TreeScanTest, TheHomeIsKnownByItsSign) {
  home_ = tree_.PathOf("home");
  tree_.Write("home/.claude/agents/x.md", "");
  EXPECT_EQ(Files(Scan({{"~/.claude/agents", "user", ""}})), "0:x.md ");
}

TEST_F(TreeScanTest, AFileInPlaceOfTheDirectoryIsAProblem) {
  tree_.Write("agents", "");
  const TreeScan scan = Scan({{tree_.PathOf("agents"), "project", ""}});
  EXPECT_EQ(Problems(scan), "/agents expected a directory that can be read, found: Not a directory\n");
}

TEST_F(TreeScanTest, LoopsOfLinksEnd) {
  tree_.Write("project/agents/a/x.md", "");
  tree_.Link("project/agents/a/self", ".");
  tree_.Link("project/agents/a/up", "../../..");
  tree_.Link("project/agents/again", "a");
  tree_.Link("project/agents/nothing", "nothing");
  tree_.Link("project/agents/round.md", "round.md");
  const TreeScan scan = Scan({{tree_.PathOf("project/agents"), "project", ""}});
  EXPECT_TRUE(scan.has_links);
  // Which of the two names of `a` is looked into first is the file system's choice.
  EXPECT_EQ(scan.files.size(), 2U) << Files(scan);
  EXPECT_EQ(scan.files.back().relative, "round.md");
  EXPECT_EQ(scan.problems.size(), 3U) << Problems(scan);
}

TEST_F(TreeScanTest, LinksDoNotLeadOutOfWhatTheyHaveToStayIn) {
  tree_.Write("secret/x.md", "");
  tree_.Write("project/shared/y.md", "");
  tree_.Write("project/agents/z.md", "");
  tree_.Link("project/agents/out", "../../secret");
  tree_.Link("project/agents/in", "../shared");
  const TreeScan confined = Scan({{tree_.PathOf("project/agents"), "project", tree_.PathOf("project")}});
  EXPECT_EQ(Files(confined), "0:in/y.md 0:z.md ");
  EXPECT_TRUE(Problems(confined).starts_with("/project/agents/out is a link that leads out")) << Problems(confined);
  const TreeScan free = Scan({{tree_.PathOf("project/agents"), "project", ""}});
  EXPECT_EQ(Files(free), "0:in/y.md 0:out/x.md 0:z.md ");
}

TEST_F(TreeScanTest, ARootOutsideOfWhatItHasToStayInIsAMistake) {
  const Result<DocumentRoot> root = DocumentRoot::Make({"/a/b", "project", "/a/c"}, "");
  EXPECT_EQ(root.status().ToString(),
            "INVALID_ARGUMENT: directories: expected a `path` inside its `beneath`, found /a/b, which is not inside "
            "/a/c");
  EXPECT_TRUE(DocumentRoot::Make({"/a", "project", "/a/"}, "").ok());
}

TEST_F(TreeScanTest, BoundsHoldAndAreSaid) {
  for (int i = 0; i < 5; ++i) {
    tree_.Write("agents/" + std::to_string(i) + ".md", "");
  }
  tree_.Write("agents/1/2/3/deep.md", "");
  limits_ = {.files = 2, .entries = 100, .depth = 2};
  const TreeScan scan = Scan({{tree_.PathOf("agents"), "project", ""}});
  EXPECT_EQ(Files(scan), "0:0.md 0:1.md ");
  EXPECT_EQ(Problems(scan),
            "/agents/1/2/3 lies deeper than 2 directories (max_depth)\n"
            "/agents there are 5 files, of which the first 2 are read (max_files)\n");
  limits_ = {.files = 100, .entries = 3, .depth = 2};
  const TreeScan few = Scan({{tree_.PathOf("agents"), "project", ""}});
  EXPECT_LE(few.files.size(), 3U);
  EXPECT_EQ(Problems(few), "/agents holds more than 3 entries; those beyond are not looked at (max_entries)\n");
}

}  // namespace
}  // namespace tutti::documents
