// The journal's filters, heads and trimming.
#include <string>
#include <vector>

#include "suite.h"

namespace tutti::storage_suite {
namespace {

// The numbers of the events at `place`, as text.
std::string Numbers(const Answer& answer, const std::string& place) {
  std::string numbers;
  const std::int64_t count = answer.Int(place + "/count");
  for (std::int64_t i = 0; i < count; ++i) {
    numbers += (i > 0 ? "," : "") + answer.At(place + "/events/" + std::to_string(i) + "/seq");
  }
  return numbers;
}

// A stream of six events in which every filter finds something else.
constexpr const char* kSix = R"([
  {"op":"append","stream":"s","type":"run.state","run":"r1","agent":"lead","tree":"/team/lead/"},
  {"op":"append","stream":"s","type":"agent_log","run":"r2","agent":"help","tree":"/team/lead/help/"},
  {"op":"append","stream":"s","type":"agent_log","run":"r1","agent":"lead","tree":"/team/lead/"},
  {"op":"append","stream":"s","type":"agent_log","run":"r3","agent":"other","tree":"/team/other/"},
  {"op":"append","stream":"s","type":"agent_log","agent":"help"},
  {"op":"append","stream":"s","type":"notice"}])";

std::string Many(int count, const std::string& members) {
  std::string ops = "[";
  for (int i = 0; i < count; ++i) {
    ops += (i > 0 ? "," : "") + std::string(R"({"op":"append","stream":"s","type":"t")") + members + "}";
  }
  return ops + "]";
}

}  // namespace

TEST_P(BasicStorage, JournalEventsCarryTheTreeTheyWereGiven) {
  const Answer appended = Must(kSix);
  EXPECT_EQ(appended.At("/0/1/event/tree"), "\"/team/lead/help/\"");
  EXPECT_EQ(appended.At("/0/5/event/tree"), "null");
  const Answer journal = Must(R"([{"op":"journal","stream":"s"}])");
  EXPECT_EQ(journal.At("/0/0/events/1"), appended.At("/0/1/event"));
  EXPECT_EQ(journal.At("/0/0/events/5"), appended.At("/0/5/event"));
}

TEST_P(BasicStorage, JournalFiltersLetThroughWhatMeetsAllOfThem) {
  Must(kSix);

  const struct {
    const char* filter;
    const char* numbers;
  } cases[] = {{R"("run":"r1")", "1,3"},
               {R"("agent":"help")", "2,5"},
               {R"("tree":"lead")", "1,2,3"},
               {R"("tree":"help")", "2,5"},
               {R"("tree":"team")", "1,2,3,4"},
               {R"("tree":"tea")", ""},
               {R"("types":["notice","run.state"])", "1,6"},
               {R"("run":"r1","types":["agent_log"])", "3"},
               {R"("run":"r1","agent":"help")", ""},
               {R"("agent":"lead","tree":"team","since":1)", "3"},
               {R"("tree":"team","types":["agent_log"],"limit":2)", "2,3"},
               {R"("run":null)", "1,2,3,4,5,6"}};

  for (const auto& row : cases) {
    const Answer answer = Must(std::string(R"([{"op":"journal","stream":"s",)") + row.filter + "}]");
    EXPECT_EQ(Numbers(answer, "/0/0"), row.numbers) << row.filter;
  }
}

TEST_P(BasicStorage, JournalPageSaysUpToWhichNumberItHasLooked) {
  Must(kSix);
  const Answer answer = Must(R"([{"op":"journal","stream":"s","types":["agent_log"],"limit":2},
    {"op":"journal","stream":"s","types":["agent_log"],"since":3,"limit":2},
    {"op":"journal","stream":"s","types":["agent_log"],"since":5,"limit":2},
    {"op":"journal","stream":"s","limit":0,"since":4},{"op":"journal","stream":"s","since":9}])");
  EXPECT_EQ(answer.At("/0/0/next"), "3");
  EXPECT_EQ(answer.At("/0/1/next"), "5");
  EXPECT_EQ(answer.At("/0/2/next"), "6");
  EXPECT_EQ(answer.At("/0/3/next"), "4");
  EXPECT_EQ(answer.At("/0/4/next"), "9");
}

TEST_P(BasicStorage, JournalRefusesFiltersThatAreNone) {
  for (const char* filter :
       {R"("run":"")", R"("agent":7)", R"("types":[])", R"("types":"t")", R"("types":[""])", R"("trees":"a")"}) {
    EXPECT_EQ(Run(std::string(R"([{"op":"journal","stream":"s",)") + filter + "}]").status().code(),
              Code::kInvalidArgument)
        << filter;
  }
}

TEST_P(BasicStorage, HeadsTellWhereStreamsBeginAndEnd) {
  Must(R"([{"op":"append","stream":"b","type":"t"},{"op":"append","stream":"a","type":"t"},
           {"op":"append","stream":"b","type":"t"},{"op":"append","stream":"c","type":"t"}])");
  const Answer answer = Must(R"([{"op":"heads"},{"op":"heads","streams":["c","none","a"]},
    {"op":"heads","after":"a","limit":1}])");
  EXPECT_EQ(answer.At("/0/0"),
            R"({"count":3,"heads":[{"stream":"a","first":1,"last":1},{"stream":"b","first":1,"last":2},)"
            R"({"stream":"c","first":1,"last":1}]})");
  EXPECT_EQ(answer.At("/0/1/heads"), R"([{"stream":"a","first":1,"last":1},{"stream":"c","first":1,"last":1}])");
  EXPECT_EQ(answer.At("/0/2/heads"), R"([{"stream":"b","first":1,"last":2}])");
}

TEST_P(FullStorage, TrimTakesTheOldestEventsAndLeavesTheNumbers) {
  Must(Many(10, ""));
  const Answer kept = RunAs("tutti.host", R"([{"op":"trim","stream":"s","keep":7}])");
  EXPECT_EQ(kept.At("/0/0"), R"({"removed":3,"first":4,"last":10,"more":false})") << kept.text();
  const Answer before = RunAs("tutti.host", R"([{"op":"trim","stream":"s","before":6}])");
  EXPECT_EQ(before.At("/0/0"), R"({"removed":2,"first":6,"last":10,"more":false})");
  const Answer journal = Must(R"([{"op":"journal","stream":"s"},{"op":"heads","streams":["s"]}])");
  EXPECT_EQ(Numbers(journal, "/0/0"), "6,7,8,9,10");
  EXPECT_EQ(journal.At("/0/0/first"), "6");
  EXPECT_EQ(journal.At("/0/1/heads/0"), R"({"stream":"s","first":6,"last":10})");

  const Answer all = RunAs("tutti.host", R"([{"op":"trim","stream":"s","keep":0}])");
  EXPECT_EQ(all.At("/0/0"), R"({"removed":5,"first":11,"last":10,"more":false})");
  EXPECT_EQ(Must(R"([{"op":"append","stream":"s","type":"t"}])").At("/0/0/event/seq"), "11");
  EXPECT_EQ(Must(R"([{"op":"journal","stream":"s"}])").At("/0/0/first"), "11");
}

TEST_P(FullStorage, TrimStopsAtItsBoundAndSaysThatThereIsMore) {
  Must(Many(10, ""));
  const Answer first = RunAs("tutti.host", R"([{"op":"trim","stream":"s","keep":3,"limit":5}])");
  EXPECT_EQ(first.At("/0/0"), R"({"removed":5,"first":6,"last":10,"more":true})");
  const Answer second = RunAs("tutti.host", R"([{"op":"trim","stream":"s","keep":3,"limit":5}])");
  EXPECT_EQ(second.At("/0/0"), R"({"removed":2,"first":8,"last":10,"more":false})");
}

TEST_P(FullStorage, TrimByAgeStopsAtTheFirstEventThatIsNotOlder) {
  Must(Many(3, ""));
  const Answer none = RunAs("tutti.host", R"([{"op":"trim","stream":"s","older_than":"2001-01-01T00:00:00Z"}])");
  EXPECT_EQ(none.At("/0/0"), R"({"removed":0,"first":1,"last":3,"more":false})") << none.text();
  const std::string since = Must(R"([{"op":"journal","stream":"s","since":1,"limit":1}])").At("/0/0/events/0/time");
  const Answer some = RunAs("tutti.host", R"([{"op":"trim","stream":"s","older_than":)" + since + "}]");
  const std::string first = some.At("/0/0/first");
  const Answer left = Must(R"([{"op":"journal","stream":"s"}])");
  EXPECT_EQ(left.At("/0/0/events/0/seq"), first) << left.text();
  EXPECT_GE(left.At("/0/0/events/0/time"), since);
  const Answer all =
      RunAs("tutti.host", R"([{"op":"trim","stream":"s","older_than":"2999-01-01T00:00:00Z","limit":2}])");
  EXPECT_EQ(all.At("/0/0/more"), first == "1" ? "true" : "false");
}

TEST_P(FullStorage, TrimBelongsToTheHostAndWantsOneMeasure) {
  EXPECT_EQ(Run(R"([{"op":"trim","stream":"s","keep":1}])").status().code(), Code::kPermissionDenied);
  for (const char* members : {R"("keep":1,"before":2)", R"("keep":-1)", R"("older_than":"yesterday")", R"("limit":5)",
                              R"("keep":1,"limit":0)", R"("before":"4")"}) {
    EXPECT_EQ(RunAs("tutti.host", std::string(R"([{"op":"trim","stream":"s",)") + members + "}]").status().code(),
              Code::kInvalidArgument)
        << members;
  }
  EXPECT_EQ(RunAs("tutti.host", R"([{"op":"trim","stream":"none","keep":1}])").At("/0/0"),
            R"({"removed":0,"first":1,"last":0,"more":false})");
}

}  // namespace tutti::storage_suite
