#include <algorithm>
#include <vector>

#include "suite.h"

namespace tutti::storage_suite {

namespace {

std::string Log(int id, std::string_view agent, int second, std::string_view more = "") {
  return R"({"id":)" + std::to_string(id) + R"(,"agent_id":")" + std::string(agent) +
         R"(","timestamp":"2026-01-01T00:00:)" + (second < 10 ? "0" : "") + std::to_string(second) + "Z\"" +
         std::string(more) + "}";
}

}  // namespace

TEST_P(BasicStorage, EqualityFiltersOrderAndLimitChooseRows) {
  Must(R"([{"op":"insert","table":"lab.jobs","rows":[{"id":1,"state":"a","priority":2},{"id":2,"state":"b"},
           {"id":3,"state":null},{"id":4,"state":"a","priority":1},{"id":5,"state":"a","priority":2}]}])");

  struct Case {
    const char* query;
    const char* rows;
  };

  const std::vector<Case> cases = {
      {R"("where":{})", R"([{"id":1},{"id":2},{"id":3},{"id":4},{"id":5}])"},
      {R"("where":{"state":"a"})", R"([{"id":1},{"id":4},{"id":5}])"},
      {R"("where":{"state":"a","priority":2})", R"([{"id":1},{"id":5}])"},
      {R"("where":{"state":null})", R"([{"id":3}])"},
      {R"("where":{"state":"A"})", "[]"},
      {R"("where":{"state":"a' OR '1'='1"})", "[]"},
      {R"("order":[{"by":"priority","desc":true},{"by":"id"}],"limit":3)", R"([{"id":1},{"id":5},{"id":4}])"},
      {R"("order":[{"by":"state","desc":true}],"limit":2)", R"([{"id":2},{"id":5}])"},
      {R"("limit":0)", "[]"},
  };
  for (const Case& one : cases) {
    const Answer answer = Must(R"([{"op":"query","from":"lab.jobs","select":["id"],)" + std::string(one.query) + "}]");
    EXPECT_EQ(answer.At("/0/0/rows"), one.rows) << one.query;
  }
}

TEST_P(BasicStorage, UnknownNamesAreRefused) {
  for (const char* op : {
           R"({"op":"query","from":"lab.team"})",
           R"({"op":"query","from":"other.teams"})",
           R"({"op":"qery","from":"lab.teams"})",
           R"({"op":"query","from":"lab.teams","wher":{}})",
           R"({"op":"query","from":"lab.teams","select":["nam"]})",
           R"({"op":"query","from":"lab.teams","where":{"statsu":"idle"}})",
           R"({"op":"query","from":"lab.teams","order":[{"by":"x"}]})",
           R"({"op":"insert","table":"lab.teams","row":{"nmae":"x"}})",
           R"({"op":"update","table":"lab.teams","where":{},"set":{"nmae":"x"}})",
           R"({"op":"get","table":"lab.teams","key":{"idd":"x"}})",
       }) {
    const Answer answer = Run("[" + std::string(op) + "]");
    EXPECT_EQ(answer.status().code(), Code::kInvalidArgument) << answer.text() << "\nin " << op;
    EXPECT_FALSE(answer.status().message().empty()) << op;
  }
}

TEST_P(FullStorage, FiltersCompareColumnsWithTwoValuedLogic) {
  Must(R"([{"op":"insert","table":"lab.logs","rows":[
    {"id":1,"kind":"a","text":"Hello 100% World"},{"id":2,"kind":"b","text":"under_score"},{"id":3,"kind":null,"text":null},
    {"id":4,"kind":"b","text":"HELLO"}]}])");

  struct Case {
    const char* where;
    const char* ids;
  };

  const std::vector<Case> cases = {
      {R"({})", "[1,2,3,4]"},
      {R"({"kind":"b"})", "[2,4]"},
      {R"({"kind":null})", "[3]"},
      {R"({"kind":{"ne":"b"}})", "[1,3]"},
      {R"({"not":{"kind":"b"}})", "[1,3]"},
      {R"({"kind":{"in":["a",null]}})", "[1,3]"},
      {R"({"kind":{"in":[]}})", "[]"},
      {R"({"kind":{"null":false},"id":{"gt":1}})", "[2,4]"},
      {R"({"id":{"ge":2,"lt":4}})", "[2,3]"},
      {R"({"or":[{"id":1},{"and":[{"kind":"b"},{"id":{"le":2}}]}]})", "[1,2]"},
      {R"({"text":{"contains":"hello"}})", "[1,4]"},
      {R"({"text":{"contains":"0% W"}})", "[1]"},
      {R"({"text":{"contains":"%"}})", "[1]"},
      {R"({"text":{"contains":"r_s"}})", "[2]"},
      {R"({"text":{"contains":"_"}})", "[2]"},
      {R"({"text":{"contains":"Hello' OR '1'='1"}})", "[]"},
      {R"({"text":{"prefix":"Hello"}})", "[1]"},
      {R"({"text":{"prefix":"under_"}})", "[2]"},
      {R"({"not":{"text":{"contains":"hello"}}})", "[2,3]"},
  };
  for (const Case& one : cases) {
    const Answer answer =
        Must(R"([{"op":"query","from":"lab.logs","select":["id"],"where":)" + std::string(one.where) + "}]");
    std::string ids = "[";
    for (std::int64_t i = 0; i < answer.Int("/0/0/count"); ++i) {
      ids += (i > 0 ? "," : "") + answer.At("/0/0/rows/" + std::to_string(i) + "/id");
    }
    EXPECT_EQ(ids + "]", one.ids) << one.where;
  }
}

TEST_P(FullStorage, SelectRenamesAndAddsLiterals) {
  AddTeam(1);
  const Answer answer = Must(R"([{"op":"get","table":"lab.teams","key":{"id":")" + Id(1) +
                             R"("},"select":{"title":"name","x":{"value":[1,"a"]}}}])");
  EXPECT_EQ(answer.At("/0/0/rows"), R"([{"title":"team 1","x":[1,"a"]}])");
}

TEST_P(FullStorage, FiltersReachIntoJson) {
  Must(R"([{"op":"insert","table":"lab.logs","rows":[
    {"id":1,"payload":{"type":"thinking_block","size":5,"deep":{"er":"x"},"on":true}},
    {"id":2,"payload":{"type":"tool_use_block","size":50,"on":false}},
    {"id":3,"payload":{"type":7,"size":"5","odd key":"v"}},{"id":4,"payload":null},{"id":5,"payload":[1]}]}])");

  struct Case {
    const char* where;
    const char* first;
    int count;
  };

  const std::vector<Case> cases = {
      {R"({"payload->type":"thinking_block"})", "1", 1},
      {R"({"payload->size":{"gt":5}})", "2", 1},
      {R"({"payload->size":{"ge":5}})", "1", 2},
      {R"({"payload->size":"5"})", "3", 1},
      {R"({"payload->type":7})", "3", 1},
      {R"({"payload->deep->er":"x"})", "1", 1},
      {R"({"payload->on":true})", "1", 1},
      {R"({"payload->on":{"ne":true}})", "2", 4},
      {R"({"payload->type":null})", "4", 2},
      {R"({"payload->odd key":"v"})", "3", 1},
      {R"({"payload->type":{"contains":"BLOCK"}})", "1", 2},
      {R"({"payload->type":{"in":["tool_use_block","none"]}})", "2", 1},
      {R"({"payload->type":{"prefix":"tool"}})", "2", 1},
  };
  for (const Case& one : cases) {
    const Answer answer = Must(R"([{"op":"query","from":"lab.logs","where":)" + std::string(one.where) + "}]");
    EXPECT_EQ(answer.Int("/0/0/count"), one.count) << one.where;
    EXPECT_EQ(answer.At("/0/0/rows/0/id"), one.first) << one.where;
  }
  const Answer answer = Must(R"([{"op":"query","from":"lab.logs","where":{"id":{"le":2}},
     "select":{"t":"payload->type","deep":"payload->deep","none":"payload->none","o":{"object":["id"]}}}])");
  EXPECT_EQ(answer.At("/0/0/rows/0"), R"({"t":"thinking_block","deep":{"er":"x"},"none":null,"o":{"id":1}})");
}

TEST_P(BasicStorage, OrderIsTotalAndNullsComeFirst) {
  Must(R"([{"op":"insert","table":"lab.notes","rows":[
    {"team":"b","place":1,"body":null,"stamp":"2026-01-01T00:00:00Z"},{"team":"a","place":2,"body":"Z","stamp":"2026-01-01T00:00:00Z"},
    {"team":"a","place":1,"body":"a","stamp":"2026-01-01T00:00:00Z"},{"team":"B","place":1,"body":"Z","stamp":"2026-01-02T00:00:00Z"}]}])");
  const auto order = [&](const char* terms) {
    const Answer answer =
        Must(R"([{"op":"query","from":"lab.notes","select":["team","place"],"order":)" + std::string(terms) + "}]");
    std::string text;
    for (int i = 0; i < 4; ++i) {
      const std::string row = "/0/0/rows/" + std::to_string(i);
      text += answer.At(row + "/team").substr(1, 1) + answer.At(row + "/place") + " ";
    }
    return text;
  };
  EXPECT_EQ(order("[]"), "B1 a1 a2 b1 ");
  EXPECT_EQ(order(R"([{"by":"stamp","desc":true}])"), "B1 b1 a2 a1 ");
  EXPECT_EQ(order(R"([{"by":"body"}])"), "b1 B1 a2 a1 ");
  EXPECT_EQ(order(R"([{"by":"body","desc":true}])"), "a1 a2 B1 b1 ");
}

TEST_P(FullStorage, KeysetCursorVisitsEveryRowOnceThoughTimesAreEqual) {
  std::string rows;
  for (int i = 0; i < 25; ++i) {
    rows += (i > 0 ? "," : "") + std::string(R"({"team":"t","place":)") + std::to_string(i) +
            R"(,"stamp":"2026-01-01T00:00:0)" + std::to_string(i / 10) + R"(Z"})";
  }
  Must(R"([{"op":"insert","table":"lab.notes","rows":[)" + rows + "]}]");
  std::vector<std::int64_t> seen;
  std::string after;
  for (int page = 0; page < 10; ++page) {
    const Answer answer = Must(R"([{"op":"query","from":"lab.notes","select":["team","place","stamp"],"limit":4,
        "order":[{"by":"stamp","desc":true}])" +
                               after + "}]");
    const std::int64_t count = answer.Int("/0/0/count");
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string row = "/0/0/rows/" + std::to_string(i);
      seen.push_back(answer.Int(row + "/place"));
      after = R"(,"after":[)" + answer.At(row + "/stamp") + "," + answer.At(row + "/team") + "," +
              answer.At(row + "/place") + "]";
    }
    if (count == 0) {
      break;
    }
  }
  ASSERT_EQ(seen.size(), 25U);
  EXPECT_EQ(seen.front(), 24);
  EXPECT_EQ(seen.back(), 0);
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

TEST_P(FullStorage, LimitOffsetAndReverseChooseThenTurn) {
  Must(R"([{"op":"insert","table":"lab.jobs","rows":[{"id":1},{"id":2},{"id":3},{"id":4},{"id":5}]}])");
  const Answer answer = Must(R"([
     {"op":"query","from":"lab.jobs","select":["id"],"order":[{"by":"id","desc":true}],"limit":2,"reverse":true},
     {"op":"query","from":"lab.jobs","select":["id"],"limit":2,"offset":1},{"op":"query","from":"lab.jobs","select":["id"],"offset":4},
     {"op":"query","from":"lab.jobs","limit":0}])");
  EXPECT_EQ(answer.At("/0/0/rows"), R"([{"id":4},{"id":5}])");
  EXPECT_EQ(answer.At("/0/1/rows"), R"([{"id":2},{"id":3}])");
  EXPECT_EQ(answer.At("/0/2/rows"), R"([{"id":5}])");
  EXPECT_EQ(answer.At("/0/3/rows"), "[]");
  EXPECT_EQ(Run(R"([{"op":"query","from":"lab.jobs","limit":-1}])").status().code(), Code::kInvalidArgument);
}

TEST_P(FullStorage, JoinsNestAndLeftJoinsKeepRows) {
  AddTeam(1);
  AddTeam(2);
  AddAgent(11, 1, "scout");
  const Answer answer = Must(R"([
    {"op":"query","from":"lab.agents","as":"a","join":[{"table":"lab.teams","as":"t","on":{"t.id":"a.team_id"}}],
     "select":{"agent":"name","team":{"object":{"name":"t.name"}},"source":{"value":"join"}},"where":{"t.name":"team 1"}},
    {"op":"query","from":"lab.teams","as":"t","join":[{"table":"lab.agents","as":"a","kind":"left","on":{"a.team_id":"t.id"}}],
     "select":{"team":"name","agent":"a.name"},"order":[{"by":"name"}]}])");
  EXPECT_EQ(answer.At("/0/0/rows"), R"([{"agent":"scout","team":{"name":"team 1"},"source":"join"}])");
  EXPECT_EQ(answer.At("/0/1/rows"), R"([{"team":"team 1","agent":"scout"},{"team":"team 2","agent":null}])");
}

TEST_P(FullStorage, AggregatesGroupCountSumAndOrder) {
  Must(
      R"([{"op":"insert","table":"lab.jobs","rows":[{"id":1,"state":"a","priority":1},{"id":2,"state":"b","priority":2},
           {"id":3,"state":"b","priority":5}]}])");
  const Answer answer = Must(R"([
    {"op":"query","from":"lab.jobs","group":["state"],"order":[{"by":"n","desc":true}],
     "select":{"state":"state","n":{"count":"*"},"sum":{"sum":"priority"},"low":{"min":"priority"},"high":{"max":"priority"}}},
    {"op":"query","from":"lab.jobs","select":{"n":{"count":"*"},"s":{"sum":"priority"},"m":{"max":"priority"}},"where":{"id":99}}])");
  EXPECT_EQ(answer.At("/0/0/rows"),
            R"([{"state":"b","n":2,"sum":7,"low":2,"high":5},{"state":"a","n":1,"sum":1,"low":1,"high":1}])");
  EXPECT_EQ(answer.At("/0/1/rows"), R"([{"n":0,"s":0,"m":null}])");
  EXPECT_EQ(Run(R"([{"op":"query","from":"lab.jobs","select":{"n":{"count":"*"},"id":"id"}}])").status().code(),
            Code::kInvalidArgument);
}

TEST_P(FullStorage, CountOfCountsMatchingRowsAndIsZeroWithoutAny) {
  AddTeam(1);
  AddTeam(2);
  AddAgent(1, 1, "a");
  AddAgent(2, 1, "b");
  const Answer answer = Must(R"([{"op":"query","from":"lab.teams","order":[{"by":"name"}],
     "select":{"name":"name","agents":{"count_of":"lab.agents","match":{"team_id":"id"}}}}])");
  EXPECT_EQ(answer.At("/0/0/rows"), R"([{"name":"team 1","agents":2},{"name":"team 2","agents":0}])");
}

TEST_P(FullStorage, BranchesMergeNewestFirstAndTurnRoundAsGetEventsDoes) {
  AddTeam(1);
  AddAgent(1, 1, "scout");
  Must(
      R"([{"op":"insert","table":"lab.logs","rows":[)" + Log(1, Id(1), 1) + "," + Log(2, Id(1), 4) + "," +
      Log(3, Id(1), 5) +
      R"(]},{"op":"insert","table":"lab.notes","rows":[{"team":"t","place":1,"body":"x","stamp":"2026-01-01T00:00:03Z"},
       {"team":"t","place":2,"body":"y","stamp":"2026-01-01T00:00:05Z"}]}])");
  const Answer answer = Must(R"([{"op":"query","limit":4,"reverse":true,"branches":[
    {"from":"lab.logs","as":"l","join":[{"table":"lab.agents","as":"a","on":{"a.id":"l.agent_id"}}],
     "select":{"sourceType":{"value":"agent_log"},"id":"id","agent_name":"a.name"},"order":[{"by":"timestamp","desc":true}],"limit":4},
    {"from":"lab.notes","select":{"sourceType":{"value":"note"},"body":"body"},"order":[{"by":"stamp","desc":true}],"limit":4}]}])");
  EXPECT_EQ(answer.At("/0/0/rows"),
            R"([{"sourceType":"note","body":"x"},{"sourceType":"agent_log","id":2,"agent_name":"scout"},)"
            R"({"sourceType":"note","body":"y"},{"sourceType":"agent_log","id":3,"agent_name":"scout"}])");
}

TEST_P(FullStorage, BranchesLimitEachSourceAsLoadChatDoes) {
  std::string rows;
  for (int i = 0; i < 9; ++i) {
    rows += (i > 0 ? "," : "") + std::string(R"({"id":)") + std::to_string(i) + R"(,"kind":"k","payload":{"type":")" +
            (i % 2 == 0 ? "thinking_block" : "other") + R"(","n":)" + std::to_string(i) +
            R"(},"timestamp":"2026-01-01T00:00:0)" + std::to_string(i) + R"(Z"})";
  }
  Must(R"([{"op":"insert","table":"lab.logs","rows":[)" + rows +
       R"(]},{"op":"insert","table":"lab.notes","rows":[{"team":"t","place":1,"stamp":"2026-01-01T00:00:04.5Z"}]}])");
  const Answer answer = Must(R"([{"op":"query","reverse":true,"branches":[
    {"from":"lab.notes","select":{"n":{"value":null},"at":"stamp"},"order":[{"by":"stamp","desc":true}],"limit":2},
    {"from":"lab.logs","select":{"n":"payload->n","at":"timestamp"},"where":{"payload->type":{"in":["thinking_block"]}},
     "order":[{"by":"timestamp","desc":true}],"limit":3}]}])");
  EXPECT_EQ(answer.Int("/0/0/count"), 4);
  EXPECT_EQ(answer.At("/0/0/rows/0/n"), "4");
  EXPECT_EQ(answer.At("/0/0/rows/1"), R"({"n":null,"at":"2026-01-01T00:00:04.500000+00:00"})");
  EXPECT_EQ(answer.At("/0/0/rows/3/n"), "8");
  EXPECT_EQ(Run(R"([{"op":"query","branches":[{"from":"lab.logs"}]}])").status().code(), Code::kInvalidArgument);
}

TEST_P(FullStorage, BranchMayBeAMergeWithALimitOfItsOwn) {
  std::string rows;
  for (int i = 0; i < 6; ++i) {
    rows += (i > 0 ? "," : "") + std::string(R"({"id":)") + std::to_string(i) + R"(,"kind":")" +
            (i % 2 == 0 ? "even" : "odd") + R"(","timestamp":"2026-01-01T00:00:0)" + std::to_string(i) + R"(Z"})";
  }
  Must(R"([{"op":"insert","table":"lab.logs","rows":[)" + rows +
       R"(]},{"op":"insert","table":"lab.notes","rows":[{"team":"t","place":1,"stamp":"2026-01-01T00:00:00Z"}]}])");
  const auto kind = [](const char* name) {
    return std::string(
               R"({"from":"lab.logs","select":{"n":"id"},"order":[{"by":"timestamp","desc":true}],"limit":3,)") +
           R"("where":{"kind":")" + name + R"("}})";
  };
  const std::string nested = R"([{"op":"query","reverse":true,"branches":[
    {"from":"lab.notes","select":{"n":{"value":"note"}},"order":[{"by":"stamp","desc":true}]},
    {"branches":[)" + kind("even") +
                             "," + kind("odd") + R"(],"limit":3}]}])";
  EXPECT_EQ(Must(nested).At("/0/0/rows"), R"([{"n":"note"},{"n":3},{"n":4},{"n":5}])");
  for (const std::string& refused :
       {R"([{"op":"query","branches":[{"branches":[{"branches":[)" + kind("odd") + "]}]}]}]",
        R"([{"op":"query","branches":[{"reverse":true,"branches":[)" + kind("odd") + "]}]}]"}) {
    EXPECT_EQ(Run(refused).status().code(), Code::kInvalidArgument) << refused;
  }
}

TEST_P(FullStorage, TotalCountsBesideTheRowsAlsoWhenThereAreNone) {
  AddTeam(1);
  AddTeam(2);
  AddTeam(3);
  const Answer answer = Must(R"([
    {"op":"query","from":"lab.teams","select":["name"],"order":[{"by":"name","desc":true}],"limit":2,"reverse":true,
     "total":{"from":"lab.teams","where":{"name":{"ne":"team 1"}}}},
    {"op":"query","from":"lab.teams","where":{"name":"nobody"},"total":{"from":"lab.teams"}},
    {"op":"query","branches":[{"from":"lab.logs","order":[{"by":"timestamp"}]}],"total":{"from":"lab.teams"}}])");
  EXPECT_EQ(answer.At("/0/0/rows"), R"([{"name":"team 2"},{"name":"team 3"}])");
  EXPECT_EQ(answer.Int("/0/0/count"), 2);
  EXPECT_EQ(answer.Int("/0/0/total"), 2);
  EXPECT_EQ(answer.At("/0/1/rows"), "[]");
  EXPECT_EQ(answer.Int("/0/1/total"), 3);
  EXPECT_EQ(answer.Int("/0/2/total"), 3);
  EXPECT_EQ(Run(R"([{"op":"query","from":"lab.teams","total":{"form":"lab.teams"}}])").status().code(),
            Code::kInvalidArgument);
}

TEST_P(FullStorage, JoinConditionsHoldForTheJoinedTable) {
  AddTeam(1);
  AddTeam(2);
  AddAgent(1, 1, "a");
  AddAgent(2, 2, "b");
  const std::string join =
      R"("join":[{"table":"lab.teams","as":"t","on":{"a.team_id":"t.id"},"where":{"name":"team 2"},"kind":")";
  const std::string query =
      R"({"op":"query","from":"lab.agents","as":"a","select":{"agent":"name","team":"t.name"},"order":[{"by":"name"}],)";
  const Answer answer = Must("[" + query + join + R"(inner"}]},)" + query + join + R"(left"}]}])");
  EXPECT_EQ(answer.At("/0/0/rows"), R"([{"agent":"b","team":"team 2"}])");
  EXPECT_EQ(answer.At("/0/1/rows"), R"([{"agent":"a","team":null},{"agent":"b","team":"team 2"}])");
}

// Agents 1 and 2 of team 1, agent 3 of team 2; the rows' times rise, but those of two rows each are the same.
TEST_P(FullStorage, EachFindsTheRowsOfAPlainJoin) {
  AddTeam(1);
  AddTeam(2);
  AddAgent(1, 1, "a");
  AddAgent(2, 1, "b");
  AddAgent(3, 2, "c");
  std::string rows;
  for (int i = 0; i < 60; ++i) {
    // Team 2 has the newest 40.
    rows += (i > 0 ? "," : "") + Log(i, Id(i < 20 ? 1 + i % 2 : 3), i / 2);
  }
  Must(R"([{"op":"insert","table":"lab.logs","rows":[)" + rows + "]}]");
  for (const int team : {1, 2, 3}) {
    for (const char* bounds : {R"("limit":1)", R"("limit":7)", R"("limit":7,"offset":5)", R"("limit":100)",
                               R"("limit":3,"offset":9000000000000000000)", R"("limit":0)"}) {
      for (const char* descending : {"true", "false"}) {
        for (const char* where : {"", R"("where":{"kind":"text"},)", R"("where":{"l.id":{"lt":45}},)"}) {
          const auto query = [&](const char* each) {
            return std::string(R"({"op":"query","from":"lab.logs","as":"l",)") + where +
                   R"("select":{"id":"id","agent":"a.name"},"join":[{"table":"lab.agents","as":"a",)" +
                   R"("on":{"l.agent_id":"a.id"},"where":{"team_id":")" + Id(team) + R"("},"each":)" + each +
                   R"(}],"order":[{"by":"l.timestamp","desc":)" + descending + "}]," + bounds + "}";
          };
          const std::string both = "[" + query("true") + "," + query("false") + "]";
          const Answer answer = Must(both);
          EXPECT_EQ(answer.At("/0/0/rows"), answer.At("/0/1/rows")) << both;
        }
      }
    }
  }
  const std::string rest = R"("join":[{"table":"lab.agents","as":"a","on":{"l.agent_id":"a.id"},"each":true}])";
  for (const std::string more :
       {R"("order":[{"by":"timestamp"}])", R"("limit":3)", R"("order":[{"by":"a.name"}],"limit":3)",
        R"("order":[{"by":"timestamp"}],"limit":3,"where":{"a.name":"a"})",
        R"("order":[{"by":"timestamp"}],"limit":3,"after":["2026-01-01T00:00:01Z"])",
        R"("select":{"n":{"count":"*"}},"limit":3)"}) {
    const std::string ops = R"([{"op":"query","from":"lab.logs","as":"l",)" + rest + "," + more + "}]";
    EXPECT_EQ(Run(ops).status().code(), Code::kInvalidArgument) << ops;
  }
}

TEST_P(FullStorage, UnknownNamesAreRefusedWithTheNearestOne) {
  struct Case {
    const char* ops;
    const char* says;
  };

  const std::vector<Case> cases = {
      {R"([{"op":"query","from":"lab.team"}])", "did you mean 'lab.teams'?"},
      {R"([{"op":"qery","from":"lab.teams"}])", "did you mean 'query'?"},
      {R"([{"op":"query","from":"lab.teams","wher":{}}])", "did you mean 'where'?"},
      {R"([{"op":"query","from":"lab.teams","select":["nam"]}])", "did you mean 'name'?"},
      {R"([{"op":"query","from":"lab.teams","where":{"statsu":"idle"}}])", "did you mean 'status'?"},
      {R"([{"op":"query","from":"lab.teams","where":{"name":{"contain":"x"}}}])", "did you mean 'contains'?"},
      {R"([{"op":"insert","table":"lab.teams","row":{"nmae":"x"}}])", "did you mean 'name'?"},
      {R"([{"op":"query","from":"lab.teams","where":{"name->x":"1"}}])", "a path needs json"},
  };
  for (const Case& one : cases) {
    const Answer answer = Run(one.ops);
    EXPECT_EQ(answer.status().code(), Code::kInvalidArgument) << answer.text();
    EXPECT_NE(answer.status().message().find(one.says), std::string_view::npos) << answer.text();
  }
}

TEST_P(FullStorage, NamesFromOutsideNeverBecomeSql) {
  AddTeam(1);
  const std::string evil = R"(x\" ; DROP TABLE lab_teams; --)";
  const std::string quote = R"(x' ; DROP TABLE lab_teams; --)";
  for (const std::string& name : {evil, quote}) {
    const std::vector<std::string> refused = {
        R"({"op":"query","from":")" + name + R"("})",
        R"({"op":"query","from":"lab.teams","as":")" + name + R"("})",
        R"({"op":"query","from":"lab.teams","select":[")" + name + R"("]})",
        R"({"op":"query","from":"lab.teams","where":{")" + name + R"(":1}})",
        R"({"op":"query","from":"lab.teams","where":{"name":{")" + name + R"(":1}}})",
        R"({"op":"query","from":"lab.teams","where":{"meta->a\"b":"1"}})",
        R"({"op":"query","from":"lab.teams","order":[{"by":")" + name + R"("}]})",
        R"({"op":"query","from":"lab.teams","group":[")" + name + R"("]})",
        R"({"op":"query","from":"lab.teams","limit":")" + name + R"("})",
        R"({"op":"query","from":"lab.teams","join":[{"table":"lab.agents","as":")" + name + R"(","on":{"id":"id"}}]})",
        R"({"op":"query","from":"lab.teams","join":[{"table":"lab.agents","as":"a","kind":")" + name +
            R"(","on":{"id":"id"}}]})",
        R"({"op":"query","from":"lab.teams","join":[{"table":"lab.agents","as":"a","on":{")" + name + R"(":"id"}}]})",
        R"({"op":"query","from":"lab.teams","select":{"n":{"count_of":"lab.agents","match":{")" + name +
            R"(":"id"}}}})",
        R"({"op":"query","from":"lab.teams","select":{"n":{"sum":")" + name + R"("}}})",
        R"({"op":"insert","table":"lab.teams","row":{")" + name + R"(":1}})",
        R"({"op":"upsert","table":"lab.teams","key":[")" + name + R"("],"row":{"name":"x"}})",
        R"({"op":"upsert","table":"lab.teams","key":["id"],"set":[")" + name + R"("],"row":{"name":"x"}})",
        R"({"op":"update","table":"lab.teams","where":{},"set":{")" + name + R"(":1}})",
        R"({"op":"update","table":"lab.teams","where":{},"set":{"name":"x"},"return":[")" + name + R"("]})",
        R"({"op":"claim","table":"lab.jobs","lease":{"owner_column":")" + name +
            R"(","until_column":"until","owner":"x","ms":1}})",
        R"({"op":"claim","table":"lab.jobs","order":[{"by":")" + name +
            R"("}],"lease":{"owner_column":"owner","until_column":"until","owner":"x","ms":1}})",
    };
    for (const std::string& op : refused) {
      const Answer answer = Run("[" + op + "]");
      EXPECT_EQ(answer.status().code(), Code::kInvalidArgument) << answer.text() << "\nin " << op;
    }
    // Member names of results, paths and values may be any text.
    const Answer answer = Must(R"([{"op":"query","from":"lab.teams","select":{")" + name + R"(":"name","p":"meta->)" +
                               quote + R"("},"where":{"name":{"ne":")" + name + R"("}}}])");
    EXPECT_EQ(answer.Int("/0/0/count"), 1);
    EXPECT_NE(answer.At("/0/0/rows/0").find("DROP TABLE"), std::string::npos);
  }
}

}  // namespace tutti::storage_suite
