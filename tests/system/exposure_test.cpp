// Who may reach the server, and who may not.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "tests/support/raw_connection.h"
#include "tests/system/command_run.h"
#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

constexpr const char* kToken = "a-token-of-this-test";

class Exposure : public RunningServer {
 protected:
  CommandRun Run(const std::string& listen) {
    return RunTutti({"run", "--config", config_, "--data", data_, "--cwd", working_directory_, "--listen", listen},
                    {{"TUTTI_SCRIPTS", directory_.path() + "/scripts"}});
  }

  void UseToken() {
    Overlay("token", std::string("version: 1\nhost: {gateway: {tokens: [{token: ") + kToken + "}]}}\n");
  }

  std::int64_t ChatLines() { return std::stoll(Rows("SELECT count(*) AS n FROM orchestrator_chat").at(0).at("n")); }
};

TEST_F(Exposure, OtherAddressesWithoutATokenAreRefused) {
  for (const char* listen : {"0.0.0.0:0", "[::]:0"}) {
    const CommandRun run = Run(listen);
    EXPECT_EQ(run.status, 1) << run.output;
    EXPECT_NE(run.output.find(listen), std::string::npos) << run.output;
    EXPECT_NE(run.output.find("host.gateway.tokens is empty"), std::string::npos) << run.output;
  }
}

TEST_F(Exposure, OtherAddressesWithATokenListen) {
  UseToken();
  ServerProcess::Options options = Options();
  options.listen = "0.0.0.0:0";
  ServerProcess server(options);
  ASSERT_TRUE(server.WaitUntilReady()) << server.output();
  EXPECT_EQ(Request(server.port(), "GET", "/get_orchestrator").status, 401);
  EXPECT_EQ(Request(server.port(), "GET", "/get_orchestrator", {}, {{"Authorization", std::string("Bearer ") + kToken}})
                .status,
            200);
}

TEST_F(Exposure, TokenIsAskedForOnHttpAndWebSocket) {
  UseToken();
  ServerProcess server(Options());
  ASSERT_TRUE(server.WaitUntilReady()) << server.output();
  const std::uint16_t port = server.port();
  for (const char* target : {"/get_orchestrator", "/list_agents", "/metrics", "/openapi.json", "/v1/commands",
                             "/v1/events?since=0", "/no/such/route"}) {
    const HttpAnswer answer = Request(port, "GET", target);
    EXPECT_EQ(answer.status, 401) << target;
    EXPECT_EQ(answer.headers.at("WWW-Authenticate"), "Bearer") << target;
  }
  EXPECT_EQ(Request(port, "GET", "/health").status, 200);
  EXPECT_EQ(Request(port, "GET", "/health/ready").status, 200);
  EXPECT_EQ(Request(port, "GET", "/list_agents", {}, {{"Authorization", "Bearer wrong"}}).status, 401);
  EXPECT_EQ(Request(port, "GET", "/list_agents", {}, {{"Authorization", std::string("Bearer ") + kToken}}).status, 200);

  const std::string token(kToken);
  const std::pair<std::string, bool> handshakes[] = {
      {"", false},
      {"Sec-WebSocket-Protocol: bearer.wrong\r\n", false},
      {"Cookie: tutti_token=wrong\r\n", false},
      {"Authorization: Bearer " + token + "\r\n", true},
      {"Sec-WebSocket-Protocol: bearer." + token + "\r\n", true},
      {"Cookie: tutti_token=" + token + "\r\n", true},
  };
  for (const auto& [headers, is_welcome] : handshakes) {
    RawConnection socket(port);
    EXPECT_EQ(socket.Upgrade("/ws", headers), is_welcome) << headers;
  }
  EXPECT_EQ(server.output().find(kToken), std::string::npos) << server.output();
}

TEST_F(Exposure, ForeignHostsAndOriginsReachNoHandler) {
  Start();
  const std::string body = JsonObject()("message", "say x")("orchestrator_agent_id", id_).Take();
  const std::pair<const char*, const char*> foreign[] = {{"Host", "attacker.example"},
                                                         {"Host", "attacker.example:80"},
                                                         {"Origin", "http://attacker.example"},
                                                         {"Origin", "http://127.0.0.1.attacker.example"},
                                                         {"Origin", "null"}};
  for (const auto& [name, value] : foreign) {
    const HttpAnswer answer = Request(server().port(), "POST", "/send_chat", body, {{name, value}});
    EXPECT_EQ(answer.status, 403) << name << ": " << value;
    EXPECT_TRUE(answer.json()["detail"].is_string()) << answer.body;
    EXPECT_FALSE(answer.headers.contains("Access-Control-Allow-Origin"));
  }
  RawConnection foreign_page(server().port());
  EXPECT_FALSE(foreign_page.Upgrade("/ws", "Origin: http://attacker.example\r\n"));
  RawConnection foreign_name(server().port());
  ASSERT_TRUE(
      foreign_name.Send("GET /ws HTTP/1.1\r\nHost: attacker.example\r\nConnection: Upgrade\r\n"
                        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
  EXPECT_EQ(StatusOf(foreign_name.ReadAnswer()), 403);
  RawConnection own_page(server().port());
  EXPECT_TRUE(own_page.Upgrade("/ws", "Origin: http://127.0.0.1:5175\r\n"));
  EXPECT_EQ(ChatLines(), 0);
}

TEST_F(Exposure, OtherContentTypesThanJsonAreRefused) {
  Start();
  const std::string body = JsonObject()("message", "say x")("orchestrator_agent_id", id_).Take();
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"}) {
    const HttpAnswer answer = Request(server().port(), "POST", "/send_chat", body, {{"Content-Type", type}});
    EXPECT_EQ(answer.status, 415) << type << answer.body;
  }
  EXPECT_EQ(ChatLines(), 0);
}

TEST_F(Exposure, SecondProcessOnTheSameDataIsRefused) {
  Start();
  const CommandRun second = Run("127.0.0.1:0");
  EXPECT_EQ(second.status, 1) << second.output;
  EXPECT_NE(second.output.find(data_), std::string::npos) << second.output;
  SayAndWait("say unharmed");
  EXPECT_EQ(LastLine(), "unharmed");
}

TEST_F(Exposure, WhatCannotBeUsedIsNamed) {
  const std::string file = directory_.WriteFile("file", "not a directory");
  const CommandRun data =
      RunTutti({"run", "--config", config_, "--data", file, "--cwd", working_directory_, "--listen", "127.0.0.1:0"},
               {{"TUTTI_SCRIPTS", directory_.path() + "/scripts"}});
  EXPECT_EQ(data.status, 1) << data.output;
  EXPECT_NE(data.output.find(file), std::string::npos) << data.output;

  Overlay("log", "version: 1\nhost: {log: {file: '" + file + "/tutti.log'}}\n");
  const CommandRun log = Run("127.0.0.1:0");
  EXPECT_EQ(log.status, 1) << log.output;
  EXPECT_NE(log.output.find(file), std::string::npos) << log.output;
  Overlay("log", "version: 1\n");

  directory_.WriteFile("data/tutti.db", std::string(5000, 'x'));
  const CommandRun database = Run("127.0.0.1:0");
  EXPECT_EQ(database.status, 1) << database.output;
  EXPECT_NE(database.output.find("tutti.db"), std::string::npos) << database.output;
}

TEST_F(Exposure, PortInUseIsASentence) {
  const int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(taken, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(taken, 1), 0);
  ASSERT_EQ(getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string listen = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  const CommandRun run = Run(listen);
  close(taken);
  EXPECT_EQ(run.status, 1) << run.output;
  const std::size_t at = run.output.find("tutti: ");
  ASSERT_NE(at, std::string::npos) << run.output;
  EXPECT_NE(run.output.find(listen, at), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("in use", at), std::string::npos) << run.output;
}

}  // namespace
}  // namespace tutti::test
