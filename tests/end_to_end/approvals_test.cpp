// Approvals: asked for by a rule or a command, answered once over any surface, kept over restarts.
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

constexpr const char* kScenes = R"(scenes:
  - when: {tool: Bash, is_error: true, prompt: '^shell '}
    say: [{text: "refused: ${result}"}]
  - when: {tool: Bash, prompt: '^shell '}
    say: [{text: "done: ${result}"}]
  - when: {prompt: '^shell (?P<line>.+)$'}
    say: [{tool_use: {name: Bash, input: {command: "${line}"}}}]
)";

class Approvals : public Orchestrator {
 protected:
  Approvals() {
    left_out_ = {"tutti.commands.open_file",        "tutti.commands.questions", "tutti.hooks.guard",
                 "tutti.hooks.file_tracker",        "tutti.templates.markdown", "tutti.templates.yaml",
                 "tutti.commands.markdown_commands"};
  }

  std::vector<MorePlugin> MorePlugins() const override {
    return {
        {"tutti.hooks.approvals", "hooks",
         R"yaml(permissions: {ask: ["Bash(make:*)", "Bash(echo:*)"], deny: ["Bash(rm:*)"]}, poll_ms: 50, expiry_ms: )yaml" +
             std::to_string(expiry_ms_)},
        {"test.confirmed", "commands", ""}};
  }

  std::string MoreScenes() const override { return kScenes; }

  // The id of the one approval that is pending, once there is one.
  std::string Pending() {
    for (int i = 0; i < 20000; ++i) {
      const Json listed = Get("/v1/approvals?status=pending").json();
      if (listed["count"].AsInt() > 0) {
        return std::string(listed["approvals"][0]["id"].AsString());
      }
    }
    ADD_FAILURE() << "nothing is asked for\n" << server().output();
    return "";
  }

  Json Approval(const std::string& id) { return Get("/v1/approvals/" + id).json(); }

  // Until the approval has that status.
  bool WaitForApproval(const std::string& id, const std::string& status) {
    for (int i = 0; i < 20000; ++i) {
      if (Approval(id)["status"].AsString() == status) {
        return true;
      }
    }
    return false;
  }

  std::string LetRun(const std::string& line, const std::string& agent = "worker") {
    SayAndWait("command " + agent + " shell " + line);
    return Pending();
  }

  bool WaitForText(const std::string& part, int from = 0) {
    return client().WaitFor(
               [&](JsonView message) {
                 return message["log"]["event_type"].AsString() == "TextBlock" &&
                        message["log"]["content"].AsString().find(part) != std::string_view::npos;
               },
               from) >= 0;
  }

  std::string WorkFile(const std::string& name) const {
    std::ifstream file(working_directory_ + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  HttpAnswer Answer(const std::string& id, const std::string& body) { return Post("/v1/approvals/" + id, body); }

  long expiry_ms_ = 600000;
};

TEST_F(Approvals, AnAnswerOverRestLetsTheCallGoOnOnceAndASecondIsToldWhoWasFirst) {
  CreateAgent("worker");
  const std::string id = LetRun("echo ran >> made");
  const Json open = Approval(id);
  EXPECT_EQ(open["agent_name"].AsString(), "worker");
  EXPECT_EQ(open["what"]["tool_input"]["command"].AsString(), "echo ran >> made");
  EXPECT_EQ(open["why"].AsString(), "May worker use Bash: echo ran >> made?");
  EXPECT_EQ(open["always"]["text"].AsString(), "Bash: echo ran >> made");
  EXPECT_EQ(WorkFile("made"), "");
  EXPECT_EQ(Answer(id, R"({"answer":"perhaps"})").status, 422);
  const HttpAnswer first = Answer(id, R"({"answer":"allow","reason":"fine"})");
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.json()["status"].AsString(), "allowed");
  EXPECT_TRUE(WaitForText("done:")) << server().output();
  EXPECT_EQ(WorkFile("made"), "ran\n");
  const HttpAnswer second = Answer(id, R"({"answer":"deny"})");
  EXPECT_EQ(second.status, 409) << second.body;
  EXPECT_NE(second.body.find("is allowed by"), std::string::npos) << second.body;
  EXPECT_EQ(Get("/v1/approvals/00000000-0000-4000-8000-000000000000").status, 404);
}

TEST_F(Approvals, OfTwoAnswersAtOnceOneCounts) {
  CreateAgent("worker");
  const std::string id = LetRun("echo ran >> made");
  int statuses[2] = {0, 0};
  std::thread other([&] { statuses[0] = Answer(id, R"({"answer":"allow"})").status; });
  statuses[1] = Answer(id, R"({"answer":"deny"})").status;
  other.join();
  EXPECT_EQ(std::min(statuses[0], statuses[1]), 200);
  EXPECT_EQ(std::max(statuses[0], statuses[1]), 409);
  EXPECT_EQ(Approval(id)["answer"].AsString(), statuses[0] == 200 ? "allow" : "deny");
  EXPECT_TRUE(WaitForText(statuses[0] == 200 ? "done:" : "refused:"));
  EXPECT_EQ(WorkFile("made"), statuses[0] == 200 ? "ran\n" : "");
}

TEST_F(Approvals, AnswersAreTypedAndSentOverTheSocketToo) {
  CreateAgent("worker");
  const std::string first = LetRun("echo one >> made");
  const HttpAnswer denied =
      Post("/v1/slash", JsonObject()("text", "/deny " + first.substr(0, 8) + " not on a Friday").Take());
  EXPECT_EQ(denied.status, 200) << denied.body;
  EXPECT_TRUE(WaitForText("not on a Friday")) << server().output();
  ASSERT_GE(WaitForStatus(std::string(FindAgent("worker")["id"].AsString()), "idle"), 0);

  const std::string second = LetRun("echo two >> made");
  client().SendText(JsonObject()("type", "invoke")("id", 1)("command", "approvals.answer")
                        .Raw("args", JsonObject()("id", second)("answer", "allow").Take())
                        .Take());
  EXPECT_TRUE(WaitForText("done:")) << server().output();
  EXPECT_EQ(WorkFile("made"), "two\n");
}

TEST_F(Approvals, WhatARuleDeniesIsNotAskedFor) {
  CreateAgent("worker");
  SayAndWait("command worker shell ls && rm -rf x");
  EXPECT_TRUE(WaitForText("permissions.deny[0]")) << server().output();
  EXPECT_EQ(Get("/v1/approvals").json()["count"].AsInt(), 0);
}

TEST_F(Approvals, AlwaysIsARuleThatHoldsAtOnceAndAfterARestartUntilItIsRemoved) {
  CreateAgent("worker");
  const std::string id = LetRun("make -v-no-such");
  EXPECT_EQ(Answer(id, R"({"answer":"deny","always":true})").status, 422);
  const HttpAnswer answer = Answer(id, R"({"answer":"allow","always":true})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  const Json rules = Get("/v1/approval-rules").json();
  ASSERT_EQ(rules["count"].AsInt(), 1);
  EXPECT_EQ(rules["rules"][0]["text"].AsString(), "Bash: make -v-no-such");
  EXPECT_TRUE(WaitForText("refused:"));

  int from = SayAndWait("command worker shell make -v-no-such");
  EXPECT_TRUE(WaitForText("refused:", from)) << server().output();
  server().Kill();
  StartServer(id_);
  from = SayAndWait("command worker shell make -v-no-such");
  EXPECT_TRUE(WaitForText("refused:", from)) << server().output();
  EXPECT_EQ(Get("/v1/approvals").json()["count"].AsInt(), 1);

  const HttpAnswer typed = Post(
      "/v1/slash", JsonObject()("text", "/approval-forget " + std::string(rules["rules"][0]["id"].AsString())).Take());
  EXPECT_EQ(typed.status, 200) << typed.body;
  EXPECT_NE(LetRun("make -v-no-such"), id);
}

TEST_F(Approvals, AQuestionSurvivesTheServerAndItsAnswerIsUsedOnce) {
  CreateAgent("worker");
  const std::string id = LetRun("echo ran >> made");
  server().Kill();
  StartServer(id_);
  EXPECT_EQ(Pending(), id);
  EXPECT_EQ(Answer(id, R"({"answer":"allow"})").status, 200);
  EXPECT_TRUE(WaitForText("done:")) << server().output();
  EXPECT_EQ(WorkFile("made"), "ran\n");
  EXPECT_EQ(Get("/v1/approvals").json()["count"].AsInt(), 1);
}

TEST_F(Approvals, AnOrderlyStopLeavesTheQuestionToo) {
  CreateAgent("worker");
  const std::string id = LetRun("echo ran >> made");
  EXPECT_EQ(server().Stop(), 0);
  StartServer(id_);
  EXPECT_EQ(Pending(), id);
  EXPECT_EQ(Answer(id, R"({"answer":"deny","reason":"too late"})").status, 200);
  EXPECT_TRUE(WaitForText("too late")) << server().output();
  EXPECT_EQ(WorkFile("made"), "");
}

TEST_F(Approvals, AnInterruptedRunWithdrawsItsQuestionAndADisconnectedClientDoesNot) {
  CreateAgent("worker");
  const std::string id = LetRun("echo ran >> made");
  ConnectClient();
  EXPECT_EQ(Approval(id)["status"].AsString(), "pending");
  SayAndWait("interrupt worker");
  EXPECT_TRUE(WaitForApproval(id, "cancelled")) << server().output();
  EXPECT_EQ(Answer(id, R"({"answer":"allow"})").status, 409);
  EXPECT_EQ(WorkFile("made"), "");
  EXPECT_EQ(Rows("SELECT id FROM approvals_approvals WHERE status = 'pending'").size(), 0U);
}

class ShortApprovals : public Approvals {
 protected:
  ShortApprovals() { expiry_ms_ = 300; }
};

TEST_F(ShortApprovals, WhatNobodyAnswersIsDenied) {
  CreateAgent("worker");
  SayAndWait("command worker shell echo ran >> made");
  EXPECT_TRUE(WaitForText("nobody answered")) << server().output();
  const Json listed = Get("/v1/approvals").json();
  EXPECT_EQ(listed["approvals"][0]["status"].AsString(), "expired");
  EXPECT_EQ(WorkFile("made"), "");
}

TEST_F(Approvals, ACommandToBeConfirmedIsKeptAndRunsOnceForItsClient) {
  const HttpAnswer kept = Post("/count", "{}");
  EXPECT_EQ(kept.status, 202) << kept.body;
  const std::string id(kept.json()["approval"].AsString());
  EXPECT_EQ(Pending(), id);
  // It waits over a restart: nothing of it is in memory.
  server().Kill();
  StartServer(id_);
  EXPECT_EQ(Answer(id, R"({"answer":"allow"})").status, 200);
  for (int i = 0; i < 20000 && Approval(id)["result"].is_null(); ++i) {
  }
  const Json done = Approval(id);
  EXPECT_TRUE(done["result"]["ok"].AsBool()) << done.view().Dump();
  EXPECT_EQ(done["result"]["result"]["count"].AsInt(), 1);
  EXPECT_EQ(done["result"]["result"]["surface"].AsInt(), 1);

  const HttpAnswer typed = Post("/v1/slash", R"({"text":"/count"})");
  EXPECT_EQ(typed.status, 202) << typed.body;
  const std::string second(typed.json()["approval"].AsString());
  EXPECT_EQ(Post("/v1/slash", JsonObject()("text", "/deny " + second).Take()).status, 200);
  EXPECT_EQ(Post("/count", "{}").status, 202);
  EXPECT_EQ(Approval(id)["result"]["result"]["count"].AsInt(), 1);
}

TEST_F(Approvals, OnlyWhatWasAllowedBeforeTheStartCanHaveBeenCutOff) {
  const auto keep = [this] { return std::string(Post("/count", "{}").json()["approval"].AsString()); };
  const std::string done = keep();
  EXPECT_EQ(Answer(done, R"({"answer":"allow"})").status, 200);
  EXPECT_TRUE(WaitForApproval(done, "allowed"));
  const std::string cut_off = keep();
  const std::string later = keep();
  server().Kill();
  // As if somebody had allowed the one before the crash, and the other once the server was there again.
  const std::string allow =
      "UPDATE approvals_approvals SET status = 'allowed', answer = 'allow', runner = (SELECT runner FROM "
      "approvals_approvals WHERE id = '" +
      done + "'), answered_at = ";
  Execute(allow + "created_at WHERE id = '" + cut_off + "'");
  Execute(allow + "expires_at WHERE id = '" + later + "'");
  StartServer(id_);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (Approval(cut_off)["result"].is_null() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(Approval(cut_off)["result"]["code"].AsString(), "UNKNOWN");
  EXPECT_TRUE(Approval(later)["result"].is_null()) << Approval(later)["result"].Dump();
}

}  // namespace
}  // namespace tutti::test
