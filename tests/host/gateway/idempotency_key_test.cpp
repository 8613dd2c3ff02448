#include "host/gateway/idempotency_key.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

TEST(IdempotencyKey, IsWhatItsSenderMeant) {
  const struct {
    std::string header, key;
  } cases[] = {{R"("abc")", "abc"},
               {"abc", "abc"},
               {R"("a\"b\\c")", R"(a"b\c)"},
               {"a\\b", "a\\b"},
               {"\"with space\"", "with space"},
               {std::string(255, 'k'), std::string(255, 'k')}};

  for (const auto& [header, key] : cases) {
    const Result<std::string> parsed = ParseIdempotencyKey(header);
    ASSERT_TRUE(parsed.ok()) << header;
    EXPECT_EQ(*parsed, key);
  }
}

TEST(IdempotencyKey, WhatIsNoneIsRefused) {
  for (const std::string& header :
       {std::string(), std::string("\"\""), std::string(256, 'k'), std::string("a\x01"), std::string("\xC3\xA4")}) {
    EXPECT_EQ(ParseIdempotencyKey(header).status().code(), Code::kInvalidArgument) << header;
  }
}

TEST(IdempotencyKey, BelongsToItsPrincipalAndPlace) {
  const RequestKey key = MakeRequestKey("ann", "POST /a", "k", "body");
  EXPECT_EQ(key.id, MakeRequestKey("ann", "POST /a", "k", "other").id);
  EXPECT_NE(key.fingerprint, MakeRequestKey("ann", "POST /a", "k", "other").fingerprint);
  EXPECT_NE(key.id, MakeRequestKey("bob", "POST /a", "k", "body").id);
  EXPECT_NE(key.id, MakeRequestKey("ann", "PUT /a", "k", "body").id);
  EXPECT_NE(MakeRequestKey("a", "bc", "d", "").id, MakeRequestKey("ab", "c", "d", "").id);
}

}  // namespace
}  // namespace tutti::host
