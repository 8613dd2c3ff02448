#include <gtest/gtest.h>

#include "tutti/sdk/testing/library.hpp"

class ModelCppTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(plugin_.Start(R"({"prefix":"You said: "})").ok()); }

  tutti::testing::FakeHost host_;
  tutti::testing::LoadedPlugin plugin_ = tutti::testing::LoadLibrary(host_, TUTTI_PLUGIN_LIBRARY);
};

TEST_F(ModelCppTest, SaysTheLastMessageBack) {
  tutti::testing::RunningCall call =
      plugin_.BeginComplete(R"({"model":"echo","messages":[{"role":"user","content":[{"type":"text","text":"first"}]},)"
                            R"({"role":"user","content":[{"type":"text","text":"second"}]}]})");
  const tutti::Result<std::string> result = call.Wait();
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(tutti::JsonMember(*result, "content"), R"([{"type":"text","text":"You said: second"}])");
  EXPECT_EQ(call.TakeEvents(),
            std::vector<std::string>{R"({"type":"text_delta","index":0,"text":"You said: second"})"});
}

TEST_F(ModelCppTest, RefusesAnotherModelAndWhatIsNoJson) {
  EXPECT_EQ(plugin_.Complete(R"({"model":"other","messages":[]})").status().code(), tutti::Code::kNotFound);
  EXPECT_EQ(plugin_.Complete("{").status().code(), tutti::Code::kInvalidArgument);
}

TEST_F(ModelCppTest, AnswersARequestWithoutMessages) {
  const tutti::Result<std::string> result = plugin_.Complete(R"({"model":"","messages":[]})");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(tutti::JsonMember(*result, "content"), R"([{"type":"text","text":"You said: "}])");
}
