#include "names.h"

#include <gtest/gtest.h>

namespace tutti::storage {
namespace {

TEST(Names, OnlyPlainOnesMayEnterSql) {
  for (const char* name : {"a", "agent_logs", "_x9"}) {
    EXPECT_TRUE(IsName(name)) << name;
  }
  for (const char* name : {"", "9a", "A", "a-b", "a b", "a\"", "a'", "\xC3\xA4",
                           "a234567890123456789012345678901234567890123456789012345678901234"}) {
    EXPECT_FALSE(IsName(name)) << name;
  }
}

TEST(Names, QuotesAreDoubled) {
  EXPECT_EQ(QuoteName("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
}

TEST(Names, HintNamesTheNearestOneWithinReason) {
  const std::vector<std::string> names = {"status", "session_id", "id"};
  EXPECT_EQ(Hint("statsu", names), ", did you mean 'status'?");
  EXPECT_EQ(Hint("sesion_id", names), ", did you mean 'session_id'?");
  EXPECT_EQ(Hint("completely_else", names), "");
  EXPECT_EQ(Hint(std::string(10000, 'x'), names), "");
}

}  // namespace
}  // namespace tutti::storage
