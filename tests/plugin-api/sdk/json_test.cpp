#include "tutti/sdk/json.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace tutti {
namespace {

TEST(JsonObject, WritesEachTypeInOrder) {
  EXPECT_EQ(JsonObject()("b", true)("i", -7)("u", std::numeric_limits<std::uint64_t>::max())("d", 1.5)("s", "a\"\n")
                .Raw("r", "[1]")
                .Raw("n", "")
                .OrNull("e", "")
                .OrNull("f", "x")
                .Take(),
            R"({"b":true,"i":-7,"u":18446744073709551615,"d":1.5,"s":"a\"\n","r":[1],"n":null,"e":null,"f":"x"})");
}

TEST(JsonQuote, EscapesControlCharacters) {
  EXPECT_EQ(JsonQuote(std::string_view("a\0b\t\x1f", 5)), R"("a\u0000b\t\u001F")");
  EXPECT_EQ(JsonQuote({}), R"("")");
}

TEST(Json, ParseNamesTheByteOfAnError) {
  const struct {
    const char* text;
    const char* part;
  } cases[] = {{"", "byte 0"}, {"{\"a\":}", "byte 5"}, {"[1,2", "byte 4"}, {"{} {}", "byte 3"}, {"\"\xff\"", "byte"}};

  for (const auto& item : cases) {
    const auto parsed = Json::Parse(item.text);
    ASSERT_FALSE(parsed.ok()) << item.text;
    EXPECT_EQ(parsed.status().code(), Code::kInvalidArgument);
    EXPECT_NE(parsed.status().message().find(item.part), std::string_view::npos) << parsed.status().ToString();
  }
}

TEST(Json, DeepNestingIsParsedWithoutRecursion) {
  const std::size_t depth = 200000;
  EXPECT_TRUE(Json::Parse(std::string(depth, '[') + std::string(depth, ']')).ok());
}

TEST(JsonView, AbsentAndMistypedMembersYieldFallbacks) {
  const auto json = Json::Parse(R"({"a":{"b":[10,"x",true,null,2.5]},"s":"text"})");
  ASSERT_TRUE(json.ok());
  const JsonView view = json->view();
  EXPECT_EQ(view["a"]["b"][0].AsInt(), 10);
  EXPECT_EQ(view["a"]["b"][1].AsString(), "x");
  EXPECT_TRUE(view["a"]["b"][2].AsBool());
  EXPECT_TRUE(view["a"]["b"][3].is_null());
  EXPECT_EQ(view["a"]["b"][4].AsDouble(), 2.5);
  EXPECT_EQ(view["a"]["b"].size(), 5U);
  EXPECT_FALSE(view["a"]["b"][5]);
  EXPECT_EQ(view["none"]["of"][3]["these"].AsString("fallback"), "fallback");
  EXPECT_EQ(view["s"].AsInt(-1), -1);
  EXPECT_EQ(view["s"]["x"].Dump(), "null");
  EXPECT_EQ(view["a"].Dump(), R"({"b":[10,"x",true,null,2.5]})");
}

TEST(JsonView, WalksArraysAndMembersInOrder) {
  const auto json = Json::Parse(R"({"x":1,"y":[2,3]})");
  std::string seen;
  json->view().ForEachMember([&](std::string_view key, JsonView value) { seen.append(key).append(value.Dump()); });
  (*json)["y"].ForEach([&](JsonView value) { seen += value.Dump(); });
  (*json)["x"].ForEach([&](JsonView) { seen += "never"; });
  EXPECT_EQ(seen, "x1y[2,3]23");
}

TEST(JsonSkip, FindsTheEndOfEachKindOfValue) {
  const struct {
    const char* text;
    const char* value;
  } cases[] = {
      {R"("a\"]b",1)", R"("a\"]b")"},
      {R"("\\",1)", R"("\\")"},
      {"12.5e3,1", "12.5e3"},
      {"true}", "true"},
      {"null]", "null"},
      {"[[],[1]],2", "[[],[1]]"},
      {R"({"a":"}"} ,)", R"({"a":"}"})"},
      {"7 \n", "7"},
      {"-1", "-1"},
  };

  for (const auto& item : cases) {
    const std::string_view text = item.text;
    EXPECT_EQ(text.substr(0, JsonSkip(text, 0)), item.value) << text;
  }
}

TEST(JsonMember, CutsRawTextWithAnyWhiteSpace) {
  const std::string_view object = "{ \"a\" :\t{\"b\": 1} ,\n\"rows\":[1, {\"rows\":2}], \"last\" : \"x\\\"}\" }";
  EXPECT_EQ(JsonMember(object, "a"), "{\"b\": 1}");
  EXPECT_EQ(JsonMember(object, "rows"), "[1, {\"rows\":2}]");
  EXPECT_EQ(JsonMember(object, "last"), "\"x\\\"}\"");
  EXPECT_EQ(JsonMember(object, "b"), "");
  EXPECT_EQ(JsonMember("{}", "a"), "");
  EXPECT_EQ(JsonMember("[1]", "a"), "");
  EXPECT_EQ(JsonMember("", "a"), "");
}

TEST(JsonElements, GivesEachElementRaw) {
  std::vector<std::string> seen;
  JsonElements(" [ 1 , {\"a\":[2,3]},\n\"x,]\" ]", [&](std::string_view raw) { seen.emplace_back(raw); });
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "{\"a\":[2,3]}", "\"x,]\""}));
  JsonElements("[]", [&](std::string_view) { FAIL(); });
  JsonElements("{}", [&](std::string_view) { FAIL(); });
}

}  // namespace
}  // namespace tutti
