#include "../cookbook_test.h"

TEST(AskModel, SendsTheTextAndAnswersWhatTheModelSays) {
  Cook cook("ask_model", R"({"model":"small","max_tokens":50})");
  cook.host.Respond("models", [](const tutti::testing::FakeRequest&, const tutti::testing::FakeReply& reply) {
    reply.Emit(R"({"type":"text_delta","index":0,"text":"About cats."})");
    reply.Finish(std::string(R"({"content":[{"type":"text","text":"About cats."}],"cost_usd":0.01})"));
  });
  tutti::testing::RunningCall call = cook.plugin.BeginInvoke("ask_model.summarise", R"({"text":"Cats sleep."})");
  EXPECT_EQ(*call.Wait(), R"({"summary":"About cats.","cost_usd":0.01})");
  EXPECT_EQ(call.TakeEvents().size(), 1U);
  const tutti::testing::FakeRequest request = cook.host.Requests("models").at(0);
  EXPECT_EQ(request.parent, call.id());
  EXPECT_NE(request.body.find(R"("text":"Cats sleep.")"), std::string::npos) << request.body;
}

TEST(AskModel, HandsTheModelsRefusalOn) {
  Cook cook("ask_model", R"({"model":"","max_tokens":50})");
  cook.host.OnModels([](const tutti::testing::FakeRequest&) {
    return tutti::Result<std::string>(
        tutti::Status::ResourceExhausted("rate limit").WithRetryAfter(std::chrono::seconds(3)));
  });
  const tutti::Status status = cook.plugin.Invoke("ask_model.summarise", R"({"text":"x"})").status();
  EXPECT_EQ(status.code(), tutti::Code::kResourceExhausted);
  EXPECT_EQ(status.retry_after(), std::chrono::seconds(3));
}
