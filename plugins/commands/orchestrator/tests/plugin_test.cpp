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
      if (request.name == "runs.self") {
        reply.Finish(std::string(R"({"owner":"host-1","lease_ms":15000})"));
        return;
      }
      if (request.name == "runs.interrupt") {
        reply.Finish(std::string(R"({"interrupted":1})"));
        return;
      }
      {
        const std::lock_guard lock(mutex_);
        runs_.emplace_back(request.body, reply);
      }
      if (request.name == "runs.start" && !(*Json::Parse(request.body))["wait"].AsBool()) {
        reply.Finish(std::string("{}"));
      }
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
    const bool is_session = op["table"].AsString() == "orchestrator.orchestrator_agents";
    if (op["op"].AsString() != "query" && !(op["op"].AsString() == "get" && is_session)) {
      return R"({"affected":1,"rows":[{"old":{},"new":{}}]})";
    }
    if (table == "runs.runs") {
      return R"({"count":1,"rows":[{"id":"r1","agent":"nobody","waiting":)" + std::to_string(waiting_.load()) + "}]}";
    }
    if (table == "orchestrator.orchestrator_agents" || is_session) {
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

  // The operations of the newest batch that puts a row into `table`.
  std::optional<Json> BatchWith(const std::string& table) {
    std::optional<Json> found;
    for (const FakeRequest& request : host_.Requests("store")) {
      Result<Json> json = Json::Parse(request.body);
      bool has_row = false;
      (*json)["ops"].ForEach([&](JsonView op) { has_row |= op["table"].AsString() == table && op["row"].is_object(); });
      if (has_row) {
        found.emplace(std::move(*json));
      }
    }
    return found;
  }

  // Tells the plugin that the run with these arguments changed its state; the operations it adds.
  Json Change(const std::string& args, const char* from, const char* to, const char* error = "") {
    const Result<Json> run = Json::Parse(args);
    JsonObject payload;
    payload("run", (*run)["run"].AsString())("conversation", (*run)["conversation"].AsString());
    payload("agent", (*run)["agent"].AsString())("stream", (*run)["stream"].AsString());
    payload("tree", (*run)["tree"].AsString()).Raw("labels", (*run)["labels"].Dump())("from", from)("to", to);
    payload("is_resumed", false)("reason", "")("error", error).Raw("totals", R"({"usage":{"input_tokens":3}})");
    const Result<std::string> reply = plugin_->OnPoint("RunState", payload.Take(), TUTTI_HOOK_RECORD);
    EXPECT_TRUE(reply.ok()) << reply.status().ToString();
    return std::move(*Json::Parse(reply.ok() && !reply->empty() ? *reply : "{}"));
  }

  // Types of what a change announces.
  static std::vector<std::string> TypesOf(const Json& change) {
    std::vector<std::string> types;
    change["ops"].ForEach([&](JsonView op) {
      if (op["op"].AsString() == "append") {
        types.emplace_back(op["type"].AsString());
      }
    });
    return types;
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
  std::atomic<int> waiting_{0};
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
  EXPECT_EQ(RunCount(), 1U);
}

TEST_F(OrchestratorPluginTest, MessageAndItsRunAreOneBatchBeforeTheyAreAcknowledged) {
  ASSERT_TRUE(Start().ok());
  ASSERT_TRUE(Say("hello").Wait().ok());
  const std::optional<Json> batch = BatchWith("orchestrator.orchestrator_chat");
  ASSERT_TRUE(batch.has_value());
  std::vector<std::string> seen;
  std::string run;
  (*batch)["ops"].ForEach([&](JsonView op) {
    seen.emplace_back(std::string(op["op"].AsString()) + " " +
                      std::string(op["table"].AsString(op["type"].AsString())));
    if (op["table"].AsString() == "runs.runs") {
      run = op["row"]["id"].AsString();
      EXPECT_EQ(op["row"]["status"].AsString(), "queued");
      EXPECT_EQ(op["row"]["owner"].AsString(), "host-1");
      EXPECT_EQ(op["row"]["prompt"].AsString(), "hello");
    }
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"insert orchestrator.orchestrator_chat", "append orchestrator_chat",
                                            "insert runs.runs", "append run.state"}));
  const Result<Json> args = Json::Parse(Run(0).first);
  EXPECT_EQ((*args)["run"].AsString(), run);
  EXPECT_TRUE((*args)["accepted"].AsBool());
  EXPECT_EQ((*args)["busy"].AsString(), "replace");
  EXPECT_TRUE((*args)["keep_prompt"].AsBool());
  EXPECT_EQ((*args)["tree"].AsString(), std::string("/") + kSession + "/");
  EXPECT_EQ(host_.Requests("commands").back().parent, 0U);
}

TEST_F(OrchestratorPluginTest, CompactionAndItsLineAreOneBatchAndKeepTheirPlace) {
  host_.SetSlash("[]", [](std::string_view) {
    return Result<std::string>(R"({"command":"orchestrator.compact","args":"{\"instructions\":\"keep x\"}"})");
  });
  ASSERT_TRUE(Start().ok());
  RunningCall said = Say("/compact keep x");
  const auto [args, reply] = Run(0);
  EXPECT_EQ(args, R"({"instructions":"keep x","typed":"/compact keep x"})");
  reply.Finish(plugin_->Invoke("orchestrator.compact", args));
  ASSERT_TRUE(said.Wait().ok());
  const std::optional<Json> batch = BatchWith("orchestrator.orchestrator_chat");
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ((*batch)["ops"][0]["row"]["message"].AsString(), "/compact keep x");
  EXPECT_EQ((*batch)["ops"][2]["table"].AsString(), "runs.runs");
  const Result<Json> run = Json::Parse(Run(1).first);
  EXPECT_EQ((*run)["busy"].AsString(), "queue");
  EXPECT_FALSE((*run)["replaceable"].AsBool(true));
  EXPECT_EQ((*run)["compact"]["instructions"].AsString(), "keep x");
}

TEST_F(OrchestratorPluginTest, NewSessionBeginsInTheBatchOfItsLineAndStopsTheOldOne) {
  ASSERT_TRUE(Start().ok());
  ASSERT_TRUE(plugin_->Invoke("orchestrator.clear", R"({"typed":"/clear"})").ok());
  const std::optional<Json> batch = BatchWith("orchestrator.orchestrator_chat");
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ((*batch)["ops"][0]["row"]["message"].AsString(), "/clear");
  const std::string conversation((*batch)["ops"][2]["set"]["session_id"].AsString());
  EXPECT_NE(conversation, kSession);
  EXPECT_NE((*batch)["ops"][3]["row"]["message"].AsString().find(conversation), std::string_view::npos);
  const FakeRequest interrupt = host_.Requests("commands").back();
  EXPECT_EQ(interrupt.name, "runs.interrupt");
  EXPECT_EQ(interrupt.body, R"({"run":"r1"})");
}

TEST_F(OrchestratorPluginTest, FailedTurnEndsTypingAndSaysWhy) {
  ASSERT_TRUE(Start().ok());
  EXPECT_TRUE(Say("hello").Wait().ok());
  const std::string run = Run(0).first;
  EXPECT_TRUE(TypesOf(Change(run, "queued", "running")).empty());
  const Json failed = Change(run, "running", "failed", "overloaded");
  EXPECT_EQ(TypesOf(failed), std::vector<std::string>{"error"});
  EXPECT_EQ(failed["ops"][0]["data"]["details"]["error"].AsString(), "overloaded");
  EXPECT_EQ(Published(), (std::vector<std::string>{"chat_typing", "chat_typing"}));
}

TEST_F(OrchestratorPluginTest, TurnThatAnotherProcessBeganEndsLikeOneOfItsOwn) {
  ASSERT_TRUE(Start().ok());
  const std::string run = JsonObject()("run", "r1")("conversation", kSession)("agent", kSession)("stream", kSession)
                              .Raw("labels", R"({"role":"orchestrator","kind":"prompt"})")
                              .Take();
  const Json done = Change(run, "running", "done");
  EXPECT_EQ(TypesOf(done), std::vector<std::string>{"orchestrator_updated"});
  EXPECT_EQ(done["ops"][0]["add"]["input_tokens"].AsInt(), 3);
  EXPECT_EQ(Published(), (std::vector<std::string>{"chat_typing", "chat_stream"}));
}

TEST_F(OrchestratorPluginTest, MessagesAreRefusedWhenTooManyWait) {
  ASSERT_TRUE(Start().ok());
  waiting_ = 2;
  EXPECT_EQ(Say("one").Wait().status().code(), Code::kResourceExhausted);
  EXPECT_FALSE(BatchWith("orchestrator.orchestrator_chat").has_value());
  EXPECT_EQ(RunCount(), 0U);
  waiting_ = 1;
  EXPECT_TRUE(Say("one").Wait().ok());
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
  const std::optional<Json> batch = BatchWith("orchestrator.prompts");
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ((*batch)["ops"][1]["expect"]["code"].AsString(), "NOT_FOUND");
  EXPECT_EQ((*batch)["ops"][2]["row"]["id"].AsString(), (*args)["run"].AsString());
  const Json begun = Change(run.first, "queued", "running");
  EXPECT_EQ(begun["ops"][1]["data"]["new_status"].AsString(), "executing");
  const std::string ended = Change(run.first, "running", "failed", "broken").view().Dump();
  EXPECT_NE(ended.find(R"("new_status":"blocked")"), std::string::npos) << ended;
}

TEST_F(OrchestratorPluginTest, AgentAndItsGreetingAreOneBatchAndAFailedOneIsArchived) {
  ASSERT_TRUE(Start().ok());
  RunningCall create = plugin_->BeginInvoke("orchestrator.create_agent", R"({"name":"new","system_prompt":"You."})");
  const auto [args, reply] = Run(0);
  const std::optional<Json> batch = BatchWith("orchestrator.agents");
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ((*batch)["ops"][1]["table"].AsString(), "runs.runs");
  const Json failed = Change(args, "running", "failed", "overloaded");
  EXPECT_TRUE(failed["ops"][0]["set"]["archived"].AsBool());
  EXPECT_TRUE(TypesOf(failed).empty());
  reply.Finish(Status::Unavailable("overloaded"));
  const Result<std::string> answer = create.Wait();
  ASSERT_TRUE(answer.ok());
  EXPECT_NE(answer->find("overloaded"), std::string::npos);
  EXPECT_NE(answer->find(R"("is_error":true)"), std::string::npos);
}

TEST_F(OrchestratorPluginTest, AgentThatAnAgentCreatesStandsBelowIt) {
  ASSERT_TRUE(Start().ok());
  testing::CallContext creator;
  creator.agent = "00000000-0000-4000-8000-00000000000b";
  const std::string tree = std::string("/") + kSession + "/" + creator.agent + "/";
  creator.labels = JsonObject()("role", "agent")("orchestrator", kSession)("tree", tree)("principal", "ann").Take();
  RunningCall create =
      plugin_->BeginInvoke("orchestrator.create_agent", R"({"name":"new","system_prompt":"You."})", creator);
  const auto [args, reply] = Run(0);
  const Result<Json> run = Json::Parse(args);
  EXPECT_EQ((*run)["tree"].AsString(), tree + std::string((*run)["agent"].AsString()) + "/");
  EXPECT_EQ((*run)["labels"]["parent"].AsString(), creator.agent);
  EXPECT_EQ((*run)["labels"]["depth"].AsInt(), 2);
  EXPECT_EQ((*run)["labels"]["principal"].AsString(), "ann") << "it works for whom its creator works";
  const std::optional<Json> batch = BatchWith("orchestrator.agents");
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ((*batch)["ops"][0]["row"]["parent_agent_id"].AsString(), creator.agent);
  reply.Finish(std::string("{}"));
  EXPECT_TRUE(create.Wait().ok());
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
  EXPECT_EQ((*args)["labels"]["template"].AsString(), "scout");
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
}

TEST_F(OrchestratorPluginTest, StopLeavesRunsToWhoOwnsThem) {
  ASSERT_TRUE(Start().ok());
  EXPECT_TRUE(Say("hello").Wait().ok());
  (void)Run(0);
  plugin_->Deactivate();
  EXPECT_EQ(RunCount(), 1U);
  ASSERT_TRUE(plugin_->Activate().ok());
  EXPECT_TRUE(Say("again").Wait().ok());
  EXPECT_EQ(RunCount(), 2U);
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
  const FakeRequest request = host_.Requests("commands").back();
  EXPECT_EQ(request.name, "runs.list");
  EXPECT_EQ(request.surface, static_cast<std::uint32_t>(TUTTI_SURFACE_SLASH));
  EXPECT_NE(request.parent, 0U);
  reply.Finish(std::string(R"({"text":"three runs"})"));
  ASSERT_TRUE(WaitForAnnounced("orchestrator_updated"));
  EXPECT_EQ(Lines(host_, "orchestrator"), std::vector<std::string>{"three runs"});
  // The line was open until it was answered, so that a crash in between can be told.
  const std::optional<Json> answer = BatchWith("orchestrator.orchestrator_chat");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ((*answer)["ops"][2]["set"].Dump(), R"({"metadata":{}})");
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
