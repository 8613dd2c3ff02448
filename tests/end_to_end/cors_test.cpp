// What a browser asks and is told before it lets a page call the server.
#include <string>
#include <utility>
#include <vector>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

constexpr const char* kFrontends[] = {"http://127.0.0.1:5175", "http://localhost:5175"};
constexpr const char* kForeign[] = {"http://attacker.example", "http://127.0.0.1:5175.attacker.example",
                                    "http://127.0.0.1:5176", "null"};

class Cors : public Orchestrator {
 protected:
  HttpAnswer Preflight(const std::string& target, const std::string& method, const std::string& origin) {
    return Request(server().port(), "OPTIONS", target, {},
                   {{"Origin", origin},
                    {"Access-Control-Request-Method", method},
                    {"Access-Control-Request-Headers", "content-type,x-of-this-page"}});
  }

  HttpAnswer Call(const std::string& method, const std::string& target, const std::string& body,
                  const std::string& origin) {
    return Request(server().port(), method, target, body, {{"Origin", origin}});
  }

  static void ExpectAllowed(const HttpAnswer& answer, const std::string& origin, const std::string& what) {
    EXPECT_EQ(HeaderOf(answer, "Access-Control-Allow-Origin"), origin) << what;
    EXPECT_EQ(HeaderOf(answer, "Access-Control-Allow-Credentials"), "true") << what;
    EXPECT_NE(HeaderOf(answer, "Vary").find("Origin"), std::string::npos) << what;
  }

  static std::string HeaderOf(const HttpAnswer& answer, const std::string& name) {
    const auto found = answer.headers.find(name);
    return found == answer.headers.end() ? "" : found->second;
  }

  std::string ChatBody(const std::string& message) {
    return JsonObject()("message", message)("orchestrator_agent_id", id_).Take();
  }

  std::string StoredLines() { return Rows("SELECT count(*) AS n FROM orchestrator_chat").at(0).at("n"); }
};

TEST_F(Cors, O02_PreflightOfTheFrontendIsAllowedWithAnEchoOfItsHeaders) {
  const std::pair<const char*, const char*> calls[] = {
      {"POST", "/send_chat"},  {"POST", "/load_chat"},  {"GET", "/get_orchestrator"},
      {"GET", "/list_agents"}, {"GET", "/get_headers"}, {"GET", "/get_events"},
  };
  for (const char* origin : kFrontends) {
    for (const auto& [method, target] : calls) {
      const std::string what = std::string(origin) + " " + method + " " + target;
      const HttpAnswer answer = Preflight(target, method, origin);
      EXPECT_EQ(answer.status, 200) << what;
      EXPECT_EQ(answer.body, "OK") << what;
      EXPECT_TRUE(HeaderOf(answer, "Content-Type").starts_with("text/plain")) << what;
      ExpectAllowed(answer, origin, what);
      EXPECT_EQ(HeaderOf(answer, "Access-Control-Allow-Methods"), "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
          << what;
      EXPECT_EQ(HeaderOf(answer, "Access-Control-Allow-Headers"), "content-type,x-of-this-page") << what;
      EXPECT_EQ(HeaderOf(answer, "Access-Control-Max-Age"), "600") << what;
    }
  }
}

TEST_F(Cors, O02_AnswersToTheFrontendCarryThePermissionAlsoWhenTheyRefuse) {
  for (const char* origin : kFrontends) {
    ExpectAllowed(Call("GET", "/get_orchestrator", {}, origin), origin, "GET");
    const HttpAnswer missing = Call("POST", "/send_chat", "{}", origin);
    EXPECT_EQ(missing.status, 422);
    ExpectAllowed(missing, origin, "422");
    const HttpAnswer nowhere = Call("GET", "/no/such/path", {}, origin);
    EXPECT_EQ(nowhere.status, 404);
    ExpectAllowed(nowhere, origin, "404");
    const int first = static_cast<int>(client().messages().size());
    const HttpAnswer said = Call("POST", "/send_chat", ChatBody("say hello"), origin);
    EXPECT_EQ(said.status, 200) << said.body;
    ExpectAllowed(said, origin, "POST");
    EXPECT_GE(client().WaitForType("orchestrator_updated", first), 0) << server().output();
  }
}

TEST_F(Cors, O02_ForeignPagesAreRefusedAndNothingRuns) {
  for (const char* origin : kForeign) {
    const HttpAnswer preflight = Preflight("/send_chat", "POST", origin);
    EXPECT_EQ(preflight.status, 400) << origin;
    EXPECT_NE(preflight.body.find("origin"), std::string::npos) << preflight.body;
    EXPECT_FALSE(preflight.headers.contains("Access-Control-Allow-Origin")) << origin;
    const HttpAnswer said = Call("POST", "/send_chat", ChatBody("say hello"), origin);
    EXPECT_EQ(said.status, 403) << origin;
    EXPECT_TRUE(said.json()["detail"].is_string()) << said.body;
    EXPECT_FALSE(said.headers.contains("Access-Control-Allow-Origin")) << origin;
  }
  EXPECT_EQ(StoredLines(), "0");
  // The server's own page, and clients that are no pages.
  const std::string own = "http://127.0.0.1:" + std::to_string(server().port());
  EXPECT_EQ(Call("GET", "/get_orchestrator", {}, own).status, 200);
  EXPECT_EQ(Get("/get_orchestrator").status, 200);
}

}  // namespace
}  // namespace tutti::test
