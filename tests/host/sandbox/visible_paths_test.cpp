#include "host/sandbox/visible_paths.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tutti::host {
namespace {

using Access = VisiblePath::Access;

SandboxPlan PlanWith(const char* library) {
  SandboxPlan plan;
  plan.library = library;
  return plan;
}

const VisiblePath* Find(const std::vector<VisiblePath>& paths, const char* path) {
  const auto found =
      std::find_if(paths.begin(), paths.end(), [path](const VisiblePath& visible) { return visible.path == path; });
  return found == paths.end() ? nullptr : &*found;
}

TEST(VisiblePaths, RefusesRelativePathsAndWhatIsTheKernels) {
  for (const char* path :
       {"relative", "", "/", "//", "/proc/1", "/proc/self", "/sys/kernel", "/dev/sda", "/var/../proc/sys", "/dev/"}) {
    SandboxPlan reads = PlanWith("/opt/plugin.so");
    reads.grants.read_paths = {path};
    EXPECT_EQ(CheckPaths(reads).code(), Code::kInvalidArgument) << path;
    SandboxPlan writes = PlanWith("/opt/plugin.so");
    writes.grants.write_paths = {path};
    EXPECT_EQ(CheckPaths(writes).code(), Code::kInvalidArgument) << path;
  }
  EXPECT_EQ(CheckPaths(PlanWith("plugin.so")).code(), Code::kInvalidArgument);
}

TEST(VisiblePaths, GrantsProcAsAWholeForReadingOnly) {
  SandboxPlan reads = PlanWith("/opt/plugin.so");
  reads.grants.read_paths = {"/proc"};
  EXPECT_TRUE(CheckPaths(reads).ok());
  EXPECT_NE(Find(VisiblePaths(reads), "/proc"), nullptr);
  EXPECT_EQ(Find(VisiblePaths(reads), "/proc/self/fd"), nullptr);
  SandboxPlan writes = PlanWith("/opt/plugin.so");
  writes.grants.write_paths = {"/proc"};
  EXPECT_EQ(CheckPaths(writes).code(), Code::kInvalidArgument);
}

TEST(VisiblePaths, TakesPathsWhoseNamesOnlyBeginLikeTheKernels) {
  SandboxPlan plan = PlanWith("/opt/plugin.so");
  plan.grants.read_paths = {"/processes", "/device", "/system"};
  EXPECT_TRUE(CheckPaths(plan).ok());
}

TEST(VisiblePaths, NamesAScratchDirectoryThatIsMissing) {
  SandboxPlan plan = PlanWith("/opt/plugin.so");
  plan.scratch = "/nowhere/scratch";
  EXPECT_NE(CheckPaths(plan).message().find("/nowhere/scratch"), std::string::npos);
}

TEST(VisiblePaths, ListsEachPathOnceWithTheMostItWasGranted) {
  SandboxPlan plan = PlanWith("/opt/data/plugin.so");
  plan.grants.read_paths = {"/opt/data/", "/opt/other"};
  plan.grants.write_paths = {"/opt/data"};
  const std::vector<VisiblePath> paths = VisiblePaths(plan);
  ASSERT_NE(Find(paths, "/opt/data"), nullptr);
  EXPECT_EQ(Find(paths, "/opt/data")->access, Access::kWrite);
  EXPECT_TRUE(Find(paths, "/opt/data")->is_granted);
  EXPECT_EQ(Find(paths, "/opt/other")->access, Access::kRead);
  EXPECT_EQ(Find(paths, "/opt/data/plugin.so")->access, Access::kRead) << "the library stays read-only";
  EXPECT_EQ(std::count_if(paths.begin(), paths.end(), [](const auto& visible) { return visible.path == "/opt/data"; }),
            1);
}

TEST(VisiblePaths, PutsADirectoryBeforeWhatIsInIt) {
  SandboxPlan plan = PlanWith("/opt/plugin.so");
  plan.grants.read_paths = {"/srv/a/b", "/srv/a-b", "/srv/a"};
  const std::vector<VisiblePath> paths = VisiblePaths(plan);
  EXPECT_LT(Find(paths, "/srv/a"), Find(paths, "/srv/a/b"));
}

TEST(VisiblePaths, ShowsTheResolversFilesOnlyWithTheNetwork) {
  SandboxPlan plan = PlanWith("/opt/plugin.so");
  EXPECT_EQ(Find(VisiblePaths(plan), "/etc/resolv.conf"), nullptr);
  plan.grants.net = true;
  const std::vector<VisiblePath> paths = VisiblePaths(plan);
  EXPECT_NE(Find(paths, "/etc/resolv.conf"), nullptr);
}

TEST(VisiblePaths, NeverShowsTheRootBecauseTheLibraryLiesThere) {
  EXPECT_EQ(Find(VisiblePaths(PlanWith("/plugin.so")), "/"), nullptr);
}

}  // namespace
}  // namespace tutti::host
