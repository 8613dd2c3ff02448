#include "host/containment/last_crash.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <string>

namespace tutti::host {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLine =
    "tutti: crashed (SIGSEGV at 0x8) in plugin org.example.x 1.2.0, operation hook.on_point PreToolUse, call 12, "
    "thread "
    "34; disable it with: tutti plugin disable org.example.x";

class LastCrashTest : public ::testing::Test {
 protected:
  ~LastCrashTest() override { fs::remove_all(data_); }

  void Leave(const std::string& text) { std::ofstream(CrashRecord(data_)) << text; }

  std::size_t Kept() {
    std::error_code none;
    fs::directory_iterator files(data_ / "crashes", none);
    return none ? 0 : static_cast<std::size_t>(std::distance(fs::begin(files), fs::end(files)));
  }

  fs::path data_ = [] {
    std::string pattern = (fs::temp_directory_path() / "tutti-crash-XXXXXX").string();
    return fs::path(::mkdtemp(pattern.data()));
  }();
};

TEST_F(LastCrashTest, NoRecordAndAnEmptyOneAreNoCrash) {
  EXPECT_FALSE(TakeLastCrash(data_, 3).has_value());
  Leave("");
  EXPECT_FALSE(TakeLastCrash(data_, 3).has_value());
  EXPECT_EQ(Kept(), 0U);
}

TEST_F(LastCrashTest, ACrashIsTakenOverOnce) {
  Leave(std::string(kLine) + "\n  at 0x1\n");
  const auto crash = TakeLastCrash(data_, 3);
  ASSERT_TRUE(crash.has_value());
  EXPECT_EQ("tutti: " + crash->sentence, kLine);
  EXPECT_EQ(crash->plugin, "org.example.x");
  EXPECT_EQ(crash->operation, "hook.on_point PreToolUse");
  std::ifstream in(crash->kept);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_EQ(text, std::string(kLine) + "\n  at 0x1\n");
  EXPECT_FALSE(TakeLastCrash(data_, 3).has_value());
}

TEST_F(LastCrashTest, ACrashOfNoPluginNamesNone) {
  Leave("tutti: crashed (SIGABRT) outside of any plugin, thread 5\n");
  const auto crash = TakeLastCrash(data_, 3);
  ASSERT_TRUE(crash.has_value());
  EXPECT_EQ(crash->sentence, "crashed (SIGABRT) outside of any plugin, thread 5");
  EXPECT_EQ(crash->plugin, "");
  EXPECT_EQ(crash->operation, "");
}

TEST_F(LastCrashTest, OnlyTheNewestAreKept) {
  fs::path last;
  for (int i = 0; i < 6; ++i) {
    Leave("tutti: crash " + std::to_string(i) + "\n");
    last = TakeLastCrash(data_, 3)->kept;
  }
  EXPECT_EQ(Kept(), 3U);
  EXPECT_TRUE(fs::exists(last));
}

TEST_F(LastCrashTest, WhereNothingCanBeKeptItIsStillToldOnce) {
  std::ofstream(data_ / "crashes") << "in the way";
  Leave(std::string(kLine) + "\n");
  const auto crash = TakeLastCrash(data_, 3);
  ASSERT_TRUE(crash.has_value());
  EXPECT_TRUE(crash->kept.empty());
  EXPECT_FALSE(TakeLastCrash(data_, 3).has_value());
}

}  // namespace
}  // namespace tutti::host
