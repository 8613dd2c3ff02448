#include "host/trust/digest.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/host/temporary_folder.h"

namespace tutti::host {
namespace {

TEST(Sha256, GivesTheKnownDigests) {
  EXPECT_EQ(Sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256OfFile, IsThatOfTheContent) {
  const TemporaryFolder folder;
  const std::string content(300000, 'x');
  EXPECT_EQ(Sha256OfFile(folder.Write("large", content)).value(), Sha256(content));
}

TEST(Sha256OfFile, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  const std::filesystem::path pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::filesystem::path& path : {folder.path() / "none", folder.path(), pipe}) {
    const Result<std::string> digest = Sha256OfFile(path);
    ASSERT_FALSE(digest.ok()) << path;
    EXPECT_EQ(digest.status().code(), Code::kNotFound) << path;
  }
}

TEST(CopyFile, CopiesWhatItHashesOverWhatWasThere) {
  const TemporaryFolder folder;
  const std::string content(300000, 'x');
  const std::filesystem::path to = folder.Write("copy", "before");
  std::filesystem::permissions(to, std::filesystem::perms::owner_read);
  EXPECT_EQ(CopyFile(folder.Write("large", content), to).value(), Sha256(content));
  EXPECT_EQ(ReadFile(to, content.size()).value(), content);
  EXPECT_EQ(std::filesystem::status(to).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(CopyFile, LeavesNothingBehindWhenItFails) {
  const TemporaryFolder folder;
  EXPECT_EQ(CopyFile(folder.path() / "none", folder.path() / "copy").status().code(), Code::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "copy"));
  const std::filesystem::path nowhere = folder.path() / "no" / "folder";
  EXPECT_EQ(CopyFile(folder.Write("file", "12345"), nowhere).status().code(), Code::kInternal);
}

TEST(ReadFile, StopsAtItsBound) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.Write("file", "12345");
  EXPECT_EQ(ReadFile(file, 5).value(), "12345");
  EXPECT_EQ(ReadFile(file, 4).status().code(), Code::kResourceExhausted);
}

}  // namespace
}  // namespace tutti::host
