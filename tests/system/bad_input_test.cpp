// What no client should send: a clear answer, and the server stays up.
#include <string>
#include <vector>

#include "tests/support/raw_connection.h"
#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

class BadInput : public RunningServer {
 protected:
  void SetUp() override {
    RunningServer::SetUp();
    Overlay("pieces", "version: 1\nplugins:\n  - {id: tutti.models.rehearsal, config: {piece_characters: 10000}}\n");
    Start();
  }

  void TearDown() override {
    SayAndWait("say alive");
    EXPECT_EQ(LastLine(), "alive");
    EXPECT_EQ(server().Stop(), 0) << server().output();
  }

  // Posts the bytes as they are.
  HttpAnswer SendChat(const std::string& body) { return Post("/send_chat", body); }

  std::string ChatBody(const std::string& quoted_message) {
    return R"({"message":)" + quoted_message + R"(,"orchestrator_agent_id":")" + id_ + R"("})";
  }

  // The user's line as it was stored.
  std::string StoredLine() {
    return Rows("SELECT message FROM orchestrator_chat WHERE sender_type = 'user' ORDER BY created_at DESC LIMIT 1")
        .at(0)
        .at("message");
  }

  static void ExpectSentence(const HttpAnswer& answer, int status) {
    EXPECT_EQ(answer.status, status) << answer.body;
    const Result<Json> json = Json::Parse(answer.body);
    ASSERT_TRUE(json.ok()) << answer.body;
    EXPECT_TRUE((*json)["detail"]) << answer.body;
  }
};

TEST_F(BadInput, MegabyteOfTextComesBackWhole) {
  const std::string text(1 << 20, 'm');
  SayAndWait("say " + text);
  EXPECT_TRUE(LastLine() == text) << LastLine().size() << " bytes";
  EXPECT_TRUE(StoredLine() == "say " + text) << StoredLine().size() << " bytes";
}

TEST_F(BadInput, NulAndBrokenUtf8BecomeTheReplacementCharacter) {
  const std::pair<std::string, std::string> cases[] = {
      {R"("say a\u0000b")",
       "say a\xEF\xBF\xBD"
       "b"},
      {"\"say a\xFF\xFE"
       "b\"",
       "say a\xEF\xBF\xBD\xEF\xBF\xBD"
       "b"},
      {"\"say half \xC3\"", "say half \xEF\xBF\xBD"},
  };
  for (const auto& [sent, stored] : cases) {
    const int first = static_cast<int>(client().messages().size());
    const HttpAnswer answer = SendChat(ChatBody(sent));
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_GE(client().WaitForType("orchestrator_updated", first), 0) << server().output();
    EXPECT_EQ(StoredLine(), stored);
    EXPECT_EQ(LastLine(), stored.substr(4));
  }
}

TEST_F(BadInput, MarkupIsTextLikeAnyOther) {
  const std::string text =
      "<script>alert('x')</script> [/x] & \" \\ \xF0\x9F\x8E\xB5 ${HOME} %s '); DROP TABLE agents;--";
  SayAndWait("say " + text);
  EXPECT_EQ(LastLine(), text);
  EXPECT_EQ(StoredLine(), "say " + text);
  EXPECT_EQ(Get("/list_agents").status, 200);
}

TEST_F(BadInput, BodiesThatAreNoJsonObjectAreRefused) {
  for (const char* body : {"{", "null", "[]", "\"text\"", "7", "{\"message\":}", "{} {}", "\x01\x02"}) {
    const HttpAnswer answer = SendChat(body);
    EXPECT_TRUE(answer.status == 400 || answer.status == 422) << body << ": " << answer.status;
    EXPECT_TRUE(answer.json()["detail"]) << answer.body;
  }
  const HttpAnswer wrong_type = SendChat(ChatBody("{\"a\":1}"));
  ExpectSentence(wrong_type, 422);
}

TEST_F(BadInput, DeepJsonIsRefused) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  for (const std::string& body : {deep, ChatBody(deep), R"({"a":)" + std::string(100000, '{')}) {
    const HttpAnswer answer = SendChat(body);
    EXPECT_TRUE(answer.status == 400 || answer.status == 422) << answer.status;
    EXPECT_TRUE(answer.json()["detail"]) << answer.body;
  }
  client().SendText(deep);
}

TEST_F(BadInput, HugeHeadersAndTargetsAreRefused) {
  const std::string huge(100000, 'h');
  RawConnection header(server().port());
  (void)header.Send("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Huge: " + huge + "\r\n\r\n");
  EXPECT_EQ(StatusOf(header.ReadAnswer()), 431);
  RawConnection target(server().port());
  (void)target.Send("GET /" + huge + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  EXPECT_EQ(StatusOf(target.ReadAnswer()), 414);
}

TEST_F(BadInput, BrokenRequestsAreRefused) {
  const std::pair<const char*, int> cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET /health HTTP/1.1\r\n\r\n", 400},
      {"GET /health HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", 505},
      {"POST /send_chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST /send_chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST /send_chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n", 413},
  };
  for (const auto& [request, status] : cases) {
    RawConnection connection(server().port());
    ASSERT_TRUE(connection.Send(request));
    EXPECT_EQ(StatusOf(connection.ReadAnswer()), status) << request;
  }
}

TEST_F(BadInput, UnknownIdsRoutesAndMethodsAreNamed) {
  constexpr const char* kNobody = "00000000-0000-4000-8000-000000000000";
  ExpectSentence(SendChat(JsonObject()("message", "x")("orchestrator_agent_id", kNobody).Take()), 404);
  ExpectSentence(SendChat(JsonObject()("message", "x")("orchestrator_agent_id", "../../etc/passwd").Take()), 422);
  EXPECT_EQ(Get("/v1/runs/" + std::string(kNobody)).status, 404);
  ExpectSentence(Get("/get_events?agent_id=nonsense"), 422);
  ExpectSentence(Get("/v1/nothing/here"), 404);
  ExpectSentence(Get("/send_chat"), 405);
  EXPECT_EQ(Get("/%2e%2e/%2e%2e/etc/passwd").status, 404);
  EXPECT_EQ(Get("/v1/events?since=-1").status, 422);
  EXPECT_EQ(Get("/v1/events?since=many").status, 422);
}

TEST_F(BadInput, WebSocketNonsenseDoesNoHarm) {
  for (const char* text : {"{", "[]", "null", "{\"id\":1}", "{\"id\":1,\"command\":\"no.such\",\"args\":{}}",
                           "{\"id\":{},\"command\":7}"}) {
    client().SendText(text);
  }
  RawConnection unmasked(server().port());
  ASSERT_TRUE(unmasked.Upgrade());
  EXPECT_TRUE(unmasked.Send(std::string("\x81\x02{}", 4)));
  RawConnection broken(server().port());
  EXPECT_FALSE(broken.Upgrade("/no/such/socket"));
  SayAndWait("say fine");
  EXPECT_TRUE(client().is_open());
}

}  // namespace
}  // namespace tutti::test
