#include <gtest/gtest.h>

#include "tutti/sdk/testing/library.hpp"

class TemplateCppTest : public testing::Test {
 protected:
  static constexpr const char* kReviewer =
      R"({"name":"reviewer","description":"Reads.","system_prompt":"You review.","tools":["Read"]})";

  tutti::testing::FakeHost host_;
  tutti::testing::LoadedPlugin plugin_ = tutti::testing::LoadLibrary(host_, TUTTI_PLUGIN_LIBRARY);
};

TEST_F(TemplateCppTest, ListsAndGivesWhatIsConfigured) {
  ASSERT_TRUE(plugin_.Start(std::string(R"({"templates":[)") + kReviewer + "]}").ok());
  EXPECT_EQ(*plugin_.ListTemplates(),
            R"({"templates":[{"name":"reviewer","description":"Reads.","tools":["Read"],"model":null,"color":null,)"
            R"("source":"configuration"}]})");
  const tutti::Result<std::string> whole = plugin_.GetTemplate("reviewer");
  ASSERT_TRUE(whole.ok()) << whole.status().ToString();
  EXPECT_EQ(tutti::JsonMember(*whole, "system_prompt"), "\"You review.\"");
}

TEST_F(TemplateCppTest, NamesTheNearestOfWhatItDoesNotHave) {
  ASSERT_TRUE(plugin_.Start(std::string(R"({"templates":[)") + kReviewer + "]}").ok());
  EXPECT_EQ(plugin_.GetTemplate("reviwer").status().message(),
            "expected one of reviewer, found 'reviwer'; did you mean 'reviewer'?");
}

TEST_F(TemplateCppTest, RefusesANameTwice) {
  const tutti::Status status = plugin_.Start(std::string(R"({"templates":[)") + kReviewer + "," + kReviewer + "]}");
  EXPECT_EQ(status.message(), "expected each name in `templates` once, found 'reviewer' twice");
}
