#include "../cookbook_test.h"

TEST(TemplateFolder, ListsGivesAndSaysWhatIsWrong) {
  Folder folder;
  folder.Write("reviewer.txt", "Reads code.\nYou review code.\n");
  folder.Write("large.txt", std::string(100, 'x'));
  Cook cook("template_folder", tutti::JsonObject()("directory", folder.path)("max_files", 10)("max_bytes", 64).Take());
  const tutti::Result<std::string> list = cook.plugin.ListTemplates();
  ASSERT_TRUE(list.ok()) << list.status().ToString();
  const tutti::Result<tutti::Json> json = tutti::Json::Parse(*list);
  ASSERT_EQ((*json)["templates"].size(), 2U);
  EXPECT_TRUE((*json)["templates"][0]["error"].is_string());
  EXPECT_EQ((*json)["templates"][1]["description"].AsString(), "Reads code.");
  const tutti::Result<std::string> whole = cook.plugin.GetTemplate("reviewer");
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(tutti::JsonMember(*whole, "system_prompt"), R"("You review code.\n")");
  EXPECT_EQ(cook.plugin.GetTemplate("../reviewer").status().code(), tutti::Code::kNotFound);
}
