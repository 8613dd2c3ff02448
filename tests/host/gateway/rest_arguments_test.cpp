#include "host/gateway/rest_arguments.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

const ArgumentTypes& Types() {
  static const ArgumentTypes types(R"({"type":"object","properties":{
    "limit":{"type":"integer"},"ratio":{"type":"number"},"all":{"type":"boolean"},"name":{"type":"string"},
    "ids":{"type":"array","items":{"type":"integer"}},"since":{"type":["integer","null"]},
    "until":{"anyOf":[{"type":"null"},{"type":"integer"}]}}})");
  return types;
}

std::string Query(std::string_view query) {
  const Result<std::string> args = QueryArguments(Types(), {}, query, false);
  return args.ok() ? *args : std::string(args.status().details());
}

TEST(QueryArguments, ConvertByTheSchemasTypes) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"limit=5", R"({"limit":5})"},
      {"limit=-5", R"({"limit":-5})"},
      {"ratio=0.5", R"({"ratio":0.5})"},
      {"all=on", R"({"all":true})"},
      {"all=0", R"({"all":false})"},
      {"name=5", R"({"name":"5"})"},
      {"name=a%22b", R"({"name":"a\"b"})"},
      {"ids=1&ids=2", R"({"ids":[1,2]})"},
      {"limit=1&limit=2", R"({"limit":2})"},
      {"since=7&until=8", R"({"since":7,"until":8})"},
      {"other=1", "{}"},
  };
  for (const auto& [query, expected] : cases) {
    EXPECT_EQ(Query(query), expected) << query;
  }
}

TEST(QueryArguments, UnparsableTextIsFoundWithItsPlace) {
  EXPECT_EQ(Query("limit=abc"),
            R"({"errors":[{"type":"int_parsing","loc":["query","limit"],)"
            R"("msg":"Input should be a valid integer, unable to parse string as an integer","input":"abc"}]})");
  for (const auto& [query, type] : {std::pair("limit=", "int_parsing"), std::pair("limit=1.5", "int_parsing"),
                                    std::pair("limit=99999999999999999999", "int_parsing"),
                                    std::pair("ratio=x", "float_parsing"), std::pair("ratio=inf", "float_parsing"),
                                    std::pair("all=maybe", "bool_parsing"), std::pair("ids=1&ids=x", "int_parsing")}) {
    EXPECT_NE(Query(query).find(type), std::string::npos) << query << " -> " << Query(query);
  }
}

TEST(QueryArguments, UnknownOnesStayAsStringsWhenAsked) {
  const Result<std::string> args = QueryArguments(Types(), {}, "other=1", true);
  ASSERT_TRUE(args.ok());
  EXPECT_EQ(*args, R"({"other":"1"})");
}

TEST(QueryArguments, CapturesWinOverTheQuery) {
  const Result<std::string> args = QueryArguments(Types(), {{"limit", "3"}}, "limit=9&name=x", false);
  ASSERT_TRUE(args.ok());
  EXPECT_EQ(*args, R"({"name":"x","limit":3})");
}

TEST(BodyArguments, CapturesWinOverTheBody) {
  const Result<std::string> args = BodyArguments(Types(), {{"limit", "3"}}, R"({"limit":9,"name":"x"})");
  ASSERT_TRUE(args.ok());
  EXPECT_EQ(*args, R"({"limit":3,"name":"x"})");
}

TEST(BodyArguments, WhatIsNoObjectComesBackAsItIs) {
  for (const char* body : {"[1]", "{broken", "3"}) {
    const Result<std::string> args = BodyArguments(Types(), {{"limit", "3"}}, body);
    ASSERT_TRUE(args.ok());
    EXPECT_EQ(*args, body);
  }
}

TEST(BodyArguments, AnUnparsableCaptureIsFoundInThePath) {
  const Result<std::string> args = BodyArguments(Types(), {{"limit", "x"}}, "{}");
  EXPECT_EQ(args.status().code(), Code::kInvalidArgument);
  EXPECT_NE(args.status().details().find(R"(["path","limit"])"), std::string::npos);
}

}  // namespace
}  // namespace tutti::host
