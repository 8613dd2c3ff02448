// Questions of agents: asked by a tool, answered once over any surface, and gone with whoever asked (W45).
#include "tests/end_to_end/orchestrator_fixture.h"

namespace tutti::test {
namespace {

class Questions : public Orchestrator {
 protected:
  // Lets the agent ask, and waits until everybody has been told. The question's id.
  std::string LetAsk(const std::string& agent = "asker") {
    // To the turn's end: what is said next must not replace it.
    const int first = SayAndWait("command " + agent + " ask");
    const int asked = client().WaitForType("question_asked", first);
    EXPECT_GE(asked, 0) << server().output();
    return std::string((*Json::Parse(client().messages().at(asked)))["question"]["id"].AsString());
  }

  Json Question(const std::string& id) {
    const Json listed = Get("/v1/questions").json();
    std::string found = "null";
    listed["questions"].ForEach([&](JsonView question) {
      if (question["id"].AsString() == id) {
        found = question.Dump();
      }
    });
    return std::move(*Json::Parse(found));
  }

  // The agent's text that begins so.
  bool WaitForText(const std::string& begin) {
    return client().WaitFor([&](JsonView message) {
      return message["log"]["event_type"].AsString() == "TextBlock" &&
             message["log"]["content"].AsString().starts_with(begin);
    }) >= 0;
  }

  bool WaitForClosed(const std::string& id, const std::string& status) {
    return client().WaitFor([&](JsonView message) {
      return message["type"].AsString() == "question_closed" && message["question"]["id"].AsString() == id &&
             message["question"]["status"].AsString() == status;
    }) >= 0;
  }
};

TEST_F(Questions, W45_AnAnswerOverRestGoesToTheAgentAndASecondIsRefused) {
  CreateAgent("asker");
  const std::string id = LetAsk();
  const Json open = Question(id);
  EXPECT_EQ(open["status"].AsString(), "open");
  EXPECT_EQ(open["agent_name"].AsString(), "asker");
  EXPECT_EQ(open["questions"][0]["question"].AsString(), "Which way?");
  EXPECT_GT(open["expires_at"].AsString(), open["created_at"].AsString());
  EXPECT_EQ(Post("/v1/questions/" + id + "/answer", R"({"answers":{"Why?":"b"}})").status, 422);
  EXPECT_EQ(Post("/v1/questions/" + id + "/answer", R"({"answers":{"Which way?":"Left"}})").status, 200);
  EXPECT_TRUE(WaitForClosed(id, "answered"));
  EXPECT_TRUE(WaitForText("answer: The user has answered:\n\"Which way?\" = \"Left\"")) << server().output();
  const HttpAnswer second = Post("/v1/questions/" + id + "/answer", R"({"answer":"Right"})");
  EXPECT_EQ(second.status, 409) << second.body;
  EXPECT_EQ(Question(id)["answers"].Dump(), R"({"Which way?":"Left"})");
}

TEST_F(Questions, W45_AnAnswerMayComeAsASlashCommandOrOverTheSocket) {
  CreateAgent("asker");
  const std::string first = LetAsk();
  const HttpAnswer typed = Post("/v1/slash", JsonObject()("text", "/answer " + first + " straight on, please").Take());
  EXPECT_EQ(typed.status, 200) << typed.body;
  EXPECT_TRUE(WaitForText("answer: The user has answered:\n\"Which way?\" = \"straight on, please\""));
  ASSERT_GE(WaitForStatus(std::string(FindAgent("asker")["id"].AsString()), "idle"), 0);

  const std::string second = LetAsk();
  const std::string args = JsonObject()("id", second)("answer", "Right").Take();
  client().SendText(JsonObject()("type", "invoke")("id", 1)("command", "questions.answer").Raw("args", args).Take());
  EXPECT_TRUE(WaitForText("answer: The user has answered:\n\"Which way?\" = \"Right\"")) << server().output();
}

TEST_F(Questions, W45_AWaitingQuestionHoldsNoWorkerAndEndsWithItsRun) {
  constexpr int kAsking = 6;  // more than there are workers
  std::vector<std::string> ids;
  for (int i = 0; i < kAsking; ++i) {
    const std::string name = "asker-" + std::to_string(i);
    CreateAgent(name);
    ids.push_back(LetAsk(name));
  }
  SayAndWait("say still here");
  EXPECT_EQ(LastLine(), "still here");
  SayAndWait("interrupt asker-0");
  EXPECT_TRUE(WaitForClosed(ids[0], "cancelled")) << server().output();
  EXPECT_EQ(Get("/v1/questions?status=open").json()["count"].AsInt(), kAsking - 1);
}

TEST_F(Questions, W45_OpenQuestionsOfADeadServerAreClosedWithAReason) {
  CreateAgent("asker");
  const std::string id = LetAsk();
  server().Kill();
  StartServer(id_);
  const Json closed = Question(id);
  EXPECT_EQ(closed["status"].AsString(), "cancelled");
  EXPECT_NE(closed["reason"].AsString().find("the server stopped"), std::string_view::npos);
  EXPECT_EQ(Post("/v1/questions/" + id + "/answer", R"({"answer":"Left"})").status, 409);
  // Its run goes on and asks again.
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::size_t open = 0;
  while (open == 0 && std::chrono::steady_clock::now() < until) {
    open = Get("/v1/questions?status=open").json()["questions"].size();
  }
  EXPECT_EQ(open, 1U) << server().output();
}

}  // namespace
}  // namespace tutti::test
