#include <gtest/gtest.h>

#include "tutti/sdk/testing/library.hpp"

// The model is programmed; hooks pass every payload on as it came.
class RuntimeCppTest : public testing::Test {
 protected:
  void SetUp() override {
    host_.OnModels([this](const tutti::testing::FakeRequest&) { return answer_; });
    ASSERT_TRUE(plugin_.Start(R"({"max_tokens":100})").ok());
  }

  // The points of all fired entries, in order.
  std::vector<std::string> Points() {
    std::vector<std::string> points;
    for (const tutti::testing::FakeRequest& request : host_.Requests("hooks")) {
      const tutti::Result<tutti::Json> entries = tutti::Json::Parse(request.body);
      entries->view().ForEach([&](tutti::JsonView entry) { points.emplace_back(entry["point"].AsString()); });
    }
    return points;
  }

  static constexpr const char* kRun =
      R"({"run":"r","conversation":"c","agent":"a","stream":"s","labels":{},"model":"m","system":"","tools":[],)"
      R"("max_turns":1,"prompt":"hello","messages":[{"role":"user","content":[{"type":"text","text":"before"}]}],)"
      R"("next_number":1})";

  tutti::Result<std::string> answer_ = std::string(
      R"({"model":"m","stop_reason":"end_turn","content":[{"type":"text","text":"hi"}],"usage":{"input_tokens":2},)"
      R"("cost_usd":0.5,"request_id":""})");
  tutti::testing::FakeHost host_;
  tutti::testing::LoadedPlugin plugin_ = tutti::testing::LoadLibrary(host_, TUTTI_PLUGIN_LIBRARY);
};

TEST_F(RuntimeCppTest, FiresWhatHappensAndAnswersTheEnd) {
  const tutti::Result<std::string> result = plugin_.Run(kRun);
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(Points(), (std::vector<std::string>{"UserPromptSubmit", "Message", "Message", "TextBlock", "Stop"}));
  EXPECT_EQ(*result,
            R"({"stop_reason":"end_turn","num_turns":1,"duration_ms":0,"usage":{"input_tokens":2},"cost_usd":0.5,)"
            R"("text":"hi"})");
}

TEST_F(RuntimeCppTest, SendsTheModelTheWholeConversation) {
  ASSERT_TRUE(plugin_.Run(kRun).ok());
  EXPECT_EQ(tutti::JsonMember(host_.Requests("models").at(0).body, "messages"),
            R"([{"role":"user","content":[{"type":"text","text":"before"}]},)"
            R"({"role":"user","content":[{"type":"text","text":"hello"}]}])");
}

TEST_F(RuntimeCppTest, StopsWithAnErrorWhenTheModelFails) {
  answer_ = tutti::Status::Unavailable("overloaded");
  EXPECT_EQ(plugin_.Run(kRun).status().code(), tutti::Code::kUnavailable);
  EXPECT_EQ(Points(), (std::vector<std::string>{"UserPromptSubmit", "Message", "Stop"}));
}
