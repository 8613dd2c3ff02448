#include "host/gateway/event_frame.h"

#include <gtest/gtest.h>

#include "tutti/sdk/json.hpp"

namespace tutti::host {
namespace {

Event Made(std::uint64_t seq) {
  Event event;
  event.stream = "s";
  event.seq = seq;
  event.time = "2026-11-21T00:00:00.000000+00:00";
  event.type = "note";
  event.agent = "a";
  event.data = R"({"type":"note"})";
  return event;
}

TEST(EventFrame, EachFormHasTheSameEvent) {
  const Event event = Made(7);
  EventFrames frames(event);
  EXPECT_EQ(frames.In(FrameForm::kMessage), R"({"type":"note"})");
  const std::string entry =
      R"({"stream":"s","seq":7,"time":"2026-11-21T00:00:00.000000+00:00","type":"note","run":null,"agent":"a",)"
      R"("tree":null,"data":{"type":"note"}})";
  EXPECT_EQ(frames.In(FrameForm::kEvent), entry);
  EXPECT_EQ(frames.In(FrameForm::kServerSent), "id: 7\nevent: note\ndata: " + entry + "\n\n");
  // What comes from the journal is the same bytes.
  EXPECT_EQ(EntryFrame(FrameForm::kServerSent, entry), frames.In(FrameForm::kServerSent));
}

TEST(EventFrame, ATransientEventHasNoNumber) {
  const Event event = Made(0);
  EventFrames frames(event);
  EXPECT_EQ(JsonMember(frames.In(FrameForm::kEvent), "seq"), "null");
  EXPECT_TRUE(frames.In(FrameForm::kServerSent).starts_with("event: note\ndata: {"));
}

TEST(EventFrame, NothingInAnEventEndsALineOfAServerSentOne) {
  const std::string frame = EntryFrame(FrameForm::kServerSent, "{\"seq\":1,\n\"type\":\"a\\nb\",\r\n\"data\":{}}");
  EXPECT_EQ(frame, "id: 1\ndata: {\"seq\":1, \"type\":\"a\\nb\",  \"data\":{}}\n\n");
}

TEST(EventFrame, MarkersHaveATypeOfTheirOwn) {
  const std::string gap = GapFrame(FrameForm::kEvent, "s", 3, 5);
  EXPECT_EQ(JsonMember(gap, "type"), R"("gap")");
  EXPECT_EQ(JsonMember(gap, "from"), "3");
  EXPECT_EQ(JsonMember(gap, "to"), "5");
  EXPECT_TRUE(ExpiredFrame(FrameForm::kServerSent, "s", 3, 5).starts_with("event: expired\ndata: {"));
  EXPECT_EQ(JsonMember(AheadFrame(FrameForm::kEvent, "s", 9, 5), "last"), "5");
}

}  // namespace
}  // namespace tutti::host
