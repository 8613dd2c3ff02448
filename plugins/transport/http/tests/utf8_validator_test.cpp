#include "utf8_validator.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tutti::transport::http {
namespace {

// Feeds both halves; true when nothing was refused and the text may end.
bool IsValidCutAt(const std::string& text, std::size_t cut) {
  Utf8Validator validator;
  const std::string_view all(text);
  return validator.Feed(all.substr(0, cut)) && validator.Feed(all.substr(cut)) && validator.is_complete();
}

TEST(Utf8Validator, ValidTextPassesHoweverItIsCut) {
  const std::vector<std::string> cases = {"",
                                          "plain ASCII that is longer than a word",
                                          "\xC2\x80",
                                          "\xDF\xBF",
                                          "\xE0\xA0\x80",
                                          "\xED\x9F\xBF",
                                          "\xEE\x80\x80",
                                          "\xEF\xBF\xBF",
                                          "\xF0\x90\x80\x80",
                                          "\xF4\x8F\xBF\xBF",
                                          "12345678\xC3\xA9"
                                          "12345678\xE2\x82\xAC!",
                                          std::string("a\0b", 3)};
  for (const std::string& text : cases) {
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      EXPECT_TRUE(IsValidCutAt(text, cut)) << ::testing::PrintToString(text) << " cut at " << cut;
    }
  }
}

TEST(Utf8Validator, InvalidTextIsRefusedHoweverItIsCut) {
  const std::vector<std::string> cases = {"\x80",
                                          "\xBF",
                                          "\xC0\x80",
                                          "\xC1\xBF",
                                          "\xC2",
                                          "\xC2\x41",
                                          "\xE0\x9F\xBF",
                                          "\xE0\xA0",
                                          "\xED\xA0\x80",
                                          "\xED\xBF\xBF",
                                          "\xF0\x8F\xBF\xBF",
                                          "\xF4\x90\x80\x80",
                                          "\xF5\x80\x80\x80",
                                          "\xFF",
                                          "12345678\xC3",
                                          "12345678\xFE"
                                          "12345678"};
  for (const std::string& text : cases) {
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      EXPECT_FALSE(IsValidCutAt(text, cut)) << ::testing::PrintToString(text) << " cut at " << cut;
    }
  }
}

TEST(Utf8Validator, AnImpossibleSecondByteFailsAtOnce) {
  Utf8Validator validator;
  EXPECT_TRUE(validator.Feed("\xF4"));
  EXPECT_FALSE(validator.Feed("\x90"));
}

}  // namespace
}  // namespace tutti::transport::http
