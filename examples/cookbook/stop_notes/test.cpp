#include "../cookbook_test.h"

TEST(StopNotes, AppendsALineForEachRunAndStartsANewFileInTime) {
  Folder folder;
  const std::string file = folder.path + "/stops.jsonl";
  Cook cook("stop_notes", tutti::JsonObject()("file", file)("max_bytes", 1024).Take());
  const std::string data = tutti::JsonObject()("reason", std::string(700, 'r')).Take();
  tutti_event event{};
  event.size = sizeof event;
  event.type = tutti::Str("Stop");
  event.run = tutti::Str("run-1");
  event.data = tutti::Str(data);
  ASSERT_TRUE(cook.plugin.OnEvents({event}));
  EXPECT_NE(folder.Read("stops.jsonl").find(R"("run":"run-1","agent":"","stop":{"reason":"rrr)"), std::string::npos);
  ASSERT_TRUE(cook.plugin.OnEvents({event}));
  EXPECT_EQ(folder.Read("stops.jsonl").size(), folder.Read("stops.jsonl.1").size());
}

TEST(StopNotes, SaysWhenItCannotWrite) {
  Cook cook("stop_notes", R"({"file":"/proc/none/stops","max_bytes":1024})");
  tutti_event event{};
  event.size = sizeof event;
  ASSERT_TRUE(cook.plugin.OnEvents({event}));
  EXPECT_EQ(cook.host.records().logs().at(0).message, "stops not noted");
}
