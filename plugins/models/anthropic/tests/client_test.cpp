// The client against a peer on the wire: every test opens real connections on loopback.
#include "client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/fake_anthropic/fake_peer.h"
#include "tests/support/fake_anthropic/message_stream.h"
#include "tutti/sdk/json.hpp"

namespace tutti::anthropic {
namespace {

using fake_anthropic::FakePeer;
using fake_anthropic::MessageEvents;
using fake_anthropic::Reply;
using fake_anthropic::ToSse;
using std::chrono::milliseconds;

constexpr const char* kKey = "sk-test-1234567890";
constexpr const char* kRequest =
    R"({"system":"be kind","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})";
constexpr const char* kMessage =
    R"({"model":"claude-sonnet-4-5-20250929","stop_reason":"tool_use","usage":{"input_tokens":10,"output_tokens":20,)"
    R"("cache_read_input_tokens":1000},"content":[{"type":"thinking","thinking":"Hm, \u00e4\ud83d\ude00","signature":"Er+/=="},)"
    R"({"type":"text","text":"Gr\u00fc\u00dfe, \ud83d\ude00 \"you\"\n"},)"
    R"({"type":"tool_use","id":"t1","name":"Write","input":{"path":"\u00e4\\b","n":[1,2]}},)"
    R"({"type":"tool_use","id":"t2","name":"List","input":{}}]})";

Reply Stream(std::string body) {
  Reply reply;
  reply.headers = {{"content-type", "text/event-stream; charset=utf-8"}, {"request-id", "req_7"}};
  reply.body = std::move(body);
  return reply;
}

Reply Whole(std::string_view text = "done") {
  return Stream(ToSse(MessageEvents(R"({"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1},)"
                                    R"("content":[{"type":"text","text":")" +
                                    std::string(text) + "\"}]}")));
}

Reply Error(int status, std::string_view type, std::vector<std::pair<std::string, std::string>> headers = {}) {
  Reply reply;
  reply.status = status;
  reply.framing = Reply::Framing::kLength;
  reply.headers = std::move(headers);
  reply.headers.emplace_back("content-type", "application/json");
  reply.headers.emplace_back("request-id", "req_e");
  reply.body =
      JsonObject()("type", "error").Raw("error", JsonObject()("type", type)("message", "because").Take()).Take();
  return reply;
}

ClientSettings SettingsFor(const FakePeer& peer) {
  ClientSettings settings;
  settings.endpoint = *ParseBaseUrl(peer.url());
  settings.builder.default_model = "sonnet";
  settings.api_key = kKey;
  settings.retry.initial_delay = milliseconds(1);
  return settings;
}

struct Outcome {
  Result<std::string> result = Status::Internal("did not run");
  std::vector<std::string> events;

  [[nodiscard]] std::size_t Retries() const {
    std::size_t count = 0;
    for (const auto& event : events) {
      count += event.starts_with(R"({"type":"retry")") ? 1 : 0;
    }
    return count;
  }
};

Outcome Complete(Client& client, std::string_view request = kRequest) {
  Outcome outcome;
  Cancellation cancellation;
  outcome.result = client.Complete(request, cancellation, [&](const std::string& event) {
    outcome.events.push_back(event);
    return Status();
  });
  return outcome;
}

TEST(Client, SameMessageHoweverTheBytesAreCut) {
  const auto wanted = Json::Parse(kMessage);
  for (const auto split : {Reply::Split::kWhole, Reply::Split::kLines, Reply::Split::kBytes}) {
    for (const auto framing : {Reply::Framing::kChunked, Reply::Framing::kLength, Reply::Framing::kClose}) {
      for (const char* line_end : {"\n", "\r\n", "\r"}) {
        FakePeer peer;
        Reply reply = Stream("\xEF\xBB\xBF: hello" + std::string(line_end) + std::string(line_end) +
                             ToSse(MessageEvents(kMessage, 3), line_end));
        reply.split = split;
        reply.framing = framing;
        peer.Add(reply);
        Client client(SettingsFor(peer), ModelTable());
        const Outcome outcome = Complete(client);
        ASSERT_TRUE(outcome.result.ok()) << outcome.result.status().ToString();
        const auto result = Json::Parse(*outcome.result);
        EXPECT_EQ((*result)["content"].Dump(), (*wanted)["content"].Dump());
        EXPECT_EQ((*result)["stop_reason"].AsString(), "tool_use");
        EXPECT_EQ((*result)["model"].AsString(), "claude-sonnet-4-5-20250929");
        EXPECT_EQ((*result)["request_id"].AsString(), "req_7");
        EXPECT_EQ((*result)["usage"]["cache_read_input_tokens"].AsInt(), 1000);
        EXPECT_TRUE((*result)["cost_usd"] && (*result)["cost_usd"].is_null()) << *outcome.result;
      }
    }
  }
}

TEST(Client, SendsHeadersAndBodyOfTheApi) {
  FakePeer peer;
  peer.Add(Whole());
  ClientSettings settings = SettingsFor(peer);
  settings.endpoint = *ParseBaseUrl(peer.url() + "/proxy/");
  Client client(settings, ModelTable());
  const std::string request =
      R"({"model":"haiku","messages":[{"role":"user","content":[{"type":"text","text":"q"}]},)"
      R"({"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s/+="},)"
      R"({"type":"tool_use","id":"t1","name":"A","input":{}},{"type":"tool_use","id":"t2","name":"B","input":{}}]},)"
      R"({"role":"user","content":[{"type":"text","text":"and"},)"
      R"({"type":"tool_result","tool_use_id":"t2","content":[{"type":"text","text":"2"}],"is_error":false},)"
      R"({"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"1"}],"is_error":true}]}]})";
  ASSERT_TRUE(Complete(client, request).result.ok());
  const auto received = peer.received().at(0);
  EXPECT_EQ(received.method, "POST");
  EXPECT_EQ(received.target, "/proxy/v1/messages");
  EXPECT_EQ(received.headers.at("x-api-key"), kKey);
  EXPECT_EQ(received.headers.at("anthropic-version"), "2023-06-01");
  EXPECT_EQ(received.headers.at("content-type"), "application/json");
  EXPECT_EQ(received.headers.at("host"), "127.0.0.1:" + std::to_string(peer.port()));
  const auto body = Json::Parse(received.body);
  ASSERT_TRUE(body.ok());
  EXPECT_EQ((*body)["model"].AsString(), "claude-haiku-4-5-20251001");
  EXPECT_TRUE((*body)["stream"].AsBool());
  EXPECT_EQ((*body)["messages"][1]["content"][0].Dump(), R"({"type":"thinking","thinking":"t","signature":"s/+="})");
  const JsonView last = (*body)["messages"][2]["content"];
  EXPECT_EQ(last[0]["tool_use_id"].AsString(), "t2");
  EXPECT_EQ(last[1]["tool_use_id"].AsString(), "t1");
  EXPECT_EQ(last[2]["text"].AsString(), "and");
  EXPECT_EQ(last[2]["cache_control"].Dump(), R"({"type":"ephemeral"})");
}

TEST(Client, UsageHasWhatAPriceDependsOn) {
  FakePeer peer;
  peer.Add(
      Stream(ToSse(MessageEvents(R"({"model":"strange","stop_reason":"end_turn","content":[],)"
                                 R"("usage":{"input_tokens":1,"output_tokens":2,"cache_creation_input_tokens":9,)"
                                 R"("cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":5},)"
                                 R"("server_tool_use":{"web_search_requests":3}}})"))));
  Client client(SettingsFor(peer), ModelTable());
  const Outcome outcome =
      Complete(client, R"({"model":"strange","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})");
  ASSERT_TRUE(outcome.result.ok()) << outcome.result.status().ToString();
  const auto result = Json::Parse(*outcome.result);
  EXPECT_EQ((*result)["usage"]["cache_creation"].Dump(),
            R"({"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":5})")
      << *outcome.result;
  EXPECT_EQ((*result)["usage"]["server_tool_use"]["web_search_requests"].AsInt(), 3);
}

TEST(Client, ConnectionIsUsedAgain) {
  for (const auto framing : {Reply::Framing::kChunked, Reply::Framing::kLength}) {
    FakePeer peer;
    Reply reply = Whole();
    reply.framing = framing;
    reply.times = 0;
    peer.Add(reply);
    Client client(SettingsFor(peer), ModelTable());
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(Complete(client).result.ok());
    }
    EXPECT_EQ(peer.received().at(2).connection, 0U);
  }
}

TEST(Client, ClosedIdleConnectionIsReplacedWithoutARetry) {
  FakePeer peer;
  Reply reply = Whole();
  reply.framing = Reply::Framing::kLength;
  // The end is announced by the length, then the peer closes.
  reply.end = Reply::End::kCut;
  reply.times = 0;
  peer.Add(reply);
  ClientSettings settings = SettingsFor(peer);
  settings.retry.max_retries = 0;
  Client client(settings, ModelTable());
  for (int i = 0; i < 5; ++i) {
    const Outcome outcome = Complete(client);
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.status().ToString();
  }
}

TEST(Client, RetriesWhatIsWorthItAndAnnouncesIt) {
  const Reply failures[] = {Error(429, "rate_limit_error", {{"retry-after", "0"}}),
                            Error(429, "rate_limit_error", {{"retry-after-ms", "1"}}),
                            Error(529, "overloaded_error"),
                            Error(500, "api_error"),
                            Error(408, "timeout_error"),
                            Error(409, "conflict"),
                            Error(400, "odd", {{"x-should-retry", "true"}}),
                            Stream(ToSse({R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})"})),
                            Stream("data: {\n\n"),
                            Stream("")};
  for (const auto& failure : failures) {
    FakePeer peer;
    peer.Add(failure);
    peer.Add(Whole());
    Client client(SettingsFor(peer), ModelTable());
    const Outcome outcome = Complete(client);
    ASSERT_TRUE(outcome.result.ok()) << failure.status << failure.body << outcome.result.status().ToString();
    ASSERT_EQ(outcome.Retries(), 1U) << failure.body;
    const auto retry = Json::Parse(outcome.events.at(0));
    EXPECT_EQ((*retry)["attempt"].AsInt(), 1);
    EXPECT_TRUE((*retry)["delay_ms"].is_int());
    EXPECT_NE((*retry)["reason"].AsString().find("Messages API"), std::string_view::npos);
    EXPECT_EQ(peer.received().size(), 2U);
    EXPECT_EQ(peer.received().at(0).body, peer.received().at(1).body);
  }
}

TEST(Client, GivesUpAfterTheConfiguredRetriesWithTheHintOfTheServer) {
  FakePeer peer;
  Reply failure = Error(429, "rate_limit_error", {{"retry-after-ms", "3"}});
  failure.times = 0;
  peer.Add(failure);
  Client client(SettingsFor(peer), ModelTable());
  const Outcome outcome = Complete(client);
  EXPECT_EQ(outcome.result.status().code(), Code::kResourceExhausted);
  EXPECT_EQ(outcome.result.status().retry_after(), milliseconds(3));
  EXPECT_NE(outcome.result.status().message().find("429 rate_limit_error: because (request-id req_e)"),
            std::string_view::npos)
      << outcome.result.status().ToString();
  EXPECT_EQ(outcome.Retries(), 2U);
  EXPECT_EQ(peer.received().size(), 3U);
}

TEST(Client, DoesNotRetryWhatWillNotGetBetter) {
  const std::pair<Reply, Code> cases[] = {
      {Error(400, "invalid_request_error"), Code::kInvalidArgument},
      {Error(401, "authentication_error"), Code::kUnauthenticated},
      {Error(403, "permission_error"), Code::kPermissionDenied},
      {Error(404, "not_found_error"), Code::kNotFound},
      {Error(413, "request_too_large"), Code::kInvalidArgument},
      {Error(529, "overloaded_error", {{"x-should-retry", "false"}}), Code::kUnavailable},
      {Error(429, "rate_limit_error", {{"retry-after", "3600"}}), Code::kResourceExhausted},
      {Stream(ToSse({R"({"type":"error","error":{"type":"invalid_request_error","message":"m"}})"})),
       Code::kInvalidArgument}};
  for (const auto& [reply, code] : cases) {
    FakePeer peer;
    peer.Add(reply);
    Client client(SettingsFor(peer), ModelTable());
    const Outcome outcome = Complete(client);
    EXPECT_EQ(outcome.result.status().code(), code) << outcome.result.status().ToString();
    EXPECT_NE(outcome.result.status().message().find("request-id req_"), std::string_view::npos);
    EXPECT_TRUE(outcome.events.empty());
    EXPECT_EQ(peer.received().size(), 1U);
  }
}

TEST(Client, StreamThatBreaksAfterADeltaIsNotRepeated) {
  const std::string stream = ToSse(MessageEvents(kMessage));
  const std::string error = ToSse({R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})"});
  const std::string part = stream.substr(0, stream.find("text_delta"));
  for (const auto framing : {Reply::Framing::kChunked, Reply::Framing::kLength, Reply::Framing::kClose}) {
    for (const auto& body : {part, part + "\n\n" + error}) {
      FakePeer peer;
      Reply reply = Stream(body);
      reply.framing = framing;
      reply.end = Reply::End::kCut;
      peer.Add(reply);
      Client client(SettingsFor(peer), ModelTable());
      const Outcome outcome = Complete(client);
      EXPECT_EQ(outcome.result.status().code(), Code::kUnavailable) << outcome.result.status().ToString();
      EXPECT_NE(outcome.result.status().message().find("req_7"), std::string_view::npos)
          << outcome.result.status().ToString();
      EXPECT_GT(outcome.result.status().retry_after().count(), 0);
      EXPECT_EQ(outcome.Retries(), 0U);
      EXPECT_FALSE(outcome.events.empty());
      EXPECT_EQ(peer.received().size(), 1U);
    }
  }
}

TEST(Client, StreamCutBeforeAnyDeltaIsRepeated) {
  FakePeer peer;
  const std::string stream = ToSse(MessageEvents(kMessage));
  Reply reply = Stream(stream.substr(0, stream.find("event: content_block_start")));
  reply.end = Reply::End::kCut;
  peer.Add(reply);
  peer.Add(Whole());
  Client client(SettingsFor(peer), ModelTable());
  const Outcome outcome = Complete(client);
  EXPECT_TRUE(outcome.result.ok()) << outcome.result.status().ToString();
  EXPECT_EQ(outcome.Retries(), 1U);
}

TEST(Client, SilenceAfterAPingEndsWithTheIdleTimeout) {
  FakePeer peer;
  Reply reply = Stream(ToSse({R"({"type":"ping"})"}));
  reply.end = Reply::End::kHang;
  reply.times = 0;
  peer.Add(reply);
  ClientSettings settings = SettingsFor(peer);
  settings.connection.idle_timeout = milliseconds(50);
  settings.retry.max_retries = 1;
  Client client(settings, ModelTable());
  const Outcome outcome = Complete(client);
  EXPECT_EQ(outcome.result.status().code(), Code::kUnavailable);
  EXPECT_NE(outcome.result.status().message().find("within 50 ms"), std::string_view::npos)
      << outcome.result.status().ToString();
  EXPECT_EQ(outcome.Retries(), 1U);
  EXPECT_TRUE(peer.WaitForNoConnection());
}

TEST(Client, SlowStreamLongerThanTheIdleTimeoutIsNoSilence) {
  FakePeer peer;
  Reply reply = Whole();
  reply.split = Reply::Split::kLines;
  reply.pause = milliseconds(100);
  peer.Add(reply);
  ClientSettings settings = SettingsFor(peer);
  settings.connection.idle_timeout = milliseconds(2000);
  settings.retry.max_retries = 0;
  Client client(settings, ModelTable());
  const Outcome outcome = Complete(client);
  EXPECT_TRUE(outcome.result.ok()) << outcome.result.status().ToString();
}

TEST(Client, PeerThatHoldsBackTheEndOfTheBodyDoesNotHoldTheResult) {
  FakePeer peer;
  Reply reply = Whole();
  reply.end = Reply::End::kHang;
  reply.times = 0;
  peer.Add(reply);
  Client client(SettingsFor(peer), ModelTable());
  EXPECT_TRUE(Complete(client).result.ok());
  EXPECT_TRUE(Complete(client).result.ok());
  EXPECT_EQ(peer.received().at(1).connection, 1U);
}

TEST(Client, NobodyListeningIsUnavailable) {
  ClientSettings settings;
  {
    const FakePeer gone;
    settings = SettingsFor(gone);
  }
  settings.retry.max_retries = 1;
  Client client(settings, ModelTable());
  const Outcome outcome = Complete(client);
  EXPECT_EQ(outcome.result.status().code(), Code::kUnavailable);
  EXPECT_EQ(outcome.Retries(), 1U);
}

TEST(Client, AnswerThatIsNoStreamIsAFailureThatNamesTheSetting) {
  FakePeer peer;
  Reply reply = Stream("<html>");
  reply.headers = {{"content-type", "text/html"}};
  peer.Add(reply);
  Client client(SettingsFor(peer), ModelTable());
  const Outcome outcome = Complete(client);
  EXPECT_NE(outcome.result.status().message().find("base_url"), std::string_view::npos);
}

TEST(Client, EndlessEventAndEndlessResponseAreBounded) {
  FakePeer peer;
  peer.Add(Stream("data: " + std::string(5000, 'x')));
  std::string pings;
  for (int i = 0; i < 1000; ++i) {
    pings += ToSse({R"({"type":"ping"})"});
  }
  peer.Add(Stream(pings));
  ClientSettings settings = SettingsFor(peer);
  settings.max_event_bytes = 4000;
  settings.max_response_bytes = 10000;
  Client client(settings, ModelTable());
  EXPECT_EQ(Complete(client).result.status().code(), Code::kResourceExhausted);
  EXPECT_EQ(Complete(client).result.status().code(), Code::kResourceExhausted);
}

TEST(Client, KeyIsCutOutOfWhatAPeerEchoes) {
  FakePeer peer;
  Reply reply = Error(401, "authentication_error");
  reply.body = R"({"error":{"type":"authentication_error","message":"bad key sk-test-1234567890!"}})";
  peer.Add(reply);
  Client client(SettingsFor(peer), ModelTable());
  const std::string text = Complete(client).result.status().ToString();
  EXPECT_EQ(text.find(kKey), std::string::npos);
  EXPECT_NE(text.find("bad key [secret]!"), std::string::npos) << text;
}

TEST(Client, WithoutAKeyNothingIsSent) {
  FakePeer peer;
  ClientSettings settings = SettingsFor(peer);
  settings.api_key.clear();
  Client client(settings, ModelTable());
  EXPECT_EQ(Complete(client).result.status().code(), Code::kUnauthenticated);
  EXPECT_TRUE(peer.received().empty());
}

TEST(Client, FailureOfTheReceiverEndsTheExchange) {
  FakePeer peer;
  Reply reply = Stream(ToSse(MessageEvents(kMessage)));
  reply.end = Reply::End::kHang;
  peer.Add(reply);
  Client client(SettingsFor(peer), ModelTable());
  Cancellation cancellation;
  const auto result =
      client.Complete(kRequest, cancellation, [](const std::string&) { return Status::DeadlineExceeded("full"); });
  EXPECT_EQ(result.status().code(), Code::kDeadlineExceeded);
  EXPECT_TRUE(peer.WaitForNoConnection());
}

TEST(Client, CancelEndsABlockedRead) {
  for (const bool has_delta : {false, true}) {
    FakePeer peer;
    const std::string stream = ToSse(MessageEvents(kMessage));
    Reply reply = Stream(has_delta ? stream.substr(0, stream.find("signature_delta")) : "");
    reply.end = Reply::End::kHang;
    peer.Add(reply);
    Client client(SettingsFor(peer), ModelTable());
    Cancellation cancellation;
    std::thread canceller([&] {
      EXPECT_TRUE(peer.WaitForRequests(1));
      cancellation.Cancel();
    });
    const auto result = client.Complete(kRequest, cancellation, [](const std::string&) { return Status(); });
    canceller.join();
    EXPECT_EQ(result.status().code(), Code::kCancelled) << result.status().ToString();
    EXPECT_TRUE(peer.WaitForNoConnection());
  }
}

TEST(Client, CancelEndsTheWaitBeforeARetry) {
  FakePeer peer;
  peer.Add(Error(429, "rate_limit_error", {{"retry-after", "59"}}));
  Client client(SettingsFor(peer), ModelTable());
  Cancellation cancellation;
  const auto result = client.Complete(kRequest, cancellation, [&](const std::string& event) {
    EXPECT_TRUE(event.starts_with(R"({"type":"retry","attempt":1,"delay_ms":59000,)"));
    cancellation.Cancel();
    return Status();
  });
  EXPECT_EQ(result.status().code(), Code::kCancelled);
}

TEST(Client, CancelledBeforehandSendsNothingUseful) {
  FakePeer peer;
  peer.Add(Whole());
  Client client(SettingsFor(peer), ModelTable());
  Cancellation cancellation;
  cancellation.Cancel();
  const auto result = client.Complete(kRequest, cancellation, [](const std::string&) { return Status(); });
  EXPECT_EQ(result.status().code(), Code::kCancelled);
}

TEST(Client, ManyAtOnceEachGetTheirOwnAnswer) {
  constexpr int kCount = 16;
  FakePeer peer;
  for (int i = 0; i < kCount; ++i) {
    Reply reply = Whole("answer-" + std::to_string(i) + ".");
    reply.split = Reply::Split::kLines;
    reply.contains = {"question-" + std::to_string(i) + "."};
    peer.Add(reply);
  }
  Client client(SettingsFor(peer), ModelTable());
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < kCount; ++i) {
    threads.emplace_back([&, i] {
      const Outcome outcome =
          Complete(client, R"({"messages":[{"role":"user","content":[{"type":"text","text":"question-)" +
                               std::to_string(i) + R"(."}]}]})");
      const bool is_right =
          outcome.result.ok() && outcome.result->find("answer-" + std::to_string(i) + ".") != std::string::npos;
      right += is_right ? 1 : 0;
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(right, kCount);
}

}  // namespace
}  // namespace tutti::anthropic
