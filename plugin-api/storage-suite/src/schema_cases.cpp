#include "suite.h"

namespace tutti::storage_suite {

namespace {

std::string WithVersion(int version, std::string_view tables) {
  return R"({"namespace":"grow","version":)" + std::to_string(version) + R"(,"owner":"test.owner","tables":)" +
         std::string(tables) + "}";
}

constexpr std::string_view kFirst =
    R"({"pages":{"columns":{"id":{"type":"int64","primary":true},"title":{"type":"text"}},
  "unique":[{"name":"grow_pages_title","columns":["title"]}]}})";
constexpr std::string_view kSecond =
    R"({"pages":{"columns":{"id":{"type":"int64","primary":true},"title":{"type":"text"},
  "archived":{"type":"bool","null":false,"default":false},"seen":{"type":"time","null":false,"default":"now"},"extra":{"type":"json"}},
  "unique":[{"name":"grow_pages_live_title","columns":["title"],"where":{"archived":false},"replaces":["grow_pages_title"]}],
  "indexes":[{"name":"grow_pages_seen","columns":["seen desc","id"]},{"name":"grow_pages_kind","columns":["extra->kind"]}]},
  "links":{"columns":{"id":{"type":"int64","primary":true},"page":{"type":"int64","references":"pages.id","on_delete":"cascade"}}}})";

}  // namespace

TEST_P(BasicStorage, EnsureSchemaIsIdempotent) {
  const auto again = EnsureSchema(schema());
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(*again, R"({"namespace":"lab","version":3,"created":[],"changed":[]})");
}

TEST_P(FullStorage, MigrationAddsColumnsIndexesTablesAndReplacesConstraints) {
  const auto first = EnsureSchema(WithVersion(1, kFirst));
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  Must(R"([{"op":"insert","table":"grow.pages","row":{"id":1,"title":"home"}}])");
  EXPECT_EQ(Run(R"([{"op":"insert","table":"grow.pages","row":{"id":2,"title":"home"}}])").status().code(),
            Code::kAlreadyExists);
  const auto second = EnsureSchema(WithVersion(2, kSecond));
  ASSERT_TRUE(second.ok()) << second.status().ToString();
  for (const char* change :
       {"column grow_pages.archived", "index grow_pages_seen", "table grow_links", "grow_pages_title"}) {
    EXPECT_NE(second->find(change), std::string::npos) << change << " in " << *second;
  }
  const Answer answer = Must(
      R"([{"op":"update","table":"grow.pages","where":{"id":1},"set":{"archived":true},"return":["title","archived","extra"]},
     {"op":"insert","table":"grow.pages","row":{"id":2,"title":"home","extra":{"kind":"k"}}},
     {"op":"query","from":"grow.pages","select":["id"],"where":{"extra->kind":"k"}},{"op":"insert","table":"grow.links","row":{"id":1,"page":2}}])");
  EXPECT_EQ(
      answer.At("/0/0/rows/0"),
      R"({"old":{"title":"home","archived":false,"extra":null},"new":{"title":"home","archived":true,"extra":null}})");
  EXPECT_EQ(answer.At("/0/2/rows"), R"([{"id":2}])");
  const auto third = EnsureSchema(WithVersion(2, kSecond));
  ASSERT_TRUE(third.ok());
  EXPECT_NE(third->find(R"("created":[],"changed":[])"), std::string::npos) << *third;
}

TEST_P(BasicStorage, ADatabaseNewerThanTheProgramIsRefused) {
  ASSERT_TRUE(EnsureSchema(WithVersion(5, kFirst)).ok());
  const auto older = EnsureSchema(WithVersion(4, kFirst));
  EXPECT_EQ(older.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(older.status().message().find("version 5"), std::string_view::npos) << older.status().ToString();
}

TEST_P(FullStorage, AMigrationThatCannotBeDoneChangesNothingAndSaysWhy) {
  ASSERT_TRUE(EnsureSchema(WithVersion(1, kFirst)).ok());
  Must(R"([{"op":"insert","table":"grow.pages","rows":[{"id":1,"title":"a"},{"id":2,"title":"b"}]}])");
  const auto failed = EnsureSchema(WithVersion(2, R"({"pages":{"columns":{"id":{"type":"int64","primary":true},
    "title":{"type":"text"},"fine":{"type":"text"},"must":{"type":"text","null":false}}}})"));
  EXPECT_EQ(failed.status().code(), Code::kFailedPrecondition) << failed.status().ToString();
  EXPECT_NE(failed.status().message().find("must"), std::string_view::npos) << failed.status().ToString();
  EXPECT_NE(failed.status().message().find("default"), std::string_view::npos) << failed.status().ToString();
  const auto again = EnsureSchema(WithVersion(1, kFirst));
  EXPECT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(Must(R"([{"op":"query","from":"grow.pages"}])").Int("/0/0/count"), 2);
}

TEST_P(FullStorage, FaultySchemasAreRefusedByName) {
  struct Case {
    const char* tables;
    const char* says;
  };

  const std::vector<Case> cases = {
      {R"({"Bad":{"columns":{"id":{"type":"int64","primary":true}}}})", "grow.Bad"},
      {R"({"t":{"columns":{"id":{"type":"int64"}}}})", "primary"},
      {R"({"t":{"columns":{"id":{"type":"integer","primary":true}}}})", "grow.t.id.type"},
      {R"({"t":{"columns":{"id":{"type":"int64","primary":true,"defualt":1}}}})", "did you mean 'default'?"},
      {R"({"t":{"columns":{"id":{"type":"int64","primary":true,"references":"u.id"}}}})", "u.id"},
      {R"({"t":{"columns":{"id":{"type":"int64","primary":true}},"indexes":[{"name":"i","columns":["idd"]}]}})",
       "did you mean 'id'?"},
      {R"({"t":{"physical":"lab_teams","columns":{"id":{"type":"int64","primary":true}}}})", "lab_teams"},
      {R"({"t":{"physical":"tutti_journal","columns":{"id":{"type":"int64","primary":true}}}})", "tutti_journal"},
      {R"({"t":{"columns":{"id\"; DROP":{"type":"int64","primary":true}}}})", "not a free column name"},
  };
  for (const Case& one : cases) {
    const auto result = EnsureSchema(WithVersion(1, one.tables));
    ASSERT_FALSE(result.ok()) << one.tables;
    EXPECT_NE(result.status().message().find(one.says), std::string_view::npos) << result.status().ToString();
  }
}

TEST_P(FullStorage, ReferencesMayReachIntoAnotherNamespace) {
  ASSERT_TRUE(EnsureSchema(WithVersion(1, R"({"pages":{"columns":{"id":{"type":"int64","primary":true},
      "team":{"type":"uuid","references":"lab.teams.id","on_delete":"set_null"}}}})"))
                  .ok());
  AddTeam(1);
  Must(R"([{"op":"insert","table":"grow.pages","row":{"id":1,"team":")" + Id(1) + R"("}}])");
  const Answer answer =
      Must(R"([{"op":"delete","table":"lab.teams","where":{}},{"op":"query","from":"grow.pages","select":["team"]}])");
  EXPECT_EQ(answer.At("/0/1/rows"), R"([{"team":null}])");
}

}  // namespace tutti::storage_suite
