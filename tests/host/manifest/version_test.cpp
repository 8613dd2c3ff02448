#include "host/manifest/version.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tutti::host {
namespace {

TEST(Version, ParsesSemanticVersionsOnly) {
  for (const char* good : {"0.0.0", "1.2.3", "1.2.3-rc.1", "1.2.3-x-y.0", "1.2.3+build.7", "1.2.3-a+b", "10.20.30"}) {
    EXPECT_TRUE(Version::Parse(good)) << good;
  }
  for (const char* bad : {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "v1.2.3", "1.2.3-", "1.2.3+", "1.2.3-a..b",
                          "-1.2.3", "1.2.3 ", "99999999999.0.0"}) {
    EXPECT_FALSE(Version::Parse(bad)) << bad;
  }
}

TEST(Version, OrdersByPrecedence) {
  const std::vector<std::string> ascending = {"0.9.9",      "1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta",
                                              "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                                              "1.0.0",      "1.0.1",        "1.2.0",         "1.10.0",
                                              "2.0.0"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      const auto order = *Version::Parse(ascending[i]) <=> *Version::Parse(ascending[j]);
      EXPECT_TRUE(order == (i <=> j)) << ascending[i] << " and " << ascending[j];
    }
  }
  EXPECT_TRUE(*Version::Parse("1.0.0+a") == *Version::Parse("1.0.0+b"));
}

TEST(Version, PrintsWhatItParsed) {
  EXPECT_EQ(Version::Parse("1.2.3")->ToString(), "1.2.3");
  EXPECT_EQ(Version::Parse("1.2.3-rc.1+x")->ToString(), "1.2.3-rc.1");
}

TEST(AbiVersion, ParsesOneOrTwoNumbers) {
  EXPECT_EQ(AbiVersion::Parse("0")->major, 0U);
  EXPECT_EQ(AbiVersion::Parse("3.14")->minor, 14U);
  for (const char* bad : {"", "0.1.2", "a", "0.", "-1", "0.x"}) {
    EXPECT_FALSE(AbiVersion::Parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace tutti::host
