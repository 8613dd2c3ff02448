#include "directory_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "temporary_tree.h"

namespace tutti::documents {
namespace {

void Watch(DirectoryWatch& watch, const std::vector<std::string>& paths) {
  watch.Begin();
  for (const std::string& path : paths) {
    watch.Add(path);
  }
  watch.Settle();
}

TEST(DirectoryWatch, SeesEveryKindOfChange) {
  const TemporaryTree tree;
  tree.Write("a.md", "1");
  DirectoryWatch watch(10);
  Watch(watch, {tree.path().string()});
  ASSERT_TRUE(watch.is_complete()) << watch.problem();
  EXPECT_FALSE(watch.Take());

  const std::pair<const char*, std::function<void()>> changes[] = {
      {"write", [&] { tree.Write("a.md", "2"); }},
      {"create", [&] { tree.Write("b.md", "1"); }},
      {"rename", [&] { tree.Rename("b.md", "c.md"); }},
      {"remove", [&] { tree.Remove("c.md"); }},
      {"directory", [&] { tree.MakeDirectory("d"); }},
      {"rights", [&] { std::filesystem::permissions(tree.path() / "a.md", std::filesystem::perms::owner_read); }},
  };
  for (const auto& [name, change] : changes) {
    change();
    EXPECT_TRUE(watch.Take()) << name;
    EXPECT_FALSE(watch.Take()) << name;
  }
}

TEST(DirectoryWatch, ForgetsDirectoriesThatAreNotAddedAgain) {
  const TemporaryTree tree;
  tree.MakeDirectory("a");
  tree.MakeDirectory("b");
  DirectoryWatch watch(10);
  Watch(watch, {tree.PathOf("a"), tree.PathOf("b")});
  Watch(watch, {tree.PathOf("b")});
  tree.Write("a/x", "1");
  EXPECT_FALSE(watch.Take());
  tree.Write("b/x", "1");
  EXPECT_TRUE(watch.Take());
}

TEST(DirectoryWatch, IsIncompleteBeyondItsBoundAndForWhatIsNoDirectory) {
  const TemporaryTree tree;
  tree.MakeDirectory("a");
  DirectoryWatch watch(1);
  Watch(watch, {tree.path().string(), tree.PathOf("a")});
  EXPECT_FALSE(watch.is_complete());
  EXPECT_EQ(watch.problem(), "there are more than 1 directories (max_watches)");
  Watch(watch, {tree.PathOf("missing")});
  EXPECT_FALSE(watch.is_complete());
  EXPECT_NE(watch.problem().find("missing: No such file"), std::string::npos) << watch.problem();
  Watch(watch, {tree.PathOf("a")});
  EXPECT_TRUE(watch.is_complete());
}

TEST(DirectoryWatch, LostEventsCountAsAChange) {
  const TemporaryTree tree;
  DirectoryWatch watch(1);
  Watch(watch, {tree.path().string()});
  std::ifstream limit("/proc/sys/fs/inotify/max_queued_events");
  std::size_t most = 0;
  ASSERT_TRUE(limit >> most);
  if (most > 100000) {
    GTEST_SKIP() << "the kernel keeps too many events for this test: " << most;
  }
  // In turns, because the kernel makes one event of two equal ones.
  const Descriptor files[] = {Descriptor(::open(tree.PathOf("a").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)),
                              Descriptor(::open(tree.PathOf("b").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600))};
  for (std::size_t i = 0; i <= most; ++i) {
    ASSERT_EQ(::pwrite(files[i % 2].get(), "x", 1, 0), 1);
  }
  EXPECT_TRUE(watch.Take());
  EXPECT_FALSE(watch.Take());
}

}  // namespace
}  // namespace tutti::documents
