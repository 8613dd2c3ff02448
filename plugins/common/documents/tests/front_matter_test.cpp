#include "front_matter.h"

#include <gtest/gtest.h>

namespace tutti::documents {
namespace {

TEST(FrontMatter, IsWhatLiesBetweenTheFirstTwoFences) {
  struct Case {
    const char* text;
    bool is_there;
    bool is_closed;
    const char* yaml;
    const char* body;
  };

  const Case cases[] = {
      {"", false, false, "", ""},
      {"text", false, false, "", "text"},
      {"---\na: b\n---\nbody", true, true, "a: b\n", "body"},
      {"\xEF\xBB\xBF---\r\na: b\r\n--- \r\nbody\r\n", true, true, "a: b\r\n", "body\r\n"},
      {"---\n---\n", true, true, "", ""},
      {"---\n---", true, true, "", ""},
      {"---\na: b\n---\none\n---\ntwo", true, true, "a: b\n", "one\n---\ntwo"},
      {"---\na: b\n", true, false, "", "---\na: b\n"},
      {"---\na: |\n  ---\n---\nbody", true, true, "a: |\n  ---\n", "body"},
      {" ---\na: b\n---\nbody", false, false, "", " ---\na: b\n---\nbody"},
      {"----\na: b\n---\nbody", false, false, "", "----\na: b\n---\nbody"},
  };
  for (const Case& one : cases) {
    const FrontMatter parts = SplitFrontMatter(one.text);
    EXPECT_EQ(parts.is_there, one.is_there) << one.text;
    EXPECT_EQ(parts.is_closed, one.is_closed) << one.text;
    EXPECT_EQ(parts.yaml, one.yaml) << one.text;
    EXPECT_EQ(parts.body, one.body) << one.text;
  }
}

}  // namespace
}  // namespace tutti::documents
