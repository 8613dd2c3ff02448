#include "tutti/sdk/nearest.hpp"

#include <gtest/gtest.h>

namespace tutti {
namespace {

TEST(EditDistance, CountsInsertionsRemovalsReplacementsAndSwaps) {
  struct Case {
    const char* left;
    const char* right;
    std::size_t distance;
  };

  for (const Case& c : {Case{"", "", 0},
                        {"listen", "listen", 0},
                        {"listn", "listen", 1},
                        {"listenn", "listen", 1},
                        {"lasten", "listen", 1},
                        {"litsen", "listen", 1},
                        {"", "abc", 3},
                        {"abc", "", 3},
                        {"LISTEN", "listen", 0},
                        {"kitten", "sitting", 3}}) {
    EXPECT_EQ(EditDistance(c.left, c.right), c.distance) << c.left << " / " << c.right;
  }
}

TEST(Nearest, FindsTheNameThatWasMeant) {
  const std::vector<std::string> names = {"listen", "limits", "config", "on", "tutti.storage.sqlite"};

  struct Case {
    const char* name;
    const char* nearest;
  };

  for (const Case& c : {Case{"listn", "listen"},
                        {"conifg", "config"},
                        {"limit", "limits"},
                        {"no", "on"},
                        {"tuti.storage.sqllite", "tutti.storage.sqlite"},
                        {"zzzzzz", ""},
                        {"", ""},
                        {"xy", ""}}) {
    EXPECT_EQ(Nearest(c.name, names), c.nearest) << c.name;
  }
}

TEST(Nearest, IgnoresNamesTooLongToBeTyped) {
  EXPECT_EQ(Nearest(std::string(100000, 'a'), {"a", std::string(100000, 'a')}), "");
}

TEST(JoinNames, CutsAfterTheLimit) {
  EXPECT_EQ(JoinNames({"a", "b", "c"}, 2), "a, b and 1 more");
  EXPECT_EQ(JoinNames({"a", "b"}, 2), "a, b");
  EXPECT_EQ(JoinNames({}, 2), "");
}

}  // namespace
}  // namespace tutti
