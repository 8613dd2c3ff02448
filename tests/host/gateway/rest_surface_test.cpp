// REST through the whole path: admission, route, arguments, dispatcher, plugin, answer.
#include <gtest/gtest.h>

#include <future>

#include "tests/host/gateway/gateway_fixture.h"

namespace tutti::host {
namespace {

constexpr const char* kDefinitions = R"([
  {"name":"chat.send","effects":"write",
   "input":{"type":"object","properties":{"message":{"type":"string"}},"required":["message"]},
   "rest":[{"method":"POST","path":"/send_chat","errors":"detail"}]},
  {"name":"events.list","effects":"read",
   "input":{"type":"object","properties":{"limit":{"type":"integer"}}},
   "rest":[{"method":"GET","path":"/get_events","errors":"detail"}]},
  {"name":"agent.show","effects":"read",
   "input":{"type":"object","properties":{"id":{"type":"string"}}},
   "rest":[{"method":"GET","path":"/v1/agents/{id}"},{"method":"DELETE","path":"/v1/agents/{id}","status":204}]},
  {"name":"agent.rename","input":{"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"}}},
   "rest":[{"method":"PUT","path":"/v1/agents/{id}","status":201}]},
  {"name":"admin.stop","scopes":["admin"],"slash":{"usage":"/stop REASON..."},
   "input":{"type":"object","properties":{"reason":{"type":"string"}}}}])";

class RestSurfaceTest : public GatewayTest {};

TEST_F(RestSurfaceTest, ACommandsResultIsSentAsItIs) {
  Start(kDefinitions);
  On("events.list", [this](const Invocation& call) { Finish(call, std::string(R"({"events": [1]})")); });
  const SentResponse sent = Get("/get_events");
  EXPECT_EQ(sent.status, 200U);
  EXPECT_EQ(sent.body, R"({"events": [1]})");
  EXPECT_EQ(sent.Header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(sent.Header("Cache-Control"), "no-store");
}

TEST_F(RestSurfaceTest, ArgumentsComeFromQueryPathAndBody) {
  Start(kDefinitions);
  const auto args = [](const SentResponse& sent) { return std::string(JsonMember(sent.body, "args")); };
  EXPECT_EQ(args(Get("/get_events?limit=5&other=1")), R"({"limit":5})");
  EXPECT_EQ(args(Get("/v1/agents/a%20b%2Fc")), R"({"id":"a b/c"})");
  EXPECT_EQ(args(Post("/send_chat", R"({"message":"hi"})")), R"({"message":"hi"})");
  EXPECT_EQ(args(Get("/get%5Fevents?limit=6")), R"({"limit":6})");
  const SentResponse renamed = Ask({.method = "PUT",
                                    .target = "/v1/agents/7",
                                    .headers = {{"content-type", "application/json"}},
                                    .body = R"({"id":"8","name":"n"})"});
  EXPECT_EQ(renamed.status, 201U);
  EXPECT_EQ(args(renamed), R"({"id":"7","name":"n"})");
}

TEST_F(RestSurfaceTest, ABindingsStatusIsSent) {
  Start(kDefinitions);
  const SentResponse sent = Ask({.method = "DELETE", .target = "/v1/agents/7"});
  EXPECT_EQ(sent.status, 204U);
  EXPECT_EQ(sent.body, "");
}

TEST_F(RestSurfaceTest, UnknownPathsAndMethodsAreAnsweredAsJson) {
  Start(kDefinitions);
  const SentResponse missing = Get("/nothing/here");
  EXPECT_EQ(missing.status, 404U);
  EXPECT_EQ(missing.body, R"({"detail":"Not Found"})");
  const SentResponse wrong = Get("/send_chat");
  EXPECT_EQ(wrong.status, 405U);
  EXPECT_EQ(wrong.body, R"({"detail":"Method Not Allowed"})");
  EXPECT_EQ(wrong.Header("Allow"), "POST");
  EXPECT_EQ(Ask({.method = "POST", .target = "/get_events"}).Header("Allow"), "GET, HEAD");
  EXPECT_EQ(Ask({.method = "POST", .target = "/health"}).Header("Allow"), "GET, HEAD");
  EXPECT_EQ(Ask({.method = "HEAD", .target = "/get_events"}).status, 200U);
}

TEST_F(RestSurfaceTest, ATrailingSlashIsRedirected) {
  Start(kDefinitions);
  const SentResponse sent = Get("/get_events/?limit=5");
  EXPECT_EQ(sent.status, 307U);
  EXPECT_EQ(sent.Header("Location"), "/get_events?limit=5");
  for (const char* elsewhere : {"//evil.example.org/", "/\\evil.example.org/"}) {
    EXPECT_EQ(Get(elsewhere).status, 404U) << elsewhere;
  }
}

TEST_F(RestSurfaceTest, ABodyNeedsAJsonContentType) {
  Start(kDefinitions);
  const auto status = [&](std::vector<std::pair<std::string, std::string>> headers) {
    return Ask({.method = "POST", .target = "/send_chat", .headers = std::move(headers), .body = R"({"message":"x"})"})
        .status;
  };
  EXPECT_EQ(status({}), 415U);
  EXPECT_EQ(status({{"Content-Type", "text/plain"}}), 415U);
  EXPECT_EQ(status({{"Content-Type", "application/json; charset=utf-8"}}), 200U);
}

TEST_F(RestSurfaceTest, FindingsOfTheSchemaHaveTheContractsShape) {
  Start(kDefinitions);
  const SentResponse missing = Post("/send_chat", R"({"other":"6f0c"})");
  EXPECT_EQ(missing.status, 422U);
  EXPECT_EQ(
      missing.body,
      R"({"detail":[{"type":"missing","loc":["body","message"],"msg":"Field required","input":{"other":"6f0c"}}]})");
  const Result<Json> broken = Json::Parse(Post("/send_chat", R"({"message": )").body);
  ASSERT_TRUE(broken.ok());
  EXPECT_EQ((*broken)["detail"][0]["type"].AsString(), "json_invalid");
  EXPECT_EQ((*broken)["detail"][0]["loc"][0].AsString(), "body");
  EXPECT_EQ((*broken)["detail"][0]["loc"][1].AsInt(-1), 12);
  const SentResponse query = Get("/get_events?limit=abc");
  EXPECT_EQ(query.status, 422U);
  EXPECT_NE(query.body.find(R"("type":"int_parsing","loc":["query","limit"])"), std::string::npos) << query.body;
}

TEST_F(RestSurfaceTest, ProblemRoutesSpeakProblemJson) {
  Start(kDefinitions);
  On("agent.show", [this](const Invocation& call) { Finish(call, Status::NotFound("there is no agent 7")); });
  const SentResponse sent = Get("/v1/agents/7");
  EXPECT_EQ(sent.status, 404U);
  EXPECT_EQ(sent.Header("Content-Type"), "application/problem+json; charset=utf-8");
  EXPECT_EQ(JsonMember(sent.body, "detail"), R"("there is no agent 7")");
}

TEST_F(RestSurfaceTest, AForeignHostOrOriginDoesNotReachTheCommand) {
  Start(kDefinitions, {.origins = {"http://127.0.0.1:5175"}});
  std::atomic<int> runs{0};
  On("chat.send", [&](const Invocation& call) {
    ++runs;
    Finish(call, std::string("{}"));
  });
  const auto send = [&](const std::string& host, const std::string& origin) {
    return Ask({.method = "POST",
                .target = "/send_chat",
                .headers = {{"Content-Type", "application/json"}, {"Origin", origin}},
                .body = R"({"message":"x"})",
                .host = host});
  };
  EXPECT_EQ(send("evil.example.org", "").status, 403U);
  EXPECT_EQ(send("", "").status, 403U);
  const SentResponse foreign = send("127.0.0.1:9403", "http://evil.example.org");
  EXPECT_EQ(foreign.status, 403U);
  EXPECT_EQ(foreign.Header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(foreign.Header("Vary"), "Origin");
  EXPECT_EQ(runs, 0);
  const SentResponse allowed = send("localhost:9403", "http://localhost:5175");
  EXPECT_EQ(allowed.status, 200U);
  EXPECT_EQ(allowed.Header("Access-Control-Allow-Origin"), "http://localhost:5175");
  EXPECT_EQ(allowed.Header("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(runs, 1);
}

TEST_F(RestSurfaceTest, ErrorsOfAnAcceptedOriginCarryCorsToo) {
  Start(kDefinitions, {.origins = {"http://127.0.0.1:5175"}});
  for (const char* target : {"/nothing", "/get_events?limit=x", "/send_chat", "/get_events/"}) {
    const SentResponse sent = Ask({.target = target, .headers = {{"Origin", "http://127.0.0.1:5175"}}});
    EXPECT_EQ(sent.Header("Access-Control-Allow-Origin"), "http://127.0.0.1:5175") << target;
  }
}

TEST_F(RestSurfaceTest, PreflightsAreAnsweredAsTheContractSays) {
  Start(kDefinitions, {.tokens = {{"secret", "ann", {"*"}}}, .origins = {"http://127.0.0.1:5175"}});
  const auto preflight = [&](const std::string& origin) {
    return Ask({.method = "OPTIONS",
                .target = "/send_chat",
                .headers = {{"Origin", origin},
                            {"Access-Control-Request-Method", "POST"},
                            {"Access-Control-Request-Headers", "content-type"}}});
  };
  const SentResponse sent = preflight("http://localhost:5175");
  EXPECT_EQ(sent.status, 200U);
  EXPECT_EQ(sent.body, "OK");
  EXPECT_EQ(sent.Header("Content-Type").substr(0, 10), "text/plain");
  EXPECT_EQ(sent.Header("Access-Control-Allow-Origin"), "http://localhost:5175");
  EXPECT_EQ(sent.Header("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(sent.Header("Access-Control-Allow-Methods"), "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
  EXPECT_EQ(sent.Header("Access-Control-Allow-Headers"), "content-type");
  EXPECT_EQ(sent.Header("Access-Control-Max-Age"), "600");
  EXPECT_EQ(sent.Header("Vary"), "Origin");
  const SentResponse refused = preflight("http://evil.example.org");
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(refused.body, "Disallowed CORS origin");
  EXPECT_EQ(refused.Header("Access-Control-Allow-Origin"), "");
}

TEST_F(RestSurfaceTest, TokensAreAskedForAndBringTheirScopes) {
  Start(kDefinitions, {.tokens = {{"t-user", "ann", {"chat"}}, {"t-admin", "bob", {"admin"}}}});
  const auto stop = [&](const std::string& authorization) {
    return Ask({.method = "POST",
                .target = "/v1/commands/admin.stop",
                .headers = {{"Authorization", authorization}, {"Content-Type", "application/json"}},
                .body = "{}"});
  };
  const SentResponse nobody = stop("Bearer wrong");
  EXPECT_EQ(nobody.status, 401U);
  EXPECT_EQ(nobody.Header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(stop("Bearer t-user").status, 403U);
  const SentResponse admin = stop("Bearer t-admin");
  EXPECT_EQ(admin.status, 200U);
  EXPECT_EQ(JsonMember(admin.body, "principal"), "\"bob\"");
  EXPECT_EQ(Get("/health").status, 200U);
  EXPECT_EQ(Get("/health/ready").status, 200U);
  for (const char* target : {"/metrics", "/openapi.json", "/v1/commands", "/get_events"}) {
    EXPECT_EQ(Get(target).status, 401U) << target;
  }
}

TEST_F(RestSurfaceTest, HealthAndReadinessSayWhatIsAway) {
  Start(kDefinitions);
  EXPECT_EQ(Get("/health").body, R"({"status":"healthy","service":"tutti","websocket_connections":0})");
  dependencies_ = {{"storage", true, R"({"file":"x"})"}, {"model", false, ""}};
  const SentResponse sent = Get("/health/ready");
  EXPECT_EQ(sent.status, 503U);
  EXPECT_EQ(sent.body,
            R"({"status":"not_ready","dependencies":{"storage":{"ready":true,"file":"x"},"model":{"ready":false}}})");
}

TEST_F(RestSurfaceTest, DescriptionsAreServed) {
  Start(kDefinitions);
  EXPECT_EQ(Get("/metrics").body, "tutti_calls_total 1\n");
  const Result<Json> openapi = Json::Parse(Get("/openapi.json").body);
  ASSERT_TRUE(openapi.ok());
  EXPECT_TRUE((*openapi)["paths"]["/send_chat"]["post"].is_object());
  const Result<Json> commands = Json::Parse(Get("/v1/commands").body);
  ASSERT_TRUE(commands.ok());
  EXPECT_EQ(commands->view().size(), 5U);
}

TEST_F(RestSurfaceTest, SlashTextRunsItsCommand) {
  Start(kDefinitions);
  const SentResponse sent = Post("/v1/slash", R"({"text":"/stop for today"})");
  EXPECT_EQ(sent.status, 200U);
  EXPECT_EQ(JsonMember(sent.body, "args"), R"({"reason":"for today"})");
  EXPECT_EQ(JsonMember(sent.body, "surface"), std::to_string(TUTTI_SURFACE_SLASH));
  EXPECT_EQ(Post("/v1/slash", R"({"text":"/stopp"})").status, 404U);
  EXPECT_EQ(Post("/v1/slash", R"({"words":"x"})").status, 422U);
}

TEST_F(RestSurfaceTest, AClientThatLeavesCancelsAReadButNoWrite) {
  Start(kDefinitions);
  std::promise<Invocation> read;
  std::promise<Invocation> write;
  On("events.list", [&](const Invocation& call) { read.set_value(call); });
  On("chat.send", [&](const Invocation& call) { write.set_value(call); });
  const std::uint64_t reading = Send({.target = "/get_events"});
  const std::uint64_t writing = Send({.method = "POST",
                                      .target = "/send_chat",
                                      .headers = {{"Content-Type", "application/json"}},
                                      .body = R"({"message":"x"})"});
  const Invocation read_call = read.get_future().get();
  const Invocation write_call = write.get_future().get();
  gateway_->OnClose(transport_, reading, 1006);
  gateway_->OnClose(transport_, writing, 1006);
  EXPECT_TRUE(CallTable::cancelled(*calls_.Find(read_call.call)));
  EXPECT_FALSE(CallTable::cancelled(*calls_.Find(write_call.call)));
  Finish(read_call, Status::Cancelled("stopped"));
  Finish(write_call, std::string("{}"));
  EXPECT_EQ(transport_.WaitForResponse(reading)->status, 499U);
  EXPECT_EQ(transport_.WaitForResponse(writing)->status, 200U);
}

TEST_F(RestSurfaceTest, AccessIsToldWithoutTheQuery) {
  Start(kDefinitions, {.trusted_proxies = {"127.0.0.1"}});
  Ask({.target = "/nothing?token=secret", .headers = {{"X-Forwarded-For", "203.0.113.7"}}});
  ASSERT_EQ(accesses().size(), 1U);
  const Access access = accesses().front();
  EXPECT_EQ(access.method, "GET");
  EXPECT_EQ(access.path, "/nothing");
  EXPECT_EQ(access.client, "203.0.113.7");
  EXPECT_EQ(access.status, 404U);
}

TEST_F(RestSurfaceTest, ArgumentsNestedBeyondReasonAreRefused) {
  Start(kDefinitions);
  const std::string deep(1000000, '[');
  const std::string body = "{\"message\":" + deep + std::string(deep.size(), ']') + "}";
  EXPECT_EQ(Post("/send_chat", body).status, 422U);
  EXPECT_EQ(Post("/v1/slash", "{\"text\":\"/admin.stop {\\\"reason\\\":" + deep + "\"}").status, 422U);
  const SentResponse renamed =
      Ask({.method = "PUT", .target = "/v1/agents/7", .headers = {{"Content-Type", "application/json"}}, .body = body});
  EXPECT_EQ(renamed.status, 422U);
  EXPECT_EQ(Post("/send_chat", R"({"message":"[[[[ not nesting )" + std::string(500, '[') + "\"}").status, 200U);
}

TEST_F(RestSurfaceTest, ABodyWithInvalidUtf8IsRepaired) {
  Start(kDefinitions);
  const SentResponse sent = Post("/send_chat", "{\"message\":\"a\xFFz\"}");
  EXPECT_EQ(sent.status, 200U);
  EXPECT_EQ(JsonMember(sent.body, "args"), "{\"message\":\"a\xEF\xBF\xBDz\"}");
}

}  // namespace
}  // namespace tutti::host
