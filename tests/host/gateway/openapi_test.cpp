#include "host/gateway/openapi.h"

#include <gtest/gtest.h>

#include "tests/host/gateway/scripted_plugin.h"
#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

constexpr const char* kDefinitions = R"([
  {"name":"events.list","summary":"Lists events.","effects":"read",
   "input":{"type":"object","properties":{"limit":{"type":"integer"},"stream":{"type":"string"}},"required":["limit"]},
   "output":{"type":"array"},
   "rest":[{"method":"GET","path":"/events","errors":"detail"},{"method":"GET","path":"/streams/{stream}/events"}]},
  {"name":"chat.send","summary":"Sends.","slash":{"usage":"/say TEXT..."},
   "input":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}}])";

class OpenApiTest : public testing::Test {
 protected:
  Json Document(bool needs_token) {
    Result<Json> parsed = Json::Parse(OpenApiDocument(*table_, {"Tutti", "1.2.3", needs_token}));
    EXPECT_TRUE(parsed.ok()) << parsed.status().ToString();
    return parsed.ok() ? std::move(*parsed) : Json();
  }

  ScriptedPlugin plugin_{kDefinitions, [](const ScriptedPlugin::Invocation&) {}};
  RoutingTablePtr table_ = plugin_.MakeTable();
};

TEST_F(OpenApiTest, EveryBindingIsAnOperation) {
  const Json document = Document(false);
  EXPECT_EQ(document["openapi"].AsString(), "3.1.0");
  EXPECT_EQ(document["info"]["version"].AsString(), "1.2.3");
  const JsonView paths = document["paths"];
  const JsonView list = paths["/events"]["get"];
  EXPECT_EQ(list["operationId"].AsString(), "events.list");
  EXPECT_EQ(list["parameters"].size(), 2U);
  EXPECT_EQ(list["parameters"][0]["name"].AsString(), "limit");
  EXPECT_EQ(list["parameters"][0]["in"].AsString(), "query");
  EXPECT_TRUE(list["parameters"][0]["required"].AsBool());
  EXPECT_EQ(list["responses"]["200"]["content"]["application/json"]["schema"]["type"].AsString(), "array");
  EXPECT_EQ(list["responses"]["default"]["content"]["application/json"]["schema"]["$ref"].AsString(),
            "#/components/schemas/Detail");
  const JsonView nested = paths["/streams/{stream}/events"]["get"];
  EXPECT_EQ(nested["operationId"].AsString(), "events.list_2");
  EXPECT_EQ(nested["parameters"][0]["in"].AsString(), "path");
  const JsonView send = paths["/v1/commands/chat.send"]["post"];
  EXPECT_EQ(send["requestBody"]["content"]["application/json"]["schema"]["required"][0].AsString(), "text");
  EXPECT_TRUE(paths["/health"]["get"].is_object());
}

TEST_F(OpenApiTest, SecurityIsNamedWhenTokensAre) {
  EXPECT_FALSE(Document(false)["security"]);
  const Json secured = Document(true);
  EXPECT_EQ(secured["components"]["securitySchemes"]["token"]["scheme"].AsString(), "bearer");
  EXPECT_EQ(secured["security"].size(), 1U);
}

TEST_F(OpenApiTest, TheCommandListHasEveryDefinitionInOrder) {
  const Result<Json> list = Json::Parse(CommandList(*table_));
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->view().size(), 2U);
  EXPECT_EQ(list->view()[0]["name"].AsString(), "events.list");
  EXPECT_EQ(list->view()[0]["effects"].AsString(), "read");
  EXPECT_EQ(list->view()[0]["slash"].AsString(), "/events.list {json}");
  EXPECT_EQ(list->view()[1]["slash"].AsString(), "/say TEXT...");
  EXPECT_EQ(list->view()[1]["plugin"].AsString(), ScriptedPlugin::kId);
}

}  // namespace
}  // namespace tutti::host
