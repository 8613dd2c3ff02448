#include "page.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "tutti/sdk/json.hpp"

namespace tutti::console {
namespace {

TEST(Page, AnswersEveryFileWithTypeTagAndPolicy) {
  const PageFile files[] = {{"index.html", "\"a\"", "<p>"}, {"a.js", "\"b\"", "x"}, {"a.css", "\"c\"", "y"}};
  const Page page(files);
  const Result<Json> script = Json::Parse(*page.Answer("a.js"));
  EXPECT_EQ((*script)["content_type"].AsString(), "text/javascript; charset=utf-8");
  EXPECT_EQ((*script)["etag"].AsString(), "\"b\"");
  EXPECT_EQ((*script)["body"].AsString(), "x");
  EXPECT_EQ((*script)["cache_control"].AsString(), "no-cache");
  const std::string policy((*script)["headers"]["Content-Security-Policy"].AsString());
  for (const char* part : {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"}) {
    EXPECT_NE(policy.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(page.Answer("../plugin.yaml").status().code(), Code::kNotFound);
}

// Every file of the page, with the part of its text that a pattern marks.
std::set<std::string> Mentions(const std::string& pattern) {
  std::set<std::string> found;
  const std::regex form(pattern);
  for (const PageFile& file : PageFiles()) {
    const std::string text(file.text);
    for (std::sregex_iterator it(text.begin(), text.end(), form), end; it != end; ++it) {
      found.insert((*it)[1].str());
    }
  }
  return found;
}

TEST(Page, HasEveryFileItRefersTo) {
  const Page page(PageFiles());
  EXPECT_TRUE(page.Answer(Page::kIndex).ok());
  std::set<std::string> names = Mentions("(?:src|href)=\"/console/([^\"]+)\"");
  names.merge(Mentions("from '\\./([^']+)'"));
  EXPECT_GT(names.size(), 10U);
  for (const std::string& name : names) {
    EXPECT_TRUE(page.Answer(name).ok()) << name;
  }
}

TEST(Page, MakesNoMarkupFromTextAndLoadsNothingFromElsewhere) {
  EXPECT_EQ(Mentions("(innerHTML|outerHTML|insertAdjacentHTML|document\\.write|DOMParser|eval\\(|new Function)"),
            std::set<std::string>());
  EXPECT_EQ(Mentions("((?:https?:)?//[a-z0-9.-]+\\.[a-z]+/)"),
            std::set<std::string>({"http://www.w3.org/"}));  // the name space of the picture
  EXPECT_EQ(Mentions("( on[a-z]+=| style=)\""), std::set<std::string>());
}

}  // namespace
}  // namespace tutti::console
