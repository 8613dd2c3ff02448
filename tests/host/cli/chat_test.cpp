// The chat client against a server of its own: Poco's HTTP server on a free port, which plays a scripted turn.
#include "host/cli/chat.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/WebSocket.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <iterator>
#include <mutex>
#include <sstream>

#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

using Poco::Net::WebSocket;

struct Script {
  std::string orchestrator = R"({"status":"success","orchestrator":{"id":"o1","session_id":"s1"}})";
  std::vector<std::string> messages;  // after the echo
  int busy_answers = 0;               // how often /list_agents still shows an agent at work after the turn
  bool closes = false;                // the server goes away instead of ending the turn
};

// What the handlers share.
class Stage {
 public:
  explicit Stage(Script script) : script_(std::move(script)) {}

  const Script& script() const { return script_; }

  void Receive(const std::string& body, const std::string& authorization) {
    const std::lock_guard lock(mutex_);
    body_ = body;
    authorization_ = authorization;
    changed_.notify_all();
  }

  std::string WaitForMessage() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !body_.empty() || closed_; });
    return body_;
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  bool TakeBusy() {
    const std::lock_guard lock(mutex_);
    if (body_.empty() || script_.busy_answers == 0) {
      return false;
    }
    --script_.busy_answers;
    return true;
  }

  std::string authorization() {
    const std::lock_guard lock(mutex_);
    return authorization_;
  }

  int busy_left() {
    const std::lock_guard lock(mutex_);
    return script_.busy_answers;
  }

 private:
  Script script_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string body_;
  std::string authorization_;
  bool closed_ = false;
};

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  explicit Handler(Stage& stage) : stage_(stage) {}

  void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
    const std::string& path = request.getURI();
    if (path == "/get_orchestrator") {
      Answer(response, stage_.script().orchestrator);
    } else if (path == "/list_agents") {
      Answer(response, stage_.TakeBusy() ? R"({"agents":[{"id":"a9","status":"executing"}]})" : R"({"agents":[]})");
    } else if (path == "/send_chat") {
      const std::string body{std::istreambuf_iterator<char>(request.stream()), {}};
      Answer(response, R"({"status":"success"})");
      stage_.Receive(body, request.get("Authorization", ""));
    } else if (path == "/ws") {
      Play(request, response);
    } else {
      response.setStatus(Poco::Net::HTTPResponse::HTTP_NOT_FOUND);
      Answer(response, R"({"detail":"Not Found"})");
    }
  }

 private:
  static void Answer(Poco::Net::HTTPServerResponse& response, const std::string& json) {
    response.setContentType("application/json");
    response.sendBuffer(json.data(), json.size());
  }

  void Play(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) {
    WebSocket socket(request, response);
    Send(socket, R"({"type":"connection_established"})");
    const Result<Json> body = Json::Parse(stage_.WaitForMessage());
    if (!body.ok()) {
      return;
    }
    socket.sendFrame("p", 1, int{WebSocket::FRAME_FLAG_FIN} | int{WebSocket::FRAME_OP_PING});
    Send(socket, R"({"type":"orchestrator_chat","message":{"sender_type":"user","message":)" +
                     (*body)["message"].Dump() + "}}");
    for (const std::string& message : stage_.script().messages) {
      Send(socket, message);
    }
    if (stage_.script().closes) {
      socket.shutdown();
      return;
    }
    // Ends when the client closes.
    char buffer[256];
    int flags = 0;
    int length = 0;
    do {
      length = socket.receiveFrame(buffer, sizeof buffer, flags);
    } while (length > 0 && (flags & WebSocket::FRAME_OP_BITMASK) != WebSocket::FRAME_OP_CLOSE);
  }

  // In two fragments, as a server may.
  static void Send(WebSocket& socket, const std::string& json) {
    const auto half = static_cast<int>(json.size() / 2);
    socket.sendFrame(json.data(), half, WebSocket::FRAME_OP_TEXT);
    socket.sendFrame(json.data() + half, static_cast<int>(json.size()) - half,
                     int{WebSocket::FRAME_FLAG_FIN} | int{WebSocket::FRAME_OP_CONT});
  }

  Stage& stage_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(Stage& stage) : stage_(stage) {}

  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
    return new Handler(stage_);
  }

 private:
  Stage& stage_;
};

class ScriptedServer {
 public:
  explicit ScriptedServer(Script script)
      : stage_(std::move(script)),
        socket_(Poco::Net::SocketAddress("127.0.0.1", 0)),
        server_(new Factory(stage_), socket_, new Poco::Net::HTTPServerParams) {
    server_.start();
  }

  ~ScriptedServer() {
    stage_.Close();
    server_.stopAll(true);
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(socket_.address().port()); }

  Stage& stage() { return stage_; }

 private:
  Stage stage_;
  Poco::Net::ServerSocket socket_;
  Poco::Net::HTTPServer server_;
};

const std::vector<std::string> kGoodTurn = {
    R"({"type":"chat_typing","is_typing":true})",
    R"({"type":"agent_created","agent":{"id":"a1","name":"scout","model":"m"}})",
    R"({"type":"agent_status_changed","agent_id":"a1","new_status":"executing"})",
    R"({"type":"orchestrator_chat","message":{"sender_type":"orchestrator","message":"scout is on it"}})",
    R"({"type":"chat_typing","is_typing":false})",
    R"({"type":"chat_stream","chunk":"","is_complete":true})",
    R"({"type":"orchestrator_updated","orchestrator":{"input_tokens":1,"output_tokens":2,"total_cost":0.5}})",
    R"({"type":"agent_log","log":{"agent_id":"a1","agent_name":"scout","event_type":"TextBlock","payload":{"text":"wrote it"}}})",
    R"({"type":"agent_status_changed","agent_id":"a1","new_status":"idle"})",
};

struct Said {
  int exit_code;
  std::string out;
  std::string err;
};

Said Say(ChatOptions options) {
  std::ostringstream out;
  std::ostringstream err;
  const int exit_code = Chat(options, out, err);
  return {exit_code, out.str(), err.str()};
}

TEST(Chat, ShowsATurnUntilItsAgentsAreDone) {
  ScriptedServer server({.messages = kGoodTurn, .busy_answers = 2});
  const Said said = Say({.url = server.url(), .token = "t0k", .session = "s1", .message = "go"});
  EXPECT_EQ(said.err, "");
  EXPECT_EQ(said.exit_code, 0);
  EXPECT_EQ(said.out,
            "+ agent scout (m)\n"
            "[scout] is executing\n"
            "scout is on it\n"
            "[scout] wrote it\n"
            "[scout] is idle\n"
            "total: $0.5000, 1 tokens in, 2 out\n");
  EXPECT_EQ(server.stage().busy_left(), 0);
  EXPECT_EQ(server.stage().authorization(), "Bearer t0k");
  EXPECT_EQ(server.stage().WaitForMessage(), R"({"message":"go","orchestrator_agent_id":"o1"})");
}

TEST(Chat, FailsWhenTheTurnFails) {
  ScriptedServer server({.messages = {R"({"type":"chat_typing","is_typing":true})",
                                      R"({"type":"error","message":"failed","details":{"error":"no credit"}})"}});
  const Said said = Say({.url = server.url(), .message = "go"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_EQ(said.out, "error: failed: no credit\n");
  EXPECT_EQ(said.err, "tutti: the turn or an agent failed, see above\n");
}

TEST(Chat, FailsWhenTheServerGoesAway) {
  ScriptedServer server({.messages = {R"({"type":"chat_typing","is_typing":true})"}, .closes = true});
  const Said said = Say({.url = server.url(), .message = "go"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_EQ(said.err, "tutti: the server closed the connection before the turn was over\n");
}

TEST(Chat, StopsWatchingAtItsLimit) {
  ScriptedServer server({.messages = {R"({"type":"chat_typing","is_typing":true})"}});
  const Said said = Say({.url = server.url(), .message = "go", .timeout = std::chrono::seconds(1)});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_EQ(said.err, "tutti: stopped watching after 1 seconds; the agents go on. --timeout sets the limit\n");
}

TEST(Chat, RefusesAnotherSession) {
  ScriptedServer server({});
  const Said said = Say({.url = server.url(), .session = "s2", .message = "go"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_EQ(said.err, "tutti: the server runs session s1, not s2; start it with --session s2\n");
}

TEST(Chat, SaysWhenNobodyListens) {
  Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
  const std::string url = "http://127.0.0.1:" + std::to_string(socket.address().port());
  socket.close();
  const Said said = Say({.url = url, .message = "go"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_TRUE(said.err.starts_with("tutti: cannot talk to " + url)) << said.err;
  EXPECT_NE(said.err.find("`tutti run` starts it"), std::string::npos) << said.err;
}

TEST(Chat, RefusesWhatIsNoServer) {
  EXPECT_EQ(Say({.url = "ftp://x", .message = "go"}).err,
            "tutti: expected a server such as http://127.0.0.1:9403, found 'ftp://x'\n");
  ScriptedServer server({.orchestrator = "<html>"});
  EXPECT_NE(Say({.url = server.url(), .message = "go"}).err.find("is this a tutti server?"), std::string::npos);
  EXPECT_NE(Say({.url = server.url() + "/else", .message = "go"}).err.find("answered 404"), std::string::npos);
}

}  // namespace
}  // namespace tutti::host
