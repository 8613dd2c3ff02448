#include "host/events/event.h"

#include <gtest/gtest.h>

namespace tutti::host {
namespace {

TEST(Event, IsWrittenAsItWasRead) {
  for (
      const char* json :
      {R"({"stream":"s","seq":12,"time":"2026-01-31T10:15:30.123456+00:00","type":"agent_log","run":"r1","agent":"a1",)"
       R"("tree":"/root/a1/","data":{"z":1,"a":[2,{"seq":7}]}})",
       R"({"stream":"a \"b\"","seq":1,"time":"2026-01-31T10:15:30.000000+00:00","type":"t","run":null,"agent":null,)"
       R"("tree":null,"data":{}})"}) {
    EXPECT_EQ(EventJson(ParseEvent(json)), json);
  }
}

TEST(Event, HasWhatTheJournalSays) {
  const Event event = ParseEvent(R"({"stream":"s","seq":3,"time":"now","type":"t","run":"r","agent":null,)"
                                 R"("tree":"/a/","data":{"x":1}})");
  EXPECT_EQ(event.seq, 3U);
  EXPECT_EQ(event.run, "r");
  EXPECT_EQ(event.agent, "");
  EXPECT_EQ(event.tree, "/a/");
  EXPECT_EQ(event.data, R"({"x":1})");
}

}  // namespace
}  // namespace tutti::host
