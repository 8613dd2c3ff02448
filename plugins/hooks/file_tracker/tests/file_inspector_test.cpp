#include "file_inspector.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "git_sandbox.h"

namespace tutti::file_tracker {
namespace {

class Inspector : public testing::Test {
 protected:
  FileInspector Make(Limits limits = {}, BaseCommits bases = {}) const {
    return FileInspector(sandbox_.root(), limits, std::move(bases),
                         FileInspector::Clock::now() + std::chrono::hours(1));
  }

  TouchedFile File(const std::string& name) const { return {sandbox_.At(name), "Write"}; }

  std::string Status(const std::string& name) const {
    FileInspector inspector = Make();
    const std::optional<FileChange> change = inspector.InspectChange(File(name));
    return change ? change->status : "not listed";
  }

  const GitLibrary git_;
  const GitSandbox sandbox_;
};

TEST_F(Inspector, StatusIsThatOfTheFile) {
  sandbox_.Git("init -q");
  sandbox_.Write(".gitignore", "*.log\n");
  for (const char* name : {"changed.txt", "same.txt", "gone.txt"}) {
    sandbox_.Write(name, "one\n");
  }
  sandbox_.Commit("first");
  sandbox_.Write("changed.txt", "two\n");
  sandbox_.Write("new.txt", "one\n");
  sandbox_.Write("added.txt", "one\n");
  sandbox_.Git("add added.txt");
  sandbox_.Write("x.log", "one\n");
  std::filesystem::remove(sandbox_.At("gone.txt"));
  const std::pair<const char*, const char*> cases[] = {
      {"changed.txt", "modified"}, {"same.txt", "modified"}, {"new.txt", "created"}, {"added.txt", "created"},
      {"gone.txt", "deleted"},     {"never.txt", "deleted"}, {"x.log", "modified"},
  };
  for (const auto& [name, status] : cases) {
    EXPECT_EQ(Status(name), status) << name;
  }
}

TEST_F(Inspector, OutsideOfARepositoryNothingIsListed) {
  sandbox_.Write("a.txt", "one\n");
  EXPECT_EQ(Status("a.txt"), "not listed");
}

TEST_F(Inspector, WithoutACommitAFileIsNew) {
  sandbox_.Git("init -q");
  sandbox_.Write("a.txt", "one\n");
  EXPECT_EQ(Status("a.txt"), "created");
}

TEST_F(Inspector, WhatTheTurnCommittedItselfIsShownAsItsChange) {
  sandbox_.Git("init -q");
  sandbox_.Write("a.txt", "one\n");
  sandbox_.Commit("first");
  Turn turn(10);
  NoteBase(File("a.txt"), turn);
  sandbox_.Write("a.txt", "one\ntwo\n");
  sandbox_.Write("b.txt", "new\n");
  sandbox_.Commit("second");
  NoteBase(File("b.txt"), turn);
  FileInspector inspector = Make({}, turn.state().bases);
  const std::optional<FileChange> a = inspector.InspectChange(File("a.txt"));
  EXPECT_EQ(a->status, "modified");
  EXPECT_EQ(a->lines_added, 1);
  EXPECT_EQ(inspector.InspectChange(File("b.txt"))->status, "created");
  // Nothing was noted in a turn that only looks now: the file is as committed.
  FileInspector later = Make();
  EXPECT_EQ(later.InspectChange(File("a.txt"))->diff, "");
}

TEST_F(Inspector, LargeFilesAreListedWithoutADiff) {
  sandbox_.Git("init -q");
  sandbox_.Write("a.txt", "one\n");
  sandbox_.Commit("first");
  sandbox_.Write("a.txt", std::string(1000, 'a'));
  sandbox_.Write("b.txt", std::string(1000, 'a'));
  Limits limits;
  limits.max_file_bytes = 100;
  FileInspector inspector = Make(limits);
  const std::optional<FileChange> a = inspector.InspectChange(File("a.txt"));
  EXPECT_EQ(a->status, "modified");
  EXPECT_FALSE(a->diff);
  EXPECT_EQ(a->diff_omitted, "the file is larger than 100 bytes");
  EXPECT_EQ(inspector.InspectChange(File("b.txt"))->status, "created");
}

TEST_F(Inspector, DiffsOfATurnHaveALimitTogether) {
  sandbox_.Git("init -q");
  for (const char* name : {"a.txt", "b.txt", "c.txt"}) {
    sandbox_.Write(name, std::string(300, 'a') + "\n");
  }
  sandbox_.Write("small.txt", "x\n");
  Limits limits;
  limits.max_total_diff_bytes = 1000;
  FileInspector inspector = Make(limits);
  EXPECT_TRUE(inspector.InspectChange(File("a.txt"))->diff);
  EXPECT_TRUE(inspector.InspectChange(File("b.txt"))->diff);
  const std::optional<FileChange> third = inspector.InspectChange(File("c.txt"));
  EXPECT_FALSE(third->diff);
  EXPECT_EQ(third->diff_omitted, "the diffs of this turn have more than 1000 bytes");
  EXPECT_EQ(third->lines_added, 1);
  EXPECT_TRUE(inspector.InspectChange(File("small.txt"))->diff);
}

TEST_F(Inspector, FilesThatCannotBeReadAreListed) {
  sandbox_.Git("init -q");
  std::filesystem::create_directory(sandbox_.At("a.txt"));
  FileInspector inspector = Make();
  const std::optional<FileChange> change = inspector.InspectChange(File("a.txt"));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->diff_omitted, "it is not a regular file");
}

TEST_F(Inspector, ADamagedRepositoryLeavesTheFileListed) {
  sandbox_.Git("init -q");
  sandbox_.Write(".git/config", "[core\nthis is no configuration");
  sandbox_.Write("a.txt", "one\n");
  EXPECT_EQ(Status("a.txt"), "modified");
  EXPECT_EQ(Status("gone.txt"), "deleted");
}

TEST_F(Inspector, ReadFilesAreCountedWithoutARepository) {
  sandbox_.Write("sub/a.txt", "one\ntwo\n");
  const FileInspector inspector = Make();
  const FileRead read = inspector.InspectRead(File("sub/a.txt"));
  EXPECT_EQ(read.path, "sub/a.txt");
  EXPECT_EQ(read.absolute_path, sandbox_.At("sub/a.txt"));
  EXPECT_EQ(read.line_count, 2);
  EXPECT_TRUE(read.is_counted);
}

}  // namespace
}  // namespace tutti::file_tracker
