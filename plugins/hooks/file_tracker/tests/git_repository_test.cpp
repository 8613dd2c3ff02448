#include "git_repository.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "git_sandbox.h"

namespace tutti::file_tracker {
namespace {

class Repository : public testing::Test {
 protected:
  void SetUp() override { sandbox_.Git("init -q"); }

  static GitRepository Around(const std::string& path) {
    Result<std::optional<GitRepository>> around = GitRepository::Around(path);
    if (!around.ok() || !*around) {
      throw std::runtime_error("no repository around " + path + ": " + around.status().ToString());
    }
    return std::move(**around);
  }

  // Against HEAD.
  FileDiff Diff(const std::string& name, DiffLimits limits = {1 << 20, 1 << 20, 3}) const {
    const std::string path = sandbox_.At(name);
    const GitRepository repository = Around(path);
    const Result<std::string> head = repository.Head();
    EXPECT_TRUE(head.ok()) << head.status().ToString();
    const std::string content = GitSandbox::Read(path);
    return repository.Compare(path, *head, std::filesystem::exists(path) ? &content : nullptr, limits);
  }

  const GitLibrary git_;
  const GitSandbox sandbox_;
};

TEST_F(Repository, ShowsWhatChangedSinceTheCommit) {
  sandbox_.Write("a.txt", "one\ntwo\nthree\n");
  sandbox_.Commit("first");
  sandbox_.Write("a.txt", "one\n2\nthree\n++ four\n-- five\n");
  const FileDiff diff = Diff("a.txt");
  EXPECT_TRUE(diff.is_in_base);
  EXPECT_EQ(diff.lines_added, 3);
  EXPECT_EQ(diff.lines_removed, 1);
  ASSERT_TRUE(diff.text) << diff.omitted;
  EXPECT_NE(diff.text->find("--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,5 @@\n one\n-two\n+2\n three\n+++ four\n+-- five\n"),
            std::string::npos)
      << *diff.text;
}

TEST_F(Repository, ContextIsAsWideAsToldAndNoWider) {
  sandbox_.Write("a.txt", "1\n2\n3\n4\n5\n");
  sandbox_.Commit("first");
  sandbox_.Write("a.txt", "1\n2\nx\n4\n5\n");
  const FileDiff diff = Diff("a.txt", {1 << 20, 1 << 20, 0});
  EXPECT_NE(diff.text->find("@@ -3 +3 @@"), std::string::npos) << *diff.text;
}

TEST_F(Repository, AnUntrackedFileIsNewAsAWhole) {
  sandbox_.Commit("first");
  sandbox_.Write("deep/new/a.txt", "one\ntwo\n");
  const FileDiff diff = Diff("deep/new/a.txt");
  EXPECT_FALSE(diff.is_in_base);
  EXPECT_EQ(diff.lines_added, 2);
  EXPECT_NE(diff.text->find("--- /dev/null\n+++ b/deep/new/a.txt\n@@ -0,0 +1,2 @@\n+one\n+two\n"), std::string::npos)
      << *diff.text;
}

TEST_F(Repository, WithoutACommitEveryFileIsNew) {
  sandbox_.Write("a.txt", "one\n");
  EXPECT_EQ(*Around(sandbox_.At("a.txt")).Head(), "");
  const FileDiff diff = Diff("a.txt");
  EXPECT_FALSE(diff.is_in_base);
  EXPECT_EQ(diff.lines_added, 1);
  EXPECT_TRUE(diff.text);
}

TEST_F(Repository, ADeletedFileIsGoneAsAWhole) {
  sandbox_.Write("d/a.txt", "one\ntwo\n");
  sandbox_.Commit("first");
  std::filesystem::remove_all(sandbox_.At("d"));
  const FileDiff diff = Diff("d/a.txt");
  EXPECT_TRUE(diff.is_in_base);
  EXPECT_EQ(diff.lines_removed, 2);
  EXPECT_NE(diff.text->find("+++ /dev/null"), std::string::npos) << *diff.text;
  const FileDiff never = Diff("d/never.txt");
  EXPECT_FALSE(never.text);
  EXPECT_FALSE(never.omitted.empty());
}

TEST_F(Repository, TheSameBytesAreNoDifference) {
  sandbox_.Write("a.txt", "one\n");
  sandbox_.Commit("first");
  const FileDiff diff = Diff("a.txt");
  EXPECT_EQ(diff.text, "");
  EXPECT_EQ(diff.lines_added + diff.lines_removed, 0);
}

TEST_F(Repository, EmptyFilesAreFiles) {
  sandbox_.Write("a.txt", "one\n");
  sandbox_.Commit("first");
  sandbox_.Write("a.txt", "");
  EXPECT_EQ(Diff("a.txt").lines_removed, 1);
  sandbox_.Write("empty.txt", "");
  const FileDiff diff = Diff("empty.txt");
  EXPECT_TRUE(diff.text) << diff.omitted;
  EXPECT_EQ(diff.lines_added, 0);
}

TEST_F(Repository, OldCommitsCanBeCompared) {
  sandbox_.Write("a.txt", "one\n");
  sandbox_.Commit("first");
  const std::string first = *Around(sandbox_.At("a.txt")).Head();
  sandbox_.Write("a.txt", "two\n");
  sandbox_.Commit("second");
  const std::string content = "two\n";
  const FileDiff diff = Around(sandbox_.At("a.txt")).Compare(sandbox_.At("a.txt"), first, &content, {100, 1000, 3});
  EXPECT_EQ(diff.lines_added, 1);
  EXPECT_EQ(diff.lines_removed, 1);
}

TEST_F(Repository, SaysWhyThereIsNoDiff) {
  sandbox_.Write("binary", std::string("a\0b", 3));
  sandbox_.Write("long.txt", std::string(2000, 'a') + "\n");
  sandbox_.Write("huge.txt", std::string(5000, 'a'));
  sandbox_.Write("model.bin", "pointer");
  sandbox_.Write(".gitattributes", "model.bin filter=lfs\n");
  sandbox_.Commit("first");
  sandbox_.Write("binary", std::string("a\0c", 3));
  sandbox_.Write("long.txt", std::string(2000, 'b') + "\n");
  sandbox_.Write("huge.txt", "small now");
  sandbox_.Write("model.bin", "the model itself");
  const std::pair<const char*, const char*> cases[] = {
      {"binary", "it is a binary file"},
      {"long.txt", "the diff has more than 1000 bytes"},
      {"huge.txt", "the committed file is larger than 3000 bytes"},
      {"model.bin", "the repository keeps it in another form (filter lfs)"},
  };
  for (const auto& [name, reason] : cases) {
    const FileDiff diff = Diff(name, {.max_file_bytes = 3000, .max_diff_bytes = 1000, .context_lines = 3});
    EXPECT_FALSE(diff.text) << name;
    EXPECT_EQ(diff.omitted, reason) << name;
    EXPECT_TRUE(diff.is_in_base) << name;
  }
  // The figures are known all the same.
  EXPECT_EQ(Diff("long.txt", {3000, 1000, 3}).lines_added, 1);
}

TEST_F(Repository, TextInAnotherEncodingIsMadeReadable) {
  sandbox_.Write("a.txt", "caf\xe9\n");
  const FileDiff diff = Diff("a.txt");
  ASSERT_TRUE(diff.text);
  EXPECT_NE(diff.text->find("+caf\xEF\xBF\xBD"), std::string::npos);
}

TEST_F(Repository, LineEndsThatGitConvertsAreNoDifference) {
  sandbox_.Write(".gitattributes", "*.txt text eol=crlf\n");
  sandbox_.Write("a.txt", "one\r\ntwo\r\n");
  sandbox_.Commit("first");
  EXPECT_EQ(Diff("a.txt").text, "");
  sandbox_.Write("a.txt", "one\r\n2\r\n");
  EXPECT_EQ(Diff("a.txt").lines_added, 1);
}

TEST_F(Repository, LineEndsThatWereCommittedAsTheyAreStayAsTheyAre) {
  sandbox_.Write("a.txt", "one\r\ntwo\r\n");
  sandbox_.Commit("first");
  sandbox_.Write(".gitattributes", "*.txt text=auto\n");
  sandbox_.Write("a.txt", "one\r\n2\r\n");
  EXPECT_EQ(Diff("a.txt").lines_added, 1);
}

TEST_F(Repository, IgnoredFilesAreKnown) {
  sandbox_.Write(".gitignore", "build/\n*.log\n");
  const std::pair<const char*, bool> cases[] = {{"build/a.o", true}, {"x.log", true}, {"a.txt", false}};
  for (const auto& [name, is_ignored] : cases) {
    const std::string path = sandbox_.Write(name, "x");
    EXPECT_EQ(Around(path).Ignores(path), is_ignored) << name;
  }
}

TEST_F(Repository, OutsideOfARepositoryThereIsNone) {
  const GitSandbox bare;
  const Result<std::optional<GitRepository>> none = GitRepository::Around(bare.Write("a/b.txt", "x"));
  ASSERT_TRUE(none.ok()) << none.status().ToString();
  EXPECT_FALSE(*none);
  // Nor for what git itself keeps.
  const Result<std::optional<GitRepository>> inside = GitRepository::Around(sandbox_.At(".git/config"));
  ASSERT_TRUE(inside.ok());
  EXPECT_FALSE(*inside);
}

TEST_F(Repository, ADamagedRepositoryIsAFailureWithASentence) {
  sandbox_.Write(".git/config", "[core\nthis is no configuration");
  const Result<std::optional<GitRepository>> around = GitRepository::Around(sandbox_.At("a.txt"));
  EXPECT_FALSE(around.ok());
  EXPECT_FALSE(around.status().message().empty());
}

TEST_F(Repository, ACommitThatCannotBeReadIsNoCrash) {
  sandbox_.Write("a.txt", "one\n");
  sandbox_.Commit("first");
  std::filesystem::remove_all(sandbox_.At(".git/objects"));
  std::filesystem::create_directories(sandbox_.At(".git/objects"));
  const FileDiff diff = Diff("a.txt");
  EXPECT_TRUE(diff.text || !diff.omitted.empty());
}

TEST_F(Repository, SubmodulesAndWorktreesAreRepositoriesOfTheirOwn) {
  const GitSandbox other;
  other.Git("init -q");
  other.Write("s.txt", "one\n");
  other.Commit("first");
  sandbox_.Write("a.txt", "one\n");
  sandbox_.Commit("first");
  sandbox_.Git("submodule -q add '" + other.root() + "' sub");
  sandbox_.Commit("second");
  sandbox_.Write("sub/s.txt", "one\ntwo\n");
  const FileDiff in_submodule = Diff("sub/s.txt");
  EXPECT_TRUE(in_submodule.is_in_base);
  EXPECT_EQ(in_submodule.lines_added, 1);
  EXPECT_NE(Around(sandbox_.At("sub/s.txt")).directory(), Around(sandbox_.At("a.txt")).directory());

  sandbox_.Git("worktree add -q ../" + std::filesystem::path(sandbox_.root()).filename().string() + "-tree -b side");
  const std::string tree = sandbox_.root() + "-tree";
  const std::string file = tree + "/a.txt";
  const GitRepository repository = Around(file);
  const std::string content = "one\nthree\n";
  const FileDiff in_worktree = repository.Compare(file, *repository.Head(), &content, {1000, 1000, 3});
  EXPECT_TRUE(in_worktree.is_in_base);
  EXPECT_EQ(in_worktree.lines_added, 1);
  std::filesystem::remove_all(tree);
}

// What this process has read so far.
std::uint64_t BytesRead() {
  std::ifstream io("/proc/self/io");
  std::string name;
  std::uint64_t value = 0;
  while (io >> name >> value && name != "rchar:") {
  }
  return value;
}

TEST_F(Repository, OfAHundredThousandFilesOnlyTheNamedOneIsLookedAt) {
  // A hundred folders of a thousand names for one blob, by the index alone: its 8 MB are what a walk would read.
  sandbox_.Write("make.sh",
                 "set -e\nblob=$(echo one | git hash-object -w --stdin)\n"
                 "seq 0 99999 | awk -v blob=$blob '{printf \"100644 %s 0\\td%02d/f%03d.txt\\n\", blob, $1 / 1000, $1 % "
                 "1000}' | git update-index --index-info\n"
                 "git -c user.name=t -c user.email=t@example.org commit -q -m many\n");
  ASSERT_EQ(std::system(("cd '" + sandbox_.root() + "' && sh make.sh > /dev/null 2>&1").c_str()), 0);
  ASSERT_GT(std::filesystem::file_size(sandbox_.At(".git/index")), 4'000'000U);
  sandbox_.Write("d50/f500.txt", "one\ntwo\n");
  const std::uint64_t before = BytesRead();
  const auto began = std::chrono::steady_clock::now();
  const FileDiff diff = Diff("d50/f500.txt");
  RecordProperty(
      "microseconds",
      static_cast<int>(
          std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began).count()));
  EXPECT_LT(BytesRead() - before, 1'000'000U);
  EXPECT_TRUE(diff.is_in_base);
  EXPECT_EQ(diff.lines_added, 1);
  EXPECT_EQ(diff.lines_removed, 0);
  EXPECT_FALSE(Diff("d50/new.txt").is_in_base);
}

}  // namespace
}  // namespace tutti::file_tracker
