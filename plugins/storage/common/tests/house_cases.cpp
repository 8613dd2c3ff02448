#include <atomic>
#include <thread>

#include "house_contract.h"
#include "tutti/sdk/json.hpp"

namespace tutti::storage::testing {
namespace {

constexpr const char* kAgent = "00000000-0000-4000-8000-000000000001";

std::string Archive(const std::string& file) {
  return JsonObject()("do", "archive")("file", file)("by", "test").Take();
}

std::string Load(const std::string& file) {
  return JsonObject()("do", "load")("file", file).Take();
}

std::string Erase(const std::string& agent) {
  return R"({"do":"erase","agent":")" + agent +
         R"(","note":{"table":"audit.log","row":{"id":"0a000000-0000-4000-8000-000000000001","time":"2026-01-01T00:00:00Z",
         "command":"erase","agent":")" +
         agent + R"("}}})";
}

}  // namespace

TEST_P(HouseContract, AnArchiveBringsEverythingIntoAnEmptyDatabase) {
  HouseDatabase from(GetParam());
  from.Open();
  from.Fill();
  const std::string file = files_.Make("all.archive");
  const auto written = from.Maintain(Archive(file));
  ASSERT_TRUE(written.ok()) << written.status().ToString();
  EXPECT_EQ((*Json::Parse(*written))["events"].AsInt(), 3);
  EXPECT_EQ((*Json::Parse(*written))["rows"].AsInt(), 13);

  HouseDatabase to(GetParam());
  const auto loaded = to.Maintain(Load(file));
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ(*loaded, *written);
  EXPECT_EQ(to.Findings(), "");
  EXPECT_EQ(Content(to, files_), Content(from, files_));

  // It goes on where the other one was: numbers of streams, and the schema that is declared again.
  to.Open();
  const Answer next = to.Run(R"([{"op":"append","stream":"s1","type":"said"},
    {"op":"insert","table":"team.messages","row":{"talk":"b","number":3,"run":1}}])");
  ASSERT_TRUE(next.ok()) << next.text();
  EXPECT_EQ(next.Int("/0/0/event/seq"), 3);
  const Answer event = to.Run(R"([{"op":"journal","stream":"s1","limit":1}])");
  EXPECT_EQ(event.At("/0/0/events/0/data"), R"({"z":"planted-marker-two","a":1.5})");
  EXPECT_EQ(to.Findings(), "");
}

TEST_P(HouseContract, ALoadIsRefusedWhereThereAreRowsAndLeavesThemAlone) {
  HouseDatabase from(GetParam());
  from.Open();
  from.Fill();
  const std::string file = files_.Make("all.archive");
  ASSERT_TRUE(from.Maintain(Archive(file)).ok());
  const std::string before = Content(from, files_);
  const auto refused = from.Maintain(Load(file));
  EXPECT_EQ(refused.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(refused.status().message().find("is not empty: "), std::string_view::npos) << refused.status().ToString();
  EXPECT_EQ(Content(from, files_), before);

  // Tables without rows are no obstacle, a stream of the journal is one.
  HouseDatabase to(GetParam());
  to.Open();
  ASSERT_TRUE(to.Run(R"([{"op":"append","stream":"s9","type":"said"}])").ok());
  EXPECT_EQ(to.Maintain(Load(file)).status().code(), Code::kFailedPrecondition);
  HouseDatabase third(GetParam());
  third.Open();
  EXPECT_TRUE(third.Maintain(Load(file)).ok());
}

TEST_P(HouseContract, ADatabaseWithNewerTablesIsNotGoneBehind) {
  HouseDatabase from(GetParam());
  from.Open();
  from.Fill();
  const std::string file = files_.Make("all.archive");
  ASSERT_TRUE(from.Maintain(Archive(file)).ok());
  HouseDatabase to(GetParam());
  to.Open();
  ASSERT_TRUE(to.engine()
                  .EnsureSchema(R"({"namespace":"audit","version":2,"owner":"test.owner","tables":{"log":{"columns":{
                    "id":{"type":"uuid","primary":true},"time":{"type":"time","null":false},
                    "command":{"type":"text"},"agent":{"type":"text"},"more":{"type":"text"}}}}})")
                  .ok());
  const auto refused = to.Maintain(Load(file));
  EXPECT_EQ(refused.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(refused.status().message().find("holds version 2 of namespace 'audit', the archive version 1"),
            std::string_view::npos)
      << refused.status().ToString();
}

TEST_P(HouseContract, ACutOrChangedArchiveIsRefusedBeforeAnythingHappens) {
  HouseDatabase from(GetParam());
  from.Open();
  from.Fill();
  const std::string file = files_.Make("all.archive");
  ASSERT_TRUE(from.Maintain(Archive(file)).ok());
  const std::string whole = ReadAll(file);
  const std::string content = Unpacked(file);
  HouseDatabase to(GetParam());
  const std::string bad = files_.Make("bad.archive");
  const auto refuses = [&](std::string_view bytes, const std::string& how) {
    WriteAll(bad, bytes);
    const auto result = to.Maintain(Load(bad));
    EXPECT_EQ(result.status().code(), Code::kDataLoss) << how << ": " << result.status().ToString();
    EXPECT_NE(result.status().message().find(bad), std::string_view::npos) << result.status().ToString();
  };
  for (std::size_t cut = 0; cut < whole.size(); cut += 1 + whole.size() / 40) {
    refuses(whole.substr(0, cut), "cut after " + std::to_string(cut));
  }
  for (const std::size_t left : {1U, 4U, 8U}) {
    refuses(whole.substr(0, whole.size() - left), "cut by " + std::to_string(left));
  }
  // The first ten bytes are gzip's own and say nothing of what follows, but for the method.
  for (std::size_t at = 10; at < whole.size(); at += 1 + whole.size() / 40) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    // Bits that fill up a byte of the compressed stream say nothing.
    WriteAll(bad, flipped);
    if (Unpacked(bad) == content) {
      continue;
    }
    refuses(flipped, "bit at byte " + std::to_string(at));
  }
  refuses("some text\n", "no archive");
  // A line left out and compressed anew: only the digest knows.
  std::string text = Unpacked(file);
  const std::size_t row = text.find("{\"row\":");
  text.erase(row, text.find('\n', row) + 1 - row);
  refuses(text, "without a line");

  WriteAll(bad, whole);
  EXPECT_TRUE(to.Maintain(Load(bad)).ok());
  EXPECT_EQ(Content(to, files_), Content(from, files_));
}

TEST_P(HouseContract, AnArchiveTakenWhileOthersWriteIsOneMoment) {
  HouseDatabase from(GetParam());
  from.Open();
  std::atomic<bool> is_over{false};
  std::atomic<int> written{0};
  std::thread writer([&] {
    for (int i = 1; !is_over; ++i) {
      const std::string number = std::to_string(i);
      // A run, its message and its event belong together.
      const Answer answer =
          from.Run(R"([{"op":"insert","table":"team.runs","row":{"id":)" + number + R"(,"agent":"a","status":"done"}},
              {"op":"insert","table":"team.messages","row":{"talk":"t","number":)" +
                   number + R"(,"run":)" + number + R"(}},{"op":"append","stream":"s","type":"said","data":{"n":)" +
                   number + "}}]");
      ASSERT_TRUE(answer.ok()) << answer.text();
      written = i;
    }
  });
  for (int round = 0; round < 5; ++round) {
    while (written < (round + 1) * 20) {
      std::this_thread::yield();
    }
    const std::string file = files_.Make("live.archive");
    const auto archived = from.Maintain(Archive(file));
    ASSERT_TRUE(archived.ok()) << archived.status().ToString();
    const auto counts = Json::Parse(*archived);
    EXPECT_EQ((*counts)["rows"].AsInt(), 2 * (*counts)["events"].AsInt());
    HouseDatabase to(GetParam());
    ASSERT_TRUE(to.Maintain(Load(file)).ok());
    EXPECT_EQ(to.Findings(), "");
  }
  is_over = true;
  writer.join();
  EXPECT_EQ(from.Findings(), "");
}

TEST_P(HouseContract, ADatabaseOfAnEarlierVersionIsToldToBeStartedOnce) {
  HouseDatabase database(GetParam());
  database.Open();
  database.Sql("UPDATE tutti_schema SET declared = NULL WHERE namespace = 'team'");
  const auto refused = database.Maintain(Archive(files_.Make("x")));
  EXPECT_EQ(refused.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(refused.status().message().find("start the server once"), std::string_view::npos);
  database.Open();
  EXPECT_TRUE(database.Maintain(Archive(files_.Make("x"))).ok());
}

TEST_P(HouseContract, ADatabaseWithoutTuttiHasNothingToKeep) {
  HouseDatabase database(GetParam());
  database.Open();
  database.Close();
  for (const char* table : {"tutti_schema", "tutti_streams", "tutti_journal"}) {
    database.Sql(std::string("DROP TABLE ") + table);
  }
  for (const char* request : {R"({"do":"check"})", R"({"do":"export","agent":"a"})", R"({"do":"erase","agent":"a"})"}) {
    const auto refused = database.Maintain(request);
    EXPECT_EQ(refused.status().code(), Code::kFailedPrecondition) << request << refused.status().ToString();
  }
}

TEST_P(HouseContract, ACheckNamesEveryFault) {
  HouseDatabase database(GetParam());
  database.Open();
  database.Fill();
  ASSERT_EQ(database.Findings(), "");

  struct Case {
    std::vector<std::string> sql;
    std::string finding;
  };

  const std::vector<Case> cases = {
      {{"DELETE FROM tutti_journal WHERE stream = 's1' AND seq = 1"},
       "stream s1: its first event should be 1, it is 2"},
      {{"UPDATE tutti_streams SET head = 9 WHERE stream = 's2'"}, "stream s2: its head is 9, its last event is 1"},
      {{"UPDATE tutti_journal SET seq = 5 WHERE stream = 's1' AND seq = 2"},
       "stream s1: event 1 is followed by event 5"},
      {{"DELETE FROM tutti_streams WHERE stream = 's2'"}, "stream s2 holds events and has no head"},
      {{"DELETE FROM tutti_journal WHERE stream = 's2'"},
       "stream s2: its head is 1 and its first event should be 1, but it holds none"},
      {{"UPDATE team_messages SET number = 9 WHERE talk = 'b' AND number = 2"},
       R"(team.messages: messages are numbered without gap, but {"talk":"b","number":1} is followed by 9)"},
      {{"INSERT INTO team_calls (id, run, state) VALUES (4, 1, 'started')"},
       R"(team.calls: open calls belong to running runs, but not row {"id":4})"},
      {{"DROP INDEX team_runs_agent"}, "team.runs: index 'team_runs_agent' is missing"},
      {{"ALTER TABLE a_work_things DROP COLUMN a_bool"}, "a_work.things: column 'a_bool' is missing"},
      {{"DROP TABLE a_work_empty"}, "a_work.empty: its table 'a_work_empty' is missing"},
  };
  for (const Case& one : cases) {
    HouseDatabase broken(GetParam());
    broken.Open();
    broken.Fill();
    for (const std::string& sql : one.sql) {
      broken.Sql(sql);
    }
    std::string found = broken.Findings();
    // PostgreSQL writes a blank behind the colons of JSON objects.
    for (std::size_t at = found.find("\" : "); at != std::string::npos; at = found.find("\" : ")) {
      found.replace(at, 4, "\":");
    }
    for (std::size_t at = found.find(", \""); at != std::string::npos; at = found.find(", \"")) {
      found.replace(at, 3, ",\"");
    }
    EXPECT_NE(found.find(one.finding), std::string::npos) << "expected " << one.finding << "\nfound " << found;
  }
}

TEST_P(HouseContract, AnAgentsDataIsExportedAsLines) {
  HouseDatabase database(GetParam());
  database.Open();
  database.Fill();
  const auto result = database.Maintain(JsonObject()("do", "export")("agent", kAgent).Take());
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  const auto json = Json::Parse(*result);
  const std::string lines((*json)["lines"].AsString());
  EXPECT_EQ((*json)["rows"].AsInt(), 5);
  EXPECT_EQ((*json)["events"].AsInt(), 1);
  EXPECT_EQ((*json)["tables"]["team.messages"].AsInt(), 2);
  EXPECT_EQ((*json)["tables"]["team.calls"].AsInt(), 1);
  EXPECT_NE(lines.find("planted-marker-one"), std::string::npos);
  EXPECT_NE(lines.find("planted-marker-two"), std::string::npos);
  EXPECT_EQ(lines.find("of the other"), std::string::npos);
  std::istringstream text(lines);
  std::string line;
  int count = 0;
  for (; std::getline(text, line); ++count) {
    EXPECT_TRUE(Json::Parse(line).ok()) << line;
  }
  EXPECT_EQ(count, 7);

  const std::string file = files_.Make("agent.jsonl");
  const auto to_file = database.Maintain(JsonObject()("do", "export")("agent", kAgent)("file", file).Take());
  ASSERT_TRUE(to_file.ok());
  // The heads differ in their time.
  const std::string written = ReadAll(file);
  EXPECT_EQ(written.substr(written.find('\n')), lines.substr(lines.find('\n')));
  for (const char* unknown : {"nobody", "00000000-0000-4000-8000-00000000000f"}) {
    EXPECT_EQ(database.Maintain(JsonObject()("do", "export")("agent", unknown).Take()).status().code(),
              Code::kNotFound);
  }
}

TEST_P(HouseContract, AnErasedAgentLeavesNumbersAndNothingElse) {
  HouseDatabase database(GetParam());
  database.Open();
  database.Fill();
  ASSERT_TRUE(database.Run(R"([{"op":"update","table":"a_work.things","where":{},"set":{"holder":null}}])").ok());
  const auto result = database.Maintain(Erase(kAgent));
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ((*Json::Parse(*result))["rows"].AsInt(), 5);
  EXPECT_EQ((*Json::Parse(*result))["events"].AsInt(), 1);
  const std::string content = Content(database, files_);
  EXPECT_EQ(content.find("planted-marker"), std::string::npos);
  EXPECT_NE(content.find("of the other"), std::string::npos);
  EXPECT_EQ(database.Findings(), "");
  const Answer left = database.Run(R"([{"op":"journal","stream":"s1"},{"op":"query","from":"audit.log"}])");
  EXPECT_EQ(left.At("/0/0/count"), "2");
  EXPECT_EQ(left.At("/0/0/events/0/data"), R"({"type":"erased"})");
  EXPECT_EQ(left.At("/0/0/events/0/type"), "\"said\"");
  EXPECT_EQ(left.At("/0/1/rows/0/agent"), JsonQuote(kAgent));
  EXPECT_EQ(left.At("/0/1/rows/0/command"), "\"erase\"");
  // A second time there are the blanked events only.
  EXPECT_EQ(database.Maintain(JsonObject()("do", "erase")("agent", "nobody").Take()).status().code(), Code::kNotFound);
}

TEST_P(HouseContract, AnAgentAtWorkIsNotErased) {
  HouseDatabase database(GetParam());
  database.Open();
  database.Fill();
  ASSERT_TRUE(database
                  .Run(R"([{"op":"insert","table":"team.runs","row":{"id":3,"status":"running",
                       "agent":"00000000-0000-4000-8000-000000000001"}}])")
                  .ok());
  const std::string before = Content(database, files_);
  const auto refused = database.Maintain(Erase(kAgent));
  EXPECT_EQ(refused.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(refused.status().message().find("is at work: team.runs has row {\"id\":3}"), std::string_view::npos)
      << refused.status().ToString();
  EXPECT_EQ(Content(database, files_), before);
}

TEST_P(HouseContract, ARowThatSomebodyElseRefersToKeepsEverythingAsItWas) {
  HouseDatabase database(GetParam());
  database.Open();
  database.Fill();
  const std::string before = Content(database, files_);
  // a_work.things holds a reference to the agent and does not take part.
  const auto refused = database.Maintain(Erase(kAgent));
  EXPECT_EQ(refused.status().code(), Code::kFailedPrecondition) << refused.status().ToString();
  EXPECT_EQ(Content(database, files_), before);
}

TEST_P(HouseContract, UnknownRequestsAreNamedWithTheNearest) {
  HouseDatabase database(GetParam());
  const auto refused = database.Maintain(R"({"do":"archve"})");
  EXPECT_EQ(refused.status().code(), Code::kInvalidArgument);
  EXPECT_NE(refused.status().message().find("did you mean 'archive'"), std::string_view::npos);
  EXPECT_EQ(database.Maintain(R"({"do":"load"})").status().code(), Code::kInvalidArgument);
  const auto missing = database.Maintain(Load("/nonexistent/a.archive"));
  EXPECT_EQ(missing.status().code(), Code::kNotFound);
}

}  // namespace tutti::storage::testing
