#include "model_table.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

TEST(ModelTable, ConfiguredModelsAndAliasesAreAdded) {
  ModelTable table;
  const auto models =
      Json::Parse(R"([{"id":"mine","max_output_tokens":5},{"id":"claude-sonnet-4-5","context_tokens":7}])");
  const auto aliases = Json::Parse(R"({"Deep":"mine"})");
  ASSERT_TRUE(table.Configure(models->view(), aliases->view()).ok());
  EXPECT_EQ(table.Resolve("DEEP"), "mine");
  EXPECT_EQ(table.Resolve("Sonnet"), "claude-sonnet-4-5-20250929");
  EXPECT_EQ(table.Resolve("fast"), "claude-haiku-4-5-20251001");
  EXPECT_EQ(table.Resolve("Other"), "Other");
  EXPECT_EQ(table.Find("mine-20260101")->max_output_tokens, 5);
  EXPECT_EQ(table.Find("claude-sonnet-4-5-20250929")->context_tokens, 7);
}

TEST(ModelTable, ModelsThatAreNotKnownAreNotFound) {
  for (const char* model : {"gpt", "claude-sonnet-4-55", "claude-sonnet-4", ""}) {
    EXPECT_EQ(ModelTable().Find(model), nullptr) << model;
  }
}

TEST(ModelTable, WrongModelsAreRefused) {
  for (const char* models : {R"([{"max_output_tokens":1}])", R"([{"id":"x","max_output_tokens":0}])"}) {
    ModelTable table;
    const auto json = Json::Parse(models);
    EXPECT_EQ(table.Configure(json->view(), JsonView()).code(), Code::kInvalidArgument) << models;
  }
}

TEST(ModelTable, ListsModelsWithAliasesAndWithoutPrices) {
  const auto json = Json::Parse(ModelTable().ToJson("claude-sonnet-4-5-20250929"));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["default"].AsString(), "claude-sonnet-4-5-20250929");
  bool is_found = false;
  (*json)["models"].ForEach([&](JsonView model) {
    if (model["id"].AsString() == "claude-sonnet-4-5-20250929") {
      is_found = true;
      EXPECT_EQ(model["aliases"].Dump(), R"(["sonnet","claude-sonnet-4-5"])");
      EXPECT_TRUE(model["prices"] && model["prices"].is_null());
      EXPECT_EQ(model["max_output_tokens"].AsInt(), 32000);
    }
  });
  EXPECT_TRUE(is_found);
}

}  // namespace
}  // namespace tutti::anthropic
