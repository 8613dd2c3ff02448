#include "suite.h"

namespace tutti::storage_suite {

TEST_P(BasicStorage, InsertFillsDefaultsAndGetReturnsEveryColumn) {
  Must(R"([{"op":"insert","table":"lab.teams","row":{"name":"ada"}}])");
  const Answer answer = Must(R"([{"op":"query","from":"lab.teams"}])");
  EXPECT_EQ(answer.At("/0/0/count"), "1");
  EXPECT_EQ(answer.At("/0/0/rows/0/name"), "\"ada\"");
  EXPECT_EQ(answer.At("/0/0/rows/0/active"), "true");
  EXPECT_EQ(answer.At("/0/0/rows/0/meta"), "{}");
  EXPECT_EQ(answer.At("/0/0/rows/0/tokens"), "0");
  EXPECT_EQ(answer.At("/0/0/rows/0/session"), "null");
  EXPECT_EQ(answer.At("/0/0/rows/0/id").size(), 38U);
  EXPECT_EQ(answer.At("/0/0/rows/0/created").substr(27), "+00:00\"");
}

TEST_P(BasicStorage, InsertOfManyRowsCountsThemAndMixesColumnSets) {
  const Answer answer = Must(R"([{"op":"insert","table":"lab.jobs","rows":[{"id":1},{"id":2,"priority":7},
                                 {"id":3,"state":null}]}, {"op":"query","from":"lab.jobs","select":["id","state","priority"]}])");
  EXPECT_EQ(answer.At("/0/0/affected"), "3");
  EXPECT_EQ(answer.At("/0/1/rows"), R"([{"id":1,"state":"ready","priority":0},{"id":2,"state":"ready","priority":7},)"
                                    R"({"id":3,"state":null,"priority":0}])");
}

TEST_P(BasicStorage, InsertOfADuplicateSaysWhichConstraint) {
  Must(R"([{"op":"insert","table":"lab.teams","row":{"name":"a","session":"s"}}])");
  const Answer answer = Run(R"([{"op":"query","from":"lab.teams"},
                                {"op":"insert","table":"lab.teams","row":{"name":"b","session":"s"}}])");
  EXPECT_EQ(answer.status().code(), Code::kAlreadyExists) << answer.text();
  EXPECT_EQ(answer.status().details(), R"({"part":0,"op":1,"table":"lab.teams","constraint":"lab_teams_session_key"})");
}

TEST_P(BasicStorage, InsertIgnoringConflictsCountsOnlyNewRows) {
  Must(R"([{"op":"insert","table":"lab.jobs","row":{"id":1}}])");
  const Answer answer =
      Must(R"([{"op":"insert","table":"lab.jobs","rows":[{"id":1},{"id":2}],"ignore_conflict":true}])");
  EXPECT_EQ(answer.At("/0/0/affected"), "1");
}

TEST_P(BasicStorage, ConstraintsAnswerTheirCodes) {
  AddTeam(1);

  struct Case {
    const char* ops;
    Code code;
  };

  const std::vector<Case> cases = {
      {R"([{"op":"insert","table":"lab.teams","row":{"name":"x","status":"odd"}}])", Code::kInvalidArgument},
      {R"([{"op":"insert","table":"lab.teams","row":{"status":"idle"}}])", Code::kInvalidArgument},
      {R"([{"op":"insert","table":"lab.teams","row":{"id":"00000000-0000-4000-8000-000000000001","name":"x"}}])",
       Code::kAlreadyExists},
      {R"([{"op":"insert","table":"lab.teams","row":{"name":7}}])", Code::kInvalidArgument},
      {R"([{"op":"insert","table":"lab.teams","row":{"name":"x","id":"not-a-uuid"}}])", Code::kInvalidArgument},
      {R"([{"op":"insert","table":"lab.teams","row":{"name":"x","created":"yesterday"}}])", Code::kInvalidArgument},
      {R"([{"op":"insert","table":"lab.jobs","row":{"id":1.5}}])", Code::kInvalidArgument},
      {R"([{"op":"update","table":"lab.teams","where":{},"add":{"tokens":9223372036854775807},"set":{"name":"n"}},
           {"op":"update","table":"lab.teams","where":{},"add":{"tokens":9223372036854775807}}])",
       Code::kInvalidArgument},
  };
  for (const Case& one : cases) {
    const Answer answer = Run(one.ops);
    EXPECT_EQ(answer.status().code(), one.code) << answer.text() << "\nin " << one.ops;
  }
}

TEST_P(FullStorage, ChecksAndReferencesAnswerTheirCodes) {
  EXPECT_EQ(Run(R"([{"op":"insert","table":"lab.logs","row":{"id":1,"kind":"said"}}])").status().code(),
            Code::kInvalidArgument);
  EXPECT_EQ(
      Run(R"([{"op":"insert","table":"lab.agents","row":{"name":"x","team_id":"00000000-0000-4000-8000-000000000099"}}])")
          .status()
          .code(),
      Code::kFailedPrecondition);
}

TEST_P(FullStorage, PartialUniquenessHoldsForLiveRowsOnly) {
  AddTeam(1);
  AddAgent(1, 1, "scout");
  const std::string again =
      R"([{"op":"insert","table":"lab.agents","row":{"team_id":")" + Id(1) + R"(","name":"scout"}}])";
  const Answer refused = Run(again);
  EXPECT_EQ(refused.status().code(), Code::kAlreadyExists);
  EXPECT_NE(refused.status().details().find("lab_agents_live"), std::string_view::npos) << refused.status().details();
  Must(R"([{"op":"update","table":"lab.agents","where":{"name":"scout"},"set":{"archived":true}}])");
  Must(again);
}

TEST_P(BasicStorage, UpsertInsertsThenChangesTheGivenColumnsOnly) {
  AddTeam(1);
  const std::string row = R"("row":{"id":")" + Id(1) + R"(","name":"renamed","tokens":5})";
  Must(R"([{"op":"update","table":"lab.teams","where":{},"set":{"budget":2.5}}])");
  Must(R"([{"op":"upsert","table":"lab.teams","key":["id"],)" + row + "}]");
  Must(R"([{"op":"upsert","table":"lab.teams","key":["id"],"set":["tokens"],"row":{"id":")" + Id(1) +
       R"(","name":"not taken","tokens":6}}])");
  Must(R"([{"op":"upsert","table":"lab.teams","key":["id"],"row":{"id":")" + Id(2) + R"(","name":"second"}}])");
  const Answer answer =
      Must(R"([{"op":"query","from":"lab.teams","select":["name","tokens","budget"],"order":[{"by":"id"}]}])");
  EXPECT_EQ(answer.At("/0/0/rows"),
            R"([{"name":"renamed","tokens":6,"budget":2.5},{"name":"second","tokens":0,"budget":0}])");
}

TEST_P(FullStorage, UpsertOnPartialUniqueIndexHitsTheLiveRow) {
  AddTeam(1);
  AddAgent(1, 1, "scout");
  const std::string row = R"({"team_id":")" + Id(1) + R"(","name":"scout","boss":")" + Id(1) + R"("})";
  const Answer answer = Must(R"([{"op":"upsert","table":"lab.agents","key":["team_id","name"],"row":)" + row +
                             R"(},{"op":"query","from":"lab.agents","select":["id","boss"]}])");
  EXPECT_EQ(answer.At("/0/1/rows"), R"([{"id":")" + Id(1) + R"(","boss":")" + Id(1) + R"("}])");
}

TEST_P(BasicStorage, UpsertOnColumnsWithoutUniqueIndexIsRefused) {
  const Answer answer = Run(R"([{"op":"upsert","table":"lab.teams","key":["name"],"row":{"name":"x"}}])");
  EXPECT_EQ(answer.status().code(), Code::kInvalidArgument);
}

TEST_P(BasicStorage, UpdateSetsAddsAndReturnsOldAndNew) {
  AddTeam(1);
  Must(R"([{"op":"update","table":"lab.teams","where":{},"set":{"status":"idle"}}])");
  const Answer answer =
      Must(R"([{"op":"update","table":"lab.teams","where":{"name":"team 1"},"set":{"status":"executing"},
      "add":{"tokens":40,"budget":0.1},"return":["status","tokens","budget"]},
      {"op":"update","table":"lab.teams","where":{},"add":{"budget":0.2,"tokens":2},"return":["budget","tokens"]},
      {"op":"update","table":"lab.teams","where":{"name":"nobody"},"set":{"status":"blocked"}}])");
  EXPECT_EQ(answer.At("/0/0/affected"), "1");
  EXPECT_EQ(answer.At("/0/0/rows/0/old/status"), "\"idle\"");
  EXPECT_EQ(answer.At("/0/0/rows/0/new/status"), "\"executing\"");
  EXPECT_EQ(answer.At("/0/1/rows/0/old"), R"({"budget":0.1,"tokens":40})");
  EXPECT_EQ(answer.At("/0/1/rows/0/new"), R"({"budget":0.3,"tokens":42})");
  EXPECT_EQ(answer.At("/0/2"), R"({"affected":0})");
}

TEST_P(BasicStorage, AddCountsNullAsZero) {
  Must(R"([{"op":"insert","table":"lab.things","row":{"id":1}}])");
  Must(R"([{"op":"update","table":"lab.things","where":{"id":1},"add":{"a_number":3,"a_decimal":0.5}}])");
  const Answer answer = Must(R"([{"op":"get","table":"lab.things","key":{"id":1},"select":["a_number","a_decimal"]}])");
  EXPECT_EQ(answer.At("/0/0/rows/0"), R"({"a_number":3,"a_decimal":0.5})");
}

TEST_P(FullStorage, UpdateMergesTopLevelMembers) {
  AddTeam(1);
  Must(R"([{"op":"update","table":"lab.teams","where":{},"merge":{"meta":{"a":1,"b":{"x":1}}}}])");
  const Answer answer = Must(
      R"([{"op":"update","table":"lab.teams","where":{},"merge":{"meta":{"b":{"y":2},"c":null}},"return":["meta"]}])");
  EXPECT_EQ(answer.At("/0/0/rows/0/old/meta/b/x"), "1");
  EXPECT_EQ(answer.At("/0/0/rows/0/new/meta/a"), "1");
  EXPECT_EQ(answer.At("/0/0/rows/0/new/meta/b/y"), "2");
  EXPECT_EQ(answer.At("/0/0/rows/0/new/meta/b/x"), "absent");
  EXPECT_EQ(answer.At("/0/0/rows/0/new/meta/c"), "null");
}

TEST_P(BasicStorage, UpdateTouchesItsTimeColumns) {
  AddTeam(1);
  const Answer before = Must(R"([{"op":"query","from":"lab.teams","select":["created","updated"]}])");
  Must(R"([{"op":"update","table":"lab.teams","where":{},"set":{"name":"new"}}])");
  const Answer after = Must(R"([{"op":"query","from":"lab.teams","select":["created","updated"]}])");
  EXPECT_EQ(before.At("/0/0/rows/0/created"), after.At("/0/0/rows/0/created"));
  EXPECT_LT(before.At("/0/0/rows/0/updated"), after.At("/0/0/rows/0/updated"));
}

TEST_P(BasicStorage, UpdateReturningManyRowsKeepsKeyOrderAndPairs) {
  Must(R"([{"op":"insert","table":"lab.jobs","rows":[{"id":3},{"id":1},{"id":2}]}])");
  const Answer answer = Must(
      R"([{"op":"update","table":"lab.jobs","where":{"state":"ready"},"add":{"priority":1},"return":["id","priority"]}])");
  EXPECT_EQ(
      answer.At("/0/0/rows"),
      R"([{"old":{"id":1,"priority":0},"new":{"id":1,"priority":1}},{"old":{"id":2,"priority":0},"new":{"id":2,"priority":1}},)"
      R"({"old":{"id":3,"priority":0},"new":{"id":3,"priority":1}}])");
}

TEST_P(BasicStorage, DeleteTakesTheMatchingRowsAndCountsThem) {
  Must(R"([{"op":"insert","table":"lab.jobs","rows":[{"id":1},{"id":2,"state":"done"},{"id":3}]}])");
  const Answer answer = Must(R"([{"op":"delete","table":"lab.jobs","where":{"state":"ready"}},
      {"op":"query","from":"lab.jobs","select":["id"]},{"op":"delete","table":"lab.jobs","where":{}},
      {"op":"delete","table":"lab.jobs","where":{}}])");
  EXPECT_EQ(answer.At("/0/0"), R"({"affected":2})");
  EXPECT_EQ(answer.At("/0/1/rows"), R"([{"id":2}])");
  EXPECT_EQ(answer.At("/0/2/affected"), "1");
  EXPECT_EQ(answer.At("/0/3/affected"), "0");
}

TEST_P(FullStorage, DeleteCountsAndCascades) {
  AddTeam(1);
  AddAgent(1, 1, "a");
  AddAgent(2, 1, "b");
  const Answer answer =
      Must(R"([{"op":"delete","table":"lab.teams","where":{"name":"team 1"}},{"op":"query","from":"lab.agents"},
                                 {"op":"delete","table":"lab.teams","where":{}}])");
  EXPECT_EQ(answer.At("/0/0/affected"), "1");
  EXPECT_EQ(answer.At("/0/1/count"), "0");
  EXPECT_EQ(answer.At("/0/2/affected"), "0");
}

TEST_P(BasicStorage, WritesWithoutWhereAreRefused) {
  EXPECT_EQ(Run(R"([{"op":"delete","table":"lab.teams"}])").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Run(R"([{"op":"update","table":"lab.teams","set":{"name":"x"}}])").status().code(), Code::kInvalidArgument);
}

TEST_P(BasicStorage, GetNeedsAUniqueKeyAndMayFindNothing) {
  AddTeam(1);
  const Answer answer =
      Must(R"([{"op":"get","table":"lab.teams","key":{"id":")" + Id(1) +
           R"("},"select":["name","tokens"]},{"op":"get","table":"lab.teams","key":{"session":"s"}}])");
  EXPECT_EQ(answer.At("/0/0"), R"({"count":1,"rows":[{"name":"team 1","tokens":0}]})");
  EXPECT_EQ(answer.At("/0/1"), R"({"count":0,"rows":[]})");
  EXPECT_EQ(Run(R"([{"op":"get","table":"lab.teams","key":{"name":"x"}}])").status().code(), Code::kInvalidArgument);
}

TEST_P(FullStorage, ClaimTakesFreeRowsInOrderAndSkipsLeasedOnes) {
  Must(R"([{"op":"insert","table":"lab.jobs","rows":[{"id":1,"priority":1},{"id":2,"priority":9},{"id":3,"priority":5},
           {"id":4,"priority":7,"owner":"gone","until":"2001-01-01T00:00:00Z"},{"id":5,"priority":8,"state":"held"}]}])");
  const std::string claim =
      R"({"op":"claim","table":"lab.jobs","where":{"state":"ready"},"order":[{"by":"priority","desc":true}],
      "limit":2,"lease":{"owner_column":"owner","until_column":"until","owner":"me","ms":60000},"return":["id","owner"]})";
  EXPECT_EQ(Must("[" + claim + "]").At("/0/0"),
            R"({"affected":2,"rows":[{"id":2,"owner":"me"},{"id":4,"owner":"me"}]})");
  EXPECT_EQ(Must("[" + claim + "]").At("/0/0"),
            R"({"affected":2,"rows":[{"id":3,"owner":"me"},{"id":1,"owner":"me"}]})");
  EXPECT_EQ(Must("[" + claim + "]").At("/0/0"), R"({"affected":0,"rows":[]})");
}

}  // namespace tutti::storage_suite
