#include "host/manifest/lock_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/trust/digest.h"
#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

PinnedPlugin Plugin(const std::string& id) {
  return {id,
          "1.2.0",
          Sha256("library"),
          Sha256("manifest"),
          {"store", "net"},
          "ada \"the first\"",
          "2026-11-21T02:15:00Z"};
}

TEST(LockFile, ComesBackAsItWasWritten) {
  ManifestFiles files;
  LockFile lock;
  lock.Pin(Plugin("org.example.b"));
  lock.Pin(Plugin("org.example.a"));
  const std::string path = files.Path("tutti.lock");
  ASSERT_TRUE(lock.Write(path).ok());
  Problems problems;
  const LockFile read = LockFile::Read(path, problems);
  EXPECT_EQ(Join(files.Texts(problems)), "");
  ASSERT_EQ(read.plugins().size(), 2U);
  EXPECT_EQ(read.plugins()[0].id, "org.example.a");
  const PinnedPlugin expected = Plugin("org.example.b");
  const PinnedPlugin* found = read.Find("org.example.b");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->version, expected.version);
  EXPECT_EQ(found->library_sha256, expected.library_sha256);
  EXPECT_EQ(found->manifest_sha256, expected.manifest_sha256);
  EXPECT_EQ(found->permissions, expected.permissions);
  EXPECT_EQ(found->pinned_by, expected.pinned_by);
  EXPECT_EQ(found->pinned_at, expected.pinned_at);

  struct stat status {};

  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
}

TEST(LockFile, HasOnePinPerPlugin) {
  LockFile lock;
  lock.Pin(Plugin("a.b"));
  PinnedPlugin newer = Plugin("a.b");
  newer.version = "2.0.0";
  lock.Pin(newer);
  ASSERT_EQ(lock.plugins().size(), 1U);
  EXPECT_EQ(lock.Find("a.b")->version, "2.0.0");
  EXPECT_TRUE(lock.Unpin("a.b"));
  EXPECT_FALSE(lock.Unpin("a.b"));
  EXPECT_EQ(lock.Find("a.b"), nullptr);
}

TEST(LockFile, ThatIsEmptyOrNotThereHasNothingPinned) {
  ManifestFiles files;
  Problems problems;
  EXPECT_TRUE(LockFile::Read(files.Path("none.lock"), problems).plugins().empty());
  ASSERT_TRUE(LockFile().Write(files.Path("empty.lock")).ok());
  EXPECT_TRUE(LockFile::Read(files.Path("empty.lock"), problems).plugins().empty());
  EXPECT_EQ(Join(files.Texts(problems)), "");
}

TEST(LockFile, ThatIsBrokenCountsForNothingAndSaysSo) {
  ManifestFiles files;
  LockFile lock;
  lock.Pin(Plugin("a.b"));
  const std::string path = files.Path("tutti.lock");
  ASSERT_TRUE(lock.Write(path).ok());
  std::ifstream in(path);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  const std::string digest = Sha256("library");
  const std::pair<const char*, const char*> cases[] = {
      {"[", "expected YAML"},
      {"version: 2\n", "expected 1, found '2'"},
      {"version: 1\nplugins: [{id: a.b}]\n", "library_sha256"},
  };
  for (const auto& [text, expected] : cases) {
    files.Write("tutti.lock", text);
    Problems problems;
    EXPECT_TRUE(LockFile::Read(path, problems).plugins().empty()) << text;
    const std::string told = Join(files.Texts(problems));
    EXPECT_NE(told.find(expected), std::string::npos) << told;
    EXPECT_NE(told.find("tutti plugin pin"), std::string::npos) << told;
  }
  std::string changed = good;
  changed.replace(changed.find(digest), digest.size(), digest.substr(0, 63) + "g");
  files.Write("tutti.lock", changed);
  Problems problems;
  EXPECT_TRUE(LockFile::Read(path, problems).plugins().empty());
  EXPECT_EQ(problems.size(), 1U);
  const std::size_t entry = good.find("  - id");
  files.Write("tutti.lock", good + good.substr(entry));
  problems.clear();
  EXPECT_TRUE(LockFile::Read(path, problems).plugins().empty());
  EXPECT_NE(Join(files.Texts(problems)).find("pinned twice"), std::string::npos) << Join(files.Texts(problems));
}

}  // namespace
}  // namespace tutti::host
