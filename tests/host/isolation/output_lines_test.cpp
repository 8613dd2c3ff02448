#include "host/isolation/output_lines.h"

#include <gtest/gtest.h>

#include <vector>

namespace tutti::host {
namespace {

const OutputLines::Clock::time_point kNow{std::chrono::seconds(100)};

class OutputLinesTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines_;
  OutputLines output_{[this](std::string_view line) { lines_.emplace_back(line); }};
};

TEST_F(OutputLinesTest, CutsAtNewlinesWhereverTheReadsEnd) {
  output_.Add("fir", kNow);
  output_.Add("st\nsecond\n\nthi", kNow);
  EXPECT_EQ(lines_, (std::vector<std::string>{"first", "second"}));
  output_.Add("rd", kNow);
  output_.End(kNow);
  EXPECT_EQ(lines_.back(), "third");
}

TEST_F(OutputLinesTest, ALineWithoutEndIsGivenInPieces) {
  output_.Add(std::string(OutputLines::kMaxLine * 2 + 5, 'x'), kNow);
  EXPECT_EQ(lines_.size(), 2U);
  output_.End(kNow);
  ASSERT_EQ(lines_.size(), 3U);
  EXPECT_EQ(lines_.back(), "xxxxx");
}

TEST_F(OutputLinesTest, CountsWhatIsTooMuchForOneSecond) {
  for (std::uint32_t i = 0; i < OutputLines::kMaxPerSecond + 7; ++i) {
    output_.Add("line\n", kNow);
  }
  EXPECT_EQ(lines_.size(), OutputLines::kMaxPerSecond);
  output_.Add("next second\n", kNow + std::chrono::seconds(1));
  ASSERT_EQ(lines_.size(), OutputLines::kMaxPerSecond + 2U);
  EXPECT_EQ(lines_[OutputLines::kMaxPerSecond], "7 more lines were dropped");
  EXPECT_EQ(lines_.back(), "next second");
}

TEST_F(OutputLinesTest, WhatIsNoTextBecomesText) {
  output_.Add(
      "a\xff"
      "b\n",
      kNow);
  EXPECT_EQ(lines_, std::vector<std::string>{"a\xEF\xBF\xBD"
                                             "b"});
}

}  // namespace
}  // namespace tutti::host
