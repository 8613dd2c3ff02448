#include "arguments.h"

#include <gtest/gtest.h>

namespace tutti::markdown_commands {
namespace {

TEST(Arguments, AreSplitAsAShellSplitsWords) {
  struct Case {
    const char* text;
    std::vector<std::string> arguments;
  };

  const Case cases[] = {
      {"", {}},
      {" \t\n ", {}},
      {"one", {"one"}},
      {"  one   two\tthree\n", {"one", "two", "three"}},
      {R"("Ann Lee" Bob)", {"Ann Lee", "Bob"}},
      {R"('Ann Lee' Bob)", {"Ann Lee", "Bob"}},
      {R"(a"b c"d'e f'g)", {"ab cde fg"}},
      {R"("")", {""}},
      {R"('' x)", {"", "x"}},
      {R"(Ann\ Lee)", {"Ann Lee"}},
      {R"("say \"hi\"" '\n')", {"say \"hi\"", "\\n"}},
      {R"("a\b")", {"a\\b"}},
      {R"(it's fine)", {"it's", "fine"}},
      {R"(5" nail)", {"5\"", "nail"}},
      {R"(it's 'quoted text)", {"its quoted", "text"}},
      {R"(end\)", {"end\\"}},
      {"\xC3\xA4 \"\xC3\xB6 \xC3\xBC\"", {"\xC3\xA4", "\xC3\xB6 \xC3\xBC"}},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(SplitArguments(one.text), one.arguments) << one.text;
  }
}

TEST(Arguments, ManyQuotesThatDoNotCloseCostNoMoreThanOthers) {
  std::string text;
  for (int i = 0; i < 200000; ++i) {
    text += i % 2 == 0 ? "\\\" " : "\\' ";
  }
  text += "\"";
  EXPECT_EQ(SplitArguments(text).size(), 200001U);
}

}  // namespace
}  // namespace tutti::markdown_commands
