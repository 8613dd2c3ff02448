// The verbs against a server of the test's own, which answers the admin commands and remembers what it was asked.
#include "host/cli/running_host.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iterator>
#include <map>
#include <mutex>
#include <sstream>

#include "host/cli/plugin_commands.h"
#include "tests/host/manifest/manifest_files.h"

namespace tutti::host {
namespace {

struct Asked {
  std::string request;  // method and path
  std::string body;
  std::string authorization;
};

struct Stage {
  std::mutex mutex;
  std::map<std::string, std::pair<int, std::string>> answers;  // path -> status and body; guarded by mutex
  Asked asked;                                                 // the last; guarded by mutex
};

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  explicit Handler(Stage& stage) : stage_(stage) {}

  void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
    const std::string body{std::istreambuf_iterator<char>(request.stream()), {}};
    const std::lock_guard lock(stage_.mutex);
    stage_.asked = {request.getMethod() + " " + request.getURI(), body, request.get("Authorization", "")};
    const auto found = stage_.answers.find(request.getURI());
    response.setStatus(
        static_cast<Poco::Net::HTTPResponse::HTTPStatus>(found == stage_.answers.end() ? 404 : found->second.first));
    response.setContentType("application/json");
    response.send() << (found == stage_.answers.end() ? R"({"detail":"Not Found"})" : found->second.second);
  }

 private:
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

class RunningHostTest : public ::testing::Test {
 protected:
  RunningHostTest()
      : socket_(Poco::Net::SocketAddress("127.0.0.1", 0)),
        server_(new Factory(stage_), socket_, new Poco::Net::HTTPServerParams) {
    server_.start();
    files_.Write("tutti.yaml", "version: 1\nhost: {data_dir: \"" + files_.Path("data") + "\"}\nplugins: []\n");
  }

  ~RunningHostTest() override { server_.stopAll(true); }

  void Announce(int pid, const std::string& host = "127.0.0.1") {
    files_.Write("data/host.json",
                 JsonObject()("pid", pid)
                     .Raw("addresses", "[" + JsonQuote(host + ":" + std::to_string(socket_.address().port())) + "]")(
                         "token", "the-token")
                     .Take());
  }

  int Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "plugin");
    const CommandLine line = ParseCommandLine(arguments).command_line;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const Console console{in, out, err};
    const LoadOptions options{files_.Path("tutti.yaml"), {}, {}, {}};
    const int code = line.subcommand == Subcommand::kPluginList ? ListPlugins(line, options, console)
                                                                : SwitchPlugin(line, options, console);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  Stage stage_;
  ManifestFiles files_;
  Poco::Net::ServerSocket socket_;
  Poco::Net::HTTPServer server_;
  std::string out_;
  std::string err_;
};

TEST_F(RunningHostTest, IsFoundByItsFile) {
  EXPECT_FALSE(RunningHost::Find(files_.Path("data"))->has_value());
  EXPECT_FALSE(RunningHost::Find("")->has_value());
  Announce(getpid());
  const auto host = RunningHost::Find(files_.Path("data"));
  ASSERT_TRUE(host.ok() && host->has_value());
  EXPECT_EQ((*host)->pid(), getpid());
}

TEST_F(RunningHostTest, AFileThatACrashLeftIsNoServer) {
  const pid_t child = fork();
  if (child == 0) {
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  Announce(child);
  EXPECT_FALSE(RunningHost::Find(files_.Path("data"))->has_value());
}

TEST_F(RunningHostTest, ABrokenFileIsTold) {
  for (const char* text : {"", "{}", R"({"pid":1})", "nonsense"}) {
    files_.Write("data/host.json", text);
    const auto host = RunningHost::Find(files_.Path("data"));
    ASSERT_FALSE(host.ok()) << text;
    EXPECT_NE(host.status().message().find("remove the file"), std::string_view::npos) << host.status().message();
  }
}

TEST_F(RunningHostTest, SwitchingGoesThroughItsCommands) {
  // A server that listens everywhere is reached through loopback.
  Announce(getpid(), "0.0.0.0");
  stage_.answers["/v1/commands/plugins.disable"] = {
      200, R"({"changed":[{"id":"a.b","what":"disabled"}],"unchanged":3,"problems":[]})"};
  EXPECT_EQ(Run({"disable", "a.b", "--drain", "cancel"}), 0) << err_;
  EXPECT_EQ(out_, "a.b: disabled\n");
  EXPECT_EQ(stage_.asked.request, "POST /v1/commands/plugins.disable");
  EXPECT_EQ(stage_.asked.body, R"({"id":"a.b","drain":"cancel"})");
  EXPECT_EQ(stage_.asked.authorization, "Bearer the-token");
  EXPECT_FALSE(std::filesystem::exists(files_.Path("data/plugins.yaml")));
}

TEST_F(RunningHostTest, AnUpgradeIsToldWithItsVersions) {
  Announce(getpid());
  stage_.answers["/v1/commands/plugins.reload"] = {
      200, R"({"changed":[{"id":"a.b","what":"upgraded","from":"1.0.0","to":"1.1.0"}],"unchanged":0,"problems":[]})"};
  EXPECT_EQ(Run({"reload", "a.b"}), 0) << err_;
  EXPECT_EQ(out_, "a.b: upgraded from 1.0.0 to 1.1.0\n");
}

TEST_F(RunningHostTest, ProblemsAndRefusalsFail) {
  Announce(getpid());
  stage_.answers["/v1/commands/plugins.enable"] = {200, R"({"changed":[],"unchanged":3,"problems":["bad manifest"]})"};
  EXPECT_EQ(Run({"enable", "a.b"}), 1);
  EXPECT_EQ(err_, "tutti: bad manifest\n");
  stage_.answers["/v1/commands/plugins.enable"] = {
      409, R"({"type":"about:blank","title":"Conflict","status":409,"detail":"a.c needs it\u001b[2J"})"};
  EXPECT_EQ(Run({"enable", "a.b"}), 1);
  EXPECT_TRUE(err_.starts_with("tutti: a.c needs it")) << err_;
  EXPECT_EQ(err_.find('\x1b'), std::string::npos);
}

TEST_F(RunningHostTest, ListsWhatTheServerSays) {
  Announce(getpid());
  stage_.answers["/v1/commands/plugins.list"] = {
      200, R"({"plugins":[{"id":"a.b","version":"1.0.0","kinds":["hook","command"],"state":"quarantined",)"
           R"("isolation":"process","pinned":true,"summary":"s"}]})"};
  EXPECT_EQ(Run({"list"}), 0) << err_;
  EXPECT_EQ(out_,
            "ID   VERSION  KINDS         STATE        RUNS IN  PINNED  SUMMARY\n"
            "a.b  1.0.0    hook,command  quarantined  process  yes     s\n");
}

TEST_F(RunningHostTest, AServerWithoutTheCommandsIsToldWithWhatToEnable) {
  Announce(getpid());
  const std::string pid = std::to_string(getpid());
  EXPECT_EQ(Run({"list"}), 1);
  EXPECT_EQ(err_, "tutti: the server in process " + pid +
                      " has no command plugins.list: the plugin tutti.commands.plugins, which serves it, does not run "
                      "there; enable it under `plugins` in the manifest, take it out of " +
                      files_.Path("data/plugins.yaml") + " if it is switched off there, then: kill -HUP " + pid + "\n");
  stage_.answers["/v1/commands/plugins.enable"] = {404, R"({"detail":"there is no plugin 'a.b'"})"};
  EXPECT_EQ(Run({"enable", "a.b"}), 1);
  EXPECT_EQ(err_, "tutti: there is no plugin 'a.b'\n");
}

TEST_F(RunningHostTest, NoAnswerIsTold) {
  Announce(getpid());
  server_.stopAll(true);
  socket_.close();
  EXPECT_EQ(Run({"enable", "a.b"}), 1);
  EXPECT_NE(err_.find("cannot talk to http://127.0.0.1:"), std::string::npos) << err_;
  EXPECT_NE(err_.find("names process " + std::to_string(getpid())), std::string::npos) << err_;
}

}  // namespace
}  // namespace tutti::host
