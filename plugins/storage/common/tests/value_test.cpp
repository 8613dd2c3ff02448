#include "value.h"

#include <gtest/gtest.h>

#include "encoding.h"

namespace tutti::storage {
namespace {

TEST(CanonicalTime, EveryAcceptedFormBecomesOne) {
  struct Case {
    const char* in;
    const char* out;
  };

  const std::vector<Case> cases = {
      {"2026-01-31T10:15:30Z", "2026-01-31T10:15:30.000000+00:00"},
      {"2026-01-31 10:15:30", "2026-01-31T10:15:30.000000+00:00"},
      {"2026-01-31t10:15z", "2026-01-31T10:15:00.000000+00:00"},
      {"2026-01-31T10:15:30.1234567+0130", "2026-01-31T08:45:30.123456+00:00"},
      {"2026-01-31T23:15:30-02", "2026-02-01T01:15:30.000000+00:00"},
      {"2024-02-29T00:00:00.000001Z", "2024-02-29T00:00:00.000001+00:00"},
      {"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000+00:00"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(CanonicalTime(one.in).value_or("refused"), one.out) << one.in;
  }
}

TEST(CanonicalTime, OtherFormsAreRefused) {
  for (const char* text :
       {"", "now", "2026-01-31", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-31T24:00:00Z",
        "2026-01-31T10:15:60Z", "2026-01-31T10:15:30.Z", "2026-01-31T10:15:30+25:00", "26-01-31T10:15:30Z",
        "2026-01-31T10:15:30Zjunk", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"}) {
    EXPECT_FALSE(CanonicalTime(text)) << text;
  }
}

TEST(RoundDecimal, KeepsTenFractionDigitsOrFifteenSignificantOnes) {
  EXPECT_EQ(NumberText(RoundDecimal(0.1 + 0.2)), "0.3");
  EXPECT_EQ(NumberText(RoundDecimal(1.00000000004)), "1");
  EXPECT_EQ(NumberText(RoundDecimal(123456.1 + 0.2)), "123456.3");
  EXPECT_EQ(NumberText(RoundDecimal(-0.0)), "0");
}

TEST(Base64, RoundTripsAndRefusesOtherText) {
  for (const std::string& bytes : {std::string(), std::string("a"), std::string("ab"), std::string("a\0\xFF", 3)}) {
    EXPECT_EQ(DecodeBase64(EncodeBase64(bytes)), bytes);
  }
  for (const char* text : {"a", "ab=", "a===", "a=bc", "====", "ab c", "YQ==YQ=="}) {
    EXPECT_FALSE(DecodeBase64(text)) << text;
  }
}

TEST(RepairJson, ReplacesInvalidBytesAndLoneSurrogatesOnly) {
  EXPECT_EQ(RepairJson("\"a\xFF\""), "\"a\xEF\xBF\xBD\"");
  EXPECT_EQ(RepairJson(R"("\ud83d\ude00 \ud800 \udc00 \\ud800 \ud800\ud83d\ude00")"),
            R"("\ud83d\ude00 \ufffd \ufffd \\ud800 \ufffd\ud83d\ude00")");
  EXPECT_EQ(RepairJson("\"end\\"), "\"end\\");
}

TEST(JsonDepth, CountsNestingOutsideOfStrings) {
  EXPECT_EQ(JsonDepth(R"({"a":[1,{"b":"[[[[\"["}]})"), 3U);
  EXPECT_EQ(JsonDepth("1"), 0U);
  EXPECT_EQ(JsonDepth("]]]][["), 2U);
}

}  // namespace
}  // namespace tutti::storage
