#include "tutti/sdk/text.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tutti {
namespace {

using std::string_view_literals::operator""sv;

TEST(CleanUtf8, ReplacesExactlyWhatIsInvalid) {
  const struct {
    std::string_view raw;
    std::string_view clean;
  } cases[] = {
      {""sv, ""sv},
      {"plain"sv, "plain"sv},
      {"a\0b"sv,
       "a\xEF\xBF\xBD"
       "b"sv},
      {"\xC3\xA9"sv, "\xC3\xA9"sv},                                  // two bytes
      {"\xE2\x82\xAC"sv, "\xE2\x82\xAC"sv},                          // three
      {"\xF0\x9F\x98\x80"sv, "\xF0\x9F\x98\x80"sv},                  // four
      {"\xF4\x8F\xBF\xBF"sv, "\xF4\x8F\xBF\xBF"sv},                  // U+10FFFF
      {"\xC0\x80"sv, "\xEF\xBF\xBD\xEF\xBF\xBD"sv},                  // overlong NUL
      {"\xC1\xBF"sv, "\xEF\xBF\xBD\xEF\xBF\xBD"sv},                  // overlong
      {"\xE0\x9F\xBF"sv, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"sv},  // overlong
      {"\xF0\x8F\xBF\xBF"sv, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"sv},
      {"\xED\xA0\x80"sv, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"sv},                  // surrogate
      {"\xF4\x90\x80\x80"sv, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"sv},  // above U+10FFFF
      {"\xF5"sv, "\xEF\xBF\xBD"sv},
      {"\x80"sv, "\xEF\xBF\xBD"sv},    // lone tail
      {"x\xC3"sv, "x\xEF\xBF\xBD"sv},  // cut short
      {"\xE2\x82"sv, "\xEF\xBF\xBD\xEF\xBF\xBD"sv},
      {"\xC3(\xC3\xA9"sv, "\xEF\xBF\xBD(\xC3\xA9"sv},
  };

  for (const auto& item : cases) {
    EXPECT_EQ(CleanUtf8(item.raw), item.clean) << ::testing::PrintToString(item.raw);
    EXPECT_EQ(CleanUtf8(CleanUtf8(item.raw)), CleanUtf8(item.raw));
  }
}

TEST(Utf8Prefix, CountsCodePoints) {
  const std::string_view text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
  const std::size_t sizes[] = {0, 1, 3, 6, 10, 11, 11};
  for (std::size_t count = 0; count < std::size(sizes); ++count) {
    EXPECT_EQ(Utf8Prefix(text, count).size(), sizes[count]) << count;
  }
}

TEST(FormatMicros, IsUtcWithSixDigits) {
  const struct {
    std::int64_t micros;
    const char* text;
  } cases[] = {
      {0, "1970-01-01T00:00:00.000000+00:00"},
      {1, "1970-01-01T00:00:00.000001+00:00"},
      {-1, "1969-12-31T23:59:59.999999+00:00"},
      {1769854530123456, "2026-01-31T10:15:30.123456+00:00"},
      {951782400000000, "2000-02-29T00:00:00.000000+00:00"},
  };

  for (const auto& item : cases) {
    EXPECT_EQ(FormatMicros(item.micros), item.text);
  }
}

TEST(NowMicros, IsStrictlyIncreasingOverThreads) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 5000;
  std::vector<std::vector<std::int64_t>> seen(kThreads);
  std::vector<std::thread> threads;
  for (auto& times : seen) {
    threads.emplace_back([&times] {
      for (int i = 0; i < kCalls; ++i) {
        times.push_back(NowMicros());
      }
    });
  }
  std::set<std::int64_t> distinct;
  for (int i = 0; i < kThreads; ++i) {
    threads[static_cast<std::size_t>(i)].join();
    const auto& times = seen[static_cast<std::size_t>(i)];
    for (std::size_t k = 1; k < times.size(); ++k) {
      ASSERT_LT(times[k - 1], times[k]);
    }
    distinct.insert(times.begin(), times.end());
  }
  EXPECT_EQ(distinct.size(), std::size_t{kThreads} * kCalls);
}

TEST(NewUuid, HasTheShapeOfVersionFourAndDoesNotRepeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 10000; ++i) {
    const std::string uuid = NewUuid();
    ASSERT_TRUE(IsUuid(uuid)) << uuid;
    ASSERT_EQ(uuid[14], '4') << uuid;
    ASSERT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
    ASSERT_TRUE(seen.insert(uuid).second) << uuid;
  }
}

TEST(IsUuid, AcceptsDashedHexOnly) {
  EXPECT_TRUE(IsUuid("00000000-0000-4000-8000-000000000000"));
  EXPECT_TRUE(IsUuid("ABCDEF00-0000-4000-8000-00000000000f"));
  for (const char* wrong : {"", "00000000000040008000000000000000", "00000000-0000-4000-8000-00000000000",
                            "00000000-0000-4000-8000-0000000000000", "g0000000-0000-4000-8000-000000000000",
                            "000000000-000-4000-8000-000000000000"}) {
    EXPECT_FALSE(IsUuid(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace tutti
