// What a monitor, a generator of clients and a reader of the journal see.
#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/system/running_server.h"

namespace tutti::test {
namespace {

class Observation : public RunningServer {
 protected:
  void SetUp() override {
    RunningServer::SetUp();
    Start();
  }
};

TEST_F(Observation, JournalEqualsTheDurableEventsOfTheWebSocketInOrder) {
  SayAndWait("create scout");
  SayAndWait("command scout say hello");
  ASSERT_GE(WaitForStatus(AgentId("scout"), "idle", 0), 0);
  SayAndWait("fail");
  std::vector<std::string> journal;
  std::int64_t since = 0;
  while (true) {
    const Json page = Get("/v1/events?limit=5&since=" + std::to_string(since)).json();
    if (page["events"].size() == 0) {
      break;
    }
    page["events"].ForEach([&](JsonView event) {
      EXPECT_EQ(event["seq"].AsInt(), since + 1);
      since = event["seq"].AsInt();
      // What has a dot in its type is not for a client that asked for nothing.
      if (event["type"].AsString().find('.') == std::string_view::npos) {
        journal.push_back(event["data"].Dump());
      }
      EXPECT_EQ(event["type"].AsString(), event["data"]["type"].AsString());
    });
  }
  EXPECT_GT(journal.size(), 5U);
  // An agent's last events may still be on their way.
  const int last = client().WaitFor([&](JsonView message) { return message.Dump() == journal.back(); });
  ASSERT_GE(last, 0);
  const std::set<std::string> transient = {"connection_established", "chat_typing", "chat_stream"};
  std::vector<std::string> live;
  for (int i = 0; i <= last; ++i) {
    const Json message = client().Message(i);
    if (!transient.contains(std::string(message["type"].AsString()))) {
      live.push_back(message.view().Dump());
    }
  }
  EXPECT_EQ(journal, live);
}

TEST_F(Observation, MetricsArePrometheusTextOfHostAndPlugins) {
  SayAndWait("say hello");
  const HttpAnswer answer = Get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.headers.at("Content-Type").starts_with("text/plain")) << answer.headers.at("Content-Type");
  const re2::RE2 sample(R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*",?)*\})? )"
                        R"(([-+]?[0-9.eE+-]+|[-+]?Inf|Nan))");
  std::set<std::string> names;
  std::istringstream lines(answer.body);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) {
      continue;
    }
    std::string name;
    ASSERT_TRUE(re2::RE2::FullMatch(line, sample, &name)) << line;
    names.insert(name);
  }
  for (const char* expected : {"tutti_calls_running", "tutti_executor_queued", "tutti_events_dropped_total",
                               "tutti_log_lines_dropped_total", "tutti_subscribers"}) {
    EXPECT_TRUE(names.contains(expected)) << expected << " in\n" << answer.body;
  }
  EXPECT_NE(answer.body.find("plugin=\"tutti."), std::string::npos) << answer.body;
}

TEST_F(Observation, RequestsAreLoggedAtDebugWithoutTheirQuery) {
  const std::string log = directory_.path() + "/tutti.log";
  Overlay("log", "version: 1\nhost: {log: {level: debug, file: '" + log + "'}}\n");
  Start();
  EXPECT_EQ(Get("/get_events?limit=1&agent_id=whose").status, 422);
  EXPECT_EQ(server().Stop(), 0) << server().output();
  std::ostringstream content;
  content << std::ifstream(log).rdbuf();
  std::istringstream lines(content.str());
  bool is_logged = false;
  for (std::string line; std::getline(lines, line);) {
    is_logged |= line.find("/get_events") != std::string::npos && line.find("422") != std::string::npos &&
                 line.find("127.0.0.1") != std::string::npos;
    EXPECT_EQ(line.find("agent_id=whose"), std::string::npos) << line;
  }
  EXPECT_TRUE(is_logged) << content.str();
}

TEST_F(Observation, W07_LogHoldsNoBodiesAndItsFilesAreBounded) {
  const std::string folder = directory_.MakeDirectory("log");
  Overlay("log",
          "version: 1\nhost: {log: {level: debug, file: '" + folder + "/tutti.log', max_size_mb: 1, max_files: 2}}\n");
  Start();
  SayAndWait("say a-word-nobody-logs");
  SayAndWait("create scout");
  SayAndWait("command scout say another-word-nobody-logs");
  ASSERT_GE(WaitForStatus(AgentId("scout"), "idle", 0), 0);
  // More than the files may hold together.
  const std::string long_path = "/no/such/" + std::string(6000, 'p');
  for (int i = 0; i < 800; ++i) {
    ASSERT_EQ(Get(long_path).status, 404);
  }
  EXPECT_EQ(server().Stop(), 0) << server().output();
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    ++files;
    std::ostringstream content;
    content << std::ifstream(entry.path()).rdbuf();
    EXPECT_LE(content.str().size(), 1U << 20U) << entry.path();
    EXPECT_EQ(content.str().find("word-nobody-logs"), std::string::npos) << entry.path();
  }
  EXPECT_EQ(files, 3U);
  EXPECT_EQ(server().output().find("word-nobody-logs"), std::string::npos);
}

TEST_F(Observation, OpenApiListsEveryRoute) {
  const Json document = Get("/openapi.json").json();
  EXPECT_TRUE(document["openapi"].AsString().starts_with("3."));
  std::set<std::string> operations;
  document["paths"].ForEachMember([&](std::string_view path, JsonView item) {
    item.ForEachMember([&](std::string_view method, JsonView operation) {
      EXPECT_TRUE(operations.insert(std::string(operation["operationId"].AsString())).second)
          << operation["operationId"].AsString() << " stands twice";
      EXPECT_TRUE(operation["responses"].is_object()) << path << method;
    });
  });
  int routes = 0;
  Get("/v1/commands").json().view().ForEach([&](JsonView command) {
    command["rest"].ForEach([&](JsonView binding) {
      std::string method(binding["method"].AsString());
      std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::tolower(c); });
      EXPECT_TRUE(document["paths"][binding["path"].AsString()][method]) << binding.Dump();
      ++routes;
    });
  });
  EXPECT_GT(routes, 8);
  for (const char* path : {"/health", "/health/ready", "/metrics", "/v1/commands", "/v1/slash"}) {
    EXPECT_TRUE(document["paths"][path]) << path;
  }
}

TEST_F(Observation, ReadinessNamesEveryDependency) {
  const HttpAnswer answer = Get("/health/ready");
  EXPECT_EQ(answer.status, 200) << answer.body;
  const Json ready = answer.json();
  EXPECT_EQ(ready["status"].AsString(), "ready");
  EXPECT_EQ(ready["dependencies"]["storage"]["engine"].AsString(), "sqlite");
  EXPECT_EQ(ready["dependencies"]["model"]["plugin"].AsString(), "tutti.models.rehearsal");
  EXPECT_EQ(ready["dependencies"]["runtime"]["plugin"].AsString(), "tutti.runtimes.loop");
}

}  // namespace
}  // namespace tutti::test
