#include "bounded_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "descriptor.h"
#include "temporary_tree.h"

namespace tutti::documents {
namespace {

Result<std::string> Read(const TemporaryTree& tree, const std::string& name, std::uint64_t most = 1000) {
  const Descriptor file(::open(tree.PathOf(name).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  return ReadBounded(file.get(), most, name, "max_file_bytes");
}

TEST(BoundedFile, ReadsAllBytesAsTheyAre) {
  const TemporaryTree tree;
  const std::string bytes("a\0\xFF\r\n", 5);
  tree.Write("a", bytes);
  tree.Write("empty", "");
  EXPECT_EQ(*Read(tree, "a"), bytes);
  EXPECT_EQ(*Read(tree, "empty"), "");
}

TEST(BoundedFile, RefusesWhatIsTooLargeOrNoFile) {
  const TemporaryTree tree;
  tree.Write("large", std::string(1001, 'x'));
  tree.MakeDirectory("directory");
  ASSERT_EQ(::mkfifo(tree.PathOf("pipe").c_str(), 0600), 0);
  EXPECT_EQ(Read(tree, "large").status().ToString(),
            "INVALID_ARGUMENT: large: expected at most 1000 bytes (max_file_bytes), found 1001");
  EXPECT_EQ(Read(tree, "directory").status().ToString(),
            "INVALID_ARGUMENT: directory: expected a regular file, found a directory");
  EXPECT_EQ(Read(tree, "pipe").status().ToString(),
            "INVALID_ARGUMENT: pipe: expected a regular file, found something else");
  EXPECT_EQ(Read(tree, "missing").status().code(), Code::kUnavailable);
}

TEST(BoundedFile, AFileThatChangesMeanwhileIsReadWholeOrRefused) {
  const TemporaryTree tree;
  constexpr std::size_t kSize = 200000;
  tree.Write("a", std::string(kSize, 'a'));
  std::atomic<bool> is_done{false};
  std::thread writer([&] {
    const Descriptor file(::open(tree.PathOf("a").c_str(), O_WRONLY | O_CLOEXEC));
    for (char c = 'b'; !is_done; c = c == 'z' ? 'a' : static_cast<char>(c + 1)) {
      const std::string text(kSize / 2, c);
      EXPECT_EQ(::pwrite(file.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
      EXPECT_EQ(::ftruncate(file.get(), c % 2 == 0 ? kSize : kSize / 2), 0);
    }
  });
  for (int i = 0; i < 200; ++i) {
    const Result<std::string> read = Read(tree, "a", kSize);
    if (read.ok()) {
      EXPECT_TRUE(read->size() == kSize || read->size() == kSize / 2) << read->size();
    } else {
      EXPECT_EQ(read.status().code(), Code::kUnavailable) << read.status().ToString();
    }
  }
  is_done = true;
  writer.join();
}

TEST(BoundedFile, AStampIsSettledOnceItsTimeIsPast) {
  FileStamp stamp;
  EXPECT_TRUE(IsSettled(stamp));
  stamp.changed_ns =
      std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch() + std::chrono::hours(1)).count();
  EXPECT_FALSE(IsSettled(stamp));
}

}  // namespace
}  // namespace tutti::documents
