#include "host/gateway/request.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

TEST(PercentDecode, TakesEscapesAndLeavesWhatIsMalformed) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"/plain", "/plain"}, {"%41%62", "Ab"}, {"%e2%82%ac", "€"}, {"a%2Fb", "a/b"},        {"100%", "100%"},
      {"%4", "%4"},         {"%zz", "%zz"},   {"a+b", "a+b"},     {"%00", "\xEF\xBF\xBD"}, {"%ff", "\xEF\xBF\xBD"},
  };
  for (const auto& [text, decoded] : cases) {
    EXPECT_EQ(PercentDecode(text), decoded) << text;
  }
}

TEST(ParseQuery, KeepsOrderAndRepetition) {
  const QueryParameters expected = {{"a", "1 2"}, {"b", ""}, {"a", "x=y"}, {"", "z"}};
  EXPECT_EQ(ParseQuery("a=1+2&b&&a=x%3Dy&=z"), expected);
  EXPECT_TRUE(ParseQuery("").empty());
}

TEST(IsJsonContentType, AcceptsJsonWithParametersOnly) {
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"}) {
    EXPECT_TRUE(IsJsonContentType(type)) << type;
  }
  for (const char* type :
       {"", "text/plain", "application/jsonp", "text/json", "application/+json", "application/xml"}) {
    EXPECT_FALSE(IsJsonContentType(type)) << type;
  }
}

TEST(Request, TakesTargetHeadersAndCookiesApart) {
  const tutti_header headers[] = {{Str("HOST"), Str(" localhost ")},
                                  {Str("Cookie"), Str("a=1; tutti_token=secret ;b=2")},
                                  {Str("X-Empty"), Str("")}};
  tutti_request raw{};
  raw.target = Str("/path?x=1?y");
  raw.headers = headers;
  raw.header_count = std::size(headers);
  const Request request(raw);
  EXPECT_EQ(request.path(), "/path");
  EXPECT_EQ(request.query(), "x=1?y");
  EXPECT_EQ(request.host(), "localhost");
  EXPECT_EQ(request.Cookie("tutti_token"), "secret");
  EXPECT_EQ(request.Cookie("token"), "");
  EXPECT_EQ(request.Header("x-missing"), "");
  EXPECT_FALSE(request.has_several_hosts());
}

TEST(AddressOf, LeavesPortAndMappingOut) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"127.0.0.1:80", "127.0.0.1"},
                                                                 {"[::1]:80", "::1"},
                                                                 {"::1", "::1"},
                                                                 {"[::ffff:10.0.0.1]:5", "10.0.0.1"},
                                                                 {"", ""}};
  for (const auto& [text, address] : cases) {
    EXPECT_EQ(AddressOf(text), address) << text;
  }
}

TEST(CleanBody, ReplacesInvalidBytesAndHalfCharactersOnly) {
  EXPECT_EQ(CleanBody("{\"a\":\"\xC3\xBC\"}"), "{\"a\":\"\xC3\xBC\"}");
  EXPECT_EQ(CleanBody("{\"a\":\"\xC3\"}"), "{\"a\":\"\xEF\xBF\xBD\"}");
  const std::pair<const char*, const char*> cases[] = {
      {R"("\ud83d")", R"("\ufffd")"},
      {R"("\uD83Dx\uDE00")", R"("\ufffdx\ufffd")"},
      {R"("\ud83d\ude00")", R"("\ud83d\ude00")"},
      {R"("\\ud83d")", R"("\\ud83d")"},
      {R"("\ud83)", R"("\ud83)"},
  };
  for (const auto& [body, clean] : cases) {
    EXPECT_EQ(CleanBody(body), clean) << body;
  }
}

}  // namespace
}  // namespace tutti::host
