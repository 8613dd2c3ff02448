// The plugin as a whole, in a host in memory: what happens when something fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tutti/sdk/testing/fake_host.hpp"

extern "C" const tutti_entry tutti_plugin_entry;

namespace tutti::orchestrator {
namespace {

using testing::FakeHost;
using testing::FakeReply;
using testing::FakeRequest;
using testing::LoadedPlugin;
using testing::RunningCall;

constexpr const char* kSession = "00000000-0000-4000-8000-00000000000a";
constexpr const char* kAgent = R"([{"id":"00000000-0000-4000-8000-00000000000b","name":"builder","model":"m",
  "status":"idle","session_id":"s","input_tokens":0,"output_tokens":0,"total_cost":0}])";

class OrchestratorPluginTest : public ::testing::Test {
 protected:
  OrchestratorPluginTest() {
    host_.OnStore([this](const FakeRequest& batch) { return AnswerStore(batch.body); });
    host_.Respond("commands", [this](const FakeRequest& request, const FakeReply& reply) {
      if (request.name == "slash.list") {
        reply.Finish(commands_);
        return;
      }
      const std::lock_guard lock(mutex_);
      runs_.emplace_back(request.body, reply);
    });
    host_.SetModels(R"({"default":"the-default"})");
  }

  void SetUp() override { plugin_.emplace(host_, tutti_plugin_entry.create); }

  Status Start() {
    return plugin_->Start(JsonObject()("session", kSession)("model", "m")("max_waiting_messages", 2).Take());
  }

  Result<std::string> AnswerStore(const std::string& batch) {
    if (storage_is_away_) {
      return Status::FailedPrecondition("the database is broken");
    }
    const Result<Json> json = Json::Parse(batch);
    JsonWriter results;
    results.BeginArray();
    (*json)["ops"].ForEach([&](JsonView op) { results.Raw(AnswerOperation(op)); });
    return R"({"results":)" + results.EndArray().Take() + "}";
  }

  std::string AnswerOperation(JsonView op) {
    const std::string_view table = op["from"].AsString();
    if (op["op"].AsString() != "query") {
      return R"({"affected":1,"rows":[{"old":{},"new":{}}]})";
    }
    if (table == "orchestrator.orchestrator_agents") {
      const std::string row = JsonObject()("id", kSession)("session_id", nullptr).Raw("metadata", "{}").Take();
      return is_known_ ? R"({"count":1,"rows":[)" + row + "]}" : R"({"count":0,"rows":[]})";
    }
    const bool finds_agent = table == "orchestrator.agents" && op["where"]["name"].AsString() == "builder";
    return finds_agent ? std::string(R"({"count":1,"rows":)") + kAgent + "}" : R"({"count":0,"rows":[]})";
  }

  RunningCall Say(const std::string& text) {
    return plugin_->BeginInvoke("orchestrator.send_chat",
                                JsonObject()("message", text)("orchestrator_agent_id", kSession).Take());
  }

  // Run number `index` that was asked for: its arguments and its end.
  std::pair<std::string, FakeReply> Run(std::size_t index) {
    EXPECT_TRUE(host_.WaitUntil([&] { return RunCount() > index; })) << "run " << index << " was not started";
    const std::lock_guard lock(mutex_);
    return runs_.at(index);
  }

  std::size_t RunCount() {
    const std::lock_guard lock(mutex_);
    return runs_.size();
  }

  // Types of what was announced in batches.
  std::vector<std::string> Announced() {
    std::vector<std::string> types;
    for (const FakeRequest& request : host_.Requests("store")) {
      const Result<Json> json = Json::Parse(request.body);
      (*json)["ops"].ForEach([&](JsonView op) {
        if (op["op"].AsString() == "append") {
          types.emplace_back(op["type"].AsString());
        }
      });
    }
    return types;
  }

  bool WaitForAnnounced(const std::string& type) {
    return host_.WaitUntil([&] {
      const std::vector<std::string> types = Announced();
      return std::find(types.begin(), types.end(), type) != types.end();
    });
  }

  std::vector<std::string> Published() {
    std::vector<std::string> types;
    for (const testing::PublishedEvent& event : host_.records().events()) {
      types.push_back(event.type);
    }
    return types;
  }

  FakeHost host_;
  Result<std::string> commands_ = Status::NotFound("no plugin lists slash commands");  // set before the start
  std::atomic<bool> storage_is_away_{false};
  std::atomic<bool> is_known_{true};
  std::mutex mutex_;
  std::vector<std::pair<std::string, FakeReply>> runs_;  // guarded by mutex_
  std::optional<LoadedPlugin> plugin_;
};

TEST_F(OrchestratorPluginTest, UnknownSessionSaysWhatToDo) {
  is_known_ = false;
  const Status status = Start();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_NE(status.message().find("--session last"), std::string_view::npos) << status.message();
}

TEST_F(OrchestratorPluginTest, StartSaysHowToResume) {
  ASSERT_TRUE(Start().ok());
  const auto logs = host_.records().logs();
  ASSERT_FALSE(logs.empty());
  EXPECT_EQ(logs.back().level, TUTTI_LOG_NOTICE);
  EXPECT_EQ(logs.back().message, std::string("resume with: tutti run --session ") + kSession);
}

TEST_F(OrchestratorPluginTest, MessageThatCannotBeStoredStartsNothing) {
  ASSERT_TRUE(Start().ok());
  storage_is_away_ = true;
  EXPECT_EQ(Say("hello").Wait().status().message(), "the database is broken");
  EXPECT_EQ(RunCount(), 0U);
  storage_is_away_ = false;
  EXPECT_TRUE(Say("hello").Wait().ok());
  Run(0).second.Finish(std::string("{}"));
}

TEST_F(OrchestratorPluginTest, FailedTurnEndsTypingAndSaysWhy) {
  ASSERT_TRUE(Start().ok());
  EXPECT_TRUE(Say("hello").Wait().ok());
  Run(0).second.Finish(Status::Unavailable("overloaded"));
  ASSERT_TRUE(WaitForAnnounced("error"));
  EXPECT_EQ(Published(), (std::vector<std::string>{"chat_typing", "chat_typing"}));
  EXPECT_TRUE(Say("again").Wait().ok());
  Run(1).second.Finish(std::string("{}"));
  ASSERT_TRUE(WaitForAnnounced("orchestrator_updated"));
}

TEST_F(OrchestratorPluginTest, FailureIsShownEvenWhenItCannotBeStored) {
  ASSERT_TRUE(Start().ok());
  EXPECT_TRUE(Say("hello").Wait().ok());
  const auto run = Run(0);
  storage_is_away_ = true;
  run.second.Finish(Status::Unavailable("the database is away"));
  EXPECT_TRUE(host_.WaitUntil([&] { return Published().size() == 3; }));
  EXPECT_EQ(Published(), (std::vector<std::string>{"chat_typing", "chat_typing", "error"}));
}

TEST_F(OrchestratorPluginTest, MessagesThatComeMeanwhileAreAnsweredTogether) {
  ASSERT_TRUE(Start().ok());
  EXPECT_TRUE(Say("one").Wait().ok());
  const auto first = Run(0);
  std::atomic<bool> interrupted{false};
  first.second.OnCancel([&] { interrupted = true; });
  EXPECT_TRUE(Say("two").Wait().ok());
  EXPECT_TRUE(host_.WaitUntil([&] { return interrupted.load(); }));
  EXPECT_TRUE(Say("three").Wait().ok());
  EXPECT_EQ(Say("four").Wait().status().code(), Code::kResourceExhausted);
  EXPECT_EQ(RunCount(), 1U);
  first.second.Finish(Status::Cancelled("stopped").WithDetails(R"({"stop_reason":"interrupted"})"));
  const auto second = Run(1);
  EXPECT_EQ((*Json::Parse(second.first))["prompt"].AsString(), "two\n\nthree");
  second.second.Finish(std::string("{}"));
}

TEST_F(OrchestratorPluginTest, MessageOfATurnThatWasReplacedBeforeItBeganIsAskedAgain) {
  ASSERT_TRUE(Start().ok());
  EXPECT_TRUE(Say("one").Wait().ok());
  const auto first = Run(0);
  std::atomic<bool> interrupted{false};
  first.second.OnCancel([&] { interrupted = true; });
  EXPECT_TRUE(Say("two").Wait().ok());
  EXPECT_TRUE(host_.WaitUntil([&] { return interrupted.load(); }));
  first.second.Finish(Status::Cancelled("stopped"));
  const auto second = Run(1);
  EXPECT_EQ((*Json::Parse(second.first))["prompt"].AsString(), "one\n\ntwo");
  second.second.Finish(std::string("{}"));
}

TEST_F(OrchestratorPluginTest, TurnIsOfferedTheManagementToolsAndItsConversation) {
  ASSERT_TRUE(Start().ok());
  EXPECT_TRUE(Say("hello").Wait().ok());
  const auto run = Run(0);
  const Result<Json> args = Json::Parse(run.first);
  EXPECT_EQ((*args)["conversation"].AsString(), kSession);
  EXPECT_EQ((*args)["labels"]["role"].AsString(), "orchestrator");
  std::set<std::string> tools;
  (*args)["tools"].ForEach([&](JsonView tool) { tools.emplace(tool.AsString()); });
  EXPECT_TRUE(tools.contains("mcp__mgmt__create_agent"));
  EXPECT_EQ((*args)["system"].AsString().find("{{"), std::string_view::npos);
  run.second.Finish(std::string("{}"));
}

TEST_F(OrchestratorPluginTest, CommandRunsInTheBackgroundAsTheAgent) {
  ASSERT_TRUE(Start().ok());
  const Result<std::string> answer =
      plugin_->Invoke("orchestrator.command_agent", R"({"agent_name":"builder","command":"work"})");
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_NE(answer->find("dispatched"), std::string::npos);
  const auto run = Run(0);
  const Result<Json> args = Json::Parse(run.first);
  EXPECT_EQ((*args)["prompt"].AsString(), "work");
  EXPECT_EQ((*args)["conversation"].AsString(), "s");
  EXPECT_EQ((*args)["labels"]["role"].AsString(), "agent");
  EXPECT_EQ((*args)["labels"]["agent_name"].AsString(), "builder");
  run.second.Finish(Status::Internal("broken"));
  EXPECT_TRUE(host_.WaitUntil([&] {
    const auto types = Announced();
    return std::count(types.begin(), types.end(), "agent_status_changed") == 2;
  }));
  const std::string last = host_.Requests("store").back().body;
  EXPECT_NE(last.find(R"("new_status":"blocked")"), std::string::npos) << last;
}

TEST_F(OrchestratorPluginTest, FailedGreetingArchivesTheAgent) {
  ASSERT_TRUE(Start().ok());
  RunningCall create = plugin_->BeginInvoke("orchestrator.create_agent", R"({"name":"new","system_prompt":"You."})");
  Run(0).second.Finish(Status::Unavailable("overloaded"));
  const Result<std::string> answer = create.Wait();
  ASSERT_TRUE(answer.ok());
  EXPECT_NE(answer->find("overloaded"), std::string::npos);
  EXPECT_NE(answer->find(R"("is_error":true)"), std::string::npos);
  EXPECT_NE(host_.Requests("store").back().body.find(R"("archived":true)"), std::string::npos);
  EXPECT_TRUE(Announced().empty());
}

TEST_F(OrchestratorPluginTest, AgentFromATemplateHasItsPromptToolsAndModel) {
  host_.OnTemplates([](const FakeRequest& request) -> Result<std::string> {
    EXPECT_EQ(request.name + " " + request.body, "get scout");
    return std::string(R"({"name":"scout","description":"d","system_prompt":"You scout.","tools":["Read"],
      "model":"haiku","color":"blue","source":"scout.md","plugin":"p"})");
  });
  ASSERT_TRUE(Start().ok());
  RunningCall create = plugin_->BeginInvoke(
      "orchestrator.create_agent",
      R"({"name":"new","subagent_template":"scout","system_prompt":"You do as told.","model":"opus"})");
  const auto run = Run(0);
  const Result<Json> args = Json::Parse(run.first);
  EXPECT_EQ((*args)["system"].AsString(), "You scout.");
  EXPECT_EQ((*args)["tools"].Dump(), R"(["Read"])");
  EXPECT_EQ((*args)["model"].AsString(), "claude-haiku-4-5-20251001");
  run.second.Finish(std::string("{}"));
  const Result<std::string> answer = create.Wait();
  ASSERT_TRUE(answer.ok());
  EXPECT_NE(answer->find("Model: claude-haiku-4-5-20251001"), std::string::npos) << *answer;
  const std::vector<FakeRequest> batches = host_.Requests("store");
  EXPECT_TRUE(std::any_of(batches.begin(), batches.end(), [](const FakeRequest& batch) {
    return batch.body.find(R"("template_name":"scout")") != std::string::npos;
  }));
}

TEST_F(OrchestratorPluginTest, UnknownTemplateCreatesNothingAndNamesThoseThereAre) {
  host_.OnTemplates([](const FakeRequest& request) -> Result<std::string> {
    if (request.name == "get") {
      return Status::NotFound("no template is named 'scuot'");
    }
    return std::string(R"({"templates":[{"name":"builder"},{"name":"scout"}],"failed":[]})");
  });
  ASSERT_TRUE(Start().ok());
  const std::size_t before = host_.Requests("store").size();
  const Result<std::string> answer =
      plugin_->Invoke("orchestrator.create_agent", R"({"name":"new","subagent_template":"scuot"})");
  ASSERT_TRUE(answer.ok());
  EXPECT_NE(answer->find("Error: template 'scuot' was not found; available templates: builder, scout."),
            std::string::npos)
      << *answer;
  EXPECT_EQ(host_.Requests("store").size(), before);
  EXPECT_EQ(RunCount(), 0U);
}

TEST_F(OrchestratorPluginTest, TemplateThatCannotBeReadIsRefusedWithItsReason) {
  host_.OnTemplates([](const FakeRequest&) {
    return Result<std::string>(Status::FailedPrecondition("scout.md: expected a description, found none"));
  });
  ASSERT_TRUE(Start().ok());
  const Result<std::string> answer =
      plugin_->Invoke("orchestrator.create_agent", R"({"name":"new","subagent_template":"scout"})");
  ASSERT_TRUE(answer.ok());
  EXPECT_NE(answer->find("expected a description, found none"), std::string::npos) << *answer;
  EXPECT_NE(answer->find(R"("is_error":true)"), std::string::npos);
}

TEST_F(OrchestratorPluginTest, TemplatesAreShownToTheConsoleAndToTheModel) {
  host_.OnTemplates([](const FakeRequest&) {
    return Result<std::string>(R"({"templates":[{"name":"scout","description":"Looks around"}],"failed":[]})");
  });
  ASSERT_TRUE(Start().ok());
  const Result<std::string> shown = plugin_->Invoke("orchestrator.get", "{}");
  ASSERT_TRUE(shown.ok());
  EXPECT_NE(shown->find(R"("agent_templates":[{"name":"scout","description":"Looks around"}])"), std::string::npos)
      << *shown;
  EXPECT_TRUE(Say("hello").Wait().ok());
  const auto run = Run(0);
  EXPECT_NE(run.first.find("- **scout**: Looks around"), std::string::npos);
  run.second.Finish(std::string("{}"));
}

TEST_F(OrchestratorPluginTest, StopInterruptsWhatRuns) {
  ASSERT_TRUE(Start().ok());
  EXPECT_TRUE(Say("hello").Wait().ok());
  (void)Run(0);
  plugin_->Deactivate();
  const std::vector<std::string> published = Published();
  EXPECT_EQ(published.back(), "chat_stream");
  ASSERT_TRUE(plugin_->Activate().ok());
  EXPECT_TRUE(Say("again").Wait().ok());
  Run(1).second.Finish(std::string("{}"));
}

// The texts of the lines of one side in the chat.
std::vector<std::string> Lines(FakeHost& host, std::string_view sender) {
  std::vector<std::string> texts;
  for (const FakeRequest& request : host.Requests("store")) {
    const Result<Json> json = Json::Parse(request.body);
    (*json)["ops"].ForEach([&](JsonView op) {
      if (op["row"]["sender_type"].AsString() == sender) {
        texts.emplace_back(op["row"]["message"].AsString());
      }
    });
  }
  return texts;
}

TEST_F(OrchestratorPluginTest, TypedCommandIsInvokedForWhoTypedItAndAnsweredInTheChat) {
  host_.SetSlash(
      "[]", [](std::string_view) { return Result<std::string>(R"({"command":"runs.list","args":"{\"limit\":3}"})"); });
  ASSERT_TRUE(Start().ok());
  ASSERT_TRUE(Say("/runs 3").Wait().ok());
  const auto [args, reply] = Run(0);
  EXPECT_EQ(args, R"({"limit":3})");
  const FakeRequest request = host_.Requests("commands").at(0);
  EXPECT_EQ(request.name, "runs.list");
  EXPECT_EQ(request.surface, static_cast<std::uint32_t>(TUTTI_SURFACE_SLASH));
  EXPECT_NE(request.parent, 0U);
  reply.Finish(std::string(R"({"text":"three runs"})"));
  ASSERT_TRUE(WaitForAnnounced("orchestrator_updated"));
  EXPECT_EQ(Lines(host_, "orchestrator"), std::vector<std::string>{"three runs"});
  EXPECT_EQ(Published(), (std::vector<std::string>{"chat_typing", "chat_typing", "chat_stream"}));
  EXPECT_EQ(RunCount(), 1U);
}

TEST_F(OrchestratorPluginTest, RefusedCommandIsAnsweredWithItsReason) {
  host_.SetSlash("[]",
                 [](std::string_view) { return Result<std::string>(R"({"command":"plugins.disable","args":"{}"})"); });
  ASSERT_TRUE(Start().ok());
  ASSERT_TRUE(Say("/plugin-disable x").Wait().ok());
  Run(0).second.Finish(Status::PermissionDenied("the caller needs the scope admin"));
  ASSERT_TRUE(WaitForAnnounced("orchestrator_updated"));
  EXPECT_EQ(Lines(host_, "orchestrator"), std::vector<std::string>{"the caller needs the scope admin"});
}

TEST_F(OrchestratorPluginTest, CommandOfAFileIsThePromptOfOneTurnWithItsModelAndTools) {
  ASSERT_TRUE(Start().ok());
  RunningCall said = Say("/review src");
  const auto [expand, answer] = Run(0);
  const Result<Json> asked = Json::Parse(expand);
  EXPECT_EQ((*asked)["name"].AsString(), "review");
  EXPECT_EQ((*asked)["arguments"].AsString(), "src");
  EXPECT_EQ((*asked)["session_id"].AsString(), kSession);
  EXPECT_EQ((*asked)["by"].AsString(), "user");
  answer.Finish(std::string(
      R"json({"name":"review","text":"Review src well.","model":"haiku","allowed_tools":["Write","Bash(git:*)"]})json"));
  ASSERT_TRUE(said.Wait().ok());
  const Result<Json> run = Json::Parse(Run(1).first);
  EXPECT_EQ((*run)["prompt"].AsString(), "Review src well.");
  EXPECT_EQ((*run)["model"].AsString(), "claude-haiku-4-5-20251001");
  const std::string tools = (*run)["tools"].Dump();
  EXPECT_NE(tools.find("\"Write\""), std::string::npos) << tools;
  EXPECT_EQ(tools.find("git"), std::string::npos) << tools;
  // What was typed is what the chat shows.
  EXPECT_EQ(Lines(host_, "user"), std::vector<std::string>{"/review src"});
  // The next turn has its usual ones again.
  Run(1).second.Finish(std::string(R"({"usage":{}})"));
  ASSERT_TRUE(WaitForAnnounced("orchestrator_updated"));
  ASSERT_TRUE(Say("hello").Wait().ok());
  const Result<Json> next = Json::Parse(Run(2).first);
  EXPECT_EQ((*next)["model"].AsString(), "m");
  EXPECT_EQ((*next)["tools"].Dump().find("\"Write\""), std::string::npos);
}

TEST_F(OrchestratorPluginTest, UnknownCommandStartsNoTurnAndNamesTheNearestOfAFile) {
  commands_ = std::string(R"({"commands":[{"name":"review","error":null},{"name":"reviwes","error":"it is broken"}]})");
  ASSERT_TRUE(Start().ok());
  RunningCall said = Say("/reviwe src");
  Run(0).second.Finish(Status::NotFound("no such file"));
  ASSERT_TRUE(said.Wait().ok());
  const std::vector<std::string> replies = Lines(host_, "orchestrator");
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_NE(replies[0].find("'/reviwe'"), std::string::npos) << replies[0];
  EXPECT_NE(replies[0].find("/review"), std::string::npos) << replies[0];
  EXPECT_EQ(RunCount(), 1U);
}

}  // namespace
}  // namespace tutti::orchestrator
