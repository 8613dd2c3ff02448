#include "suite.h"

namespace tutti::storage_suite {
namespace {

constexpr std::string_view kTeamColumns = R"json(
      "id": {"type": "uuid", "primary": true, "default": "random"},
      "name": {"type": "text", "null": false},
      "session": {"type": "text", "unique": true},
      "status": {"type": "text", "in": ["idle", "executing", "blocked"]},
      "budget": {"type": "decimal", "default": 0},
      "tokens": {"type": "int64", "default": 0},
      "active": {"type": "bool", "default": true},
      "meta": {"type": "json", "default": {}},
      "version": {"type": "int64", "default": 1},
      "created": {"type": "time", "null": false, "default": "now"},
      "updated": {"type": "time", "null": false, "default": "now"})json";

constexpr std::string_view kBasicTables = R"json(
    "notes": {"columns": {
      "team": {"type": "text", "primary": true},
      "place": {"type": "int64", "primary": true},
      "body": {"type": "text"},
      "stamp": {"type": "time", "null": false}}},
    "jobs": {"columns": {
      "id": {"type": "int64", "primary": true},
      "state": {"type": "text", "default": "ready"},
      "priority": {"type": "int64", "null": false, "default": 0},
      "owner": {"type": "text"},
      "until": {"type": "time"}}},
    "things": {"columns": {
      "id": {"type": "int64", "primary": true},
      "a_text": {"type": "text"}, "a_number": {"type": "int64"}, "a_double": {"type": "double"},
      "a_decimal": {"type": "decimal"}, "a_bool": {"type": "bool"}, "a_json": {"type": "json"},
      "a_time": {"type": "time"}, "a_uuid": {"type": "uuid"}, "a_bytes": {"type": "bytes"}}})json";

constexpr std::string_view kFullTables = R"json(
    "agents": {"columns": {
      "id": {"type": "uuid", "primary": true, "default": "random"},
      "team_id": {"type": "uuid", "null": false, "references": "teams.id", "on_delete": "cascade"},
      "name": {"type": "text", "null": false},
      "archived": {"type": "bool", "null": false, "default": false},
      "boss": {"type": "uuid", "references": "lab.agents.id", "on_delete": "set_null"}},
      "unique": [{"name": "lab_agents_live", "columns": ["team_id", "name"], "where": {"archived": false}}]},
    "logs": {"columns": {
      "id": {"type": "int64", "primary": true},
      "agent_id": {"type": "uuid", "references": "agents.id"},
      "kind": {"type": "text"},
      "text": {"type": "text"},
      "payload": {"type": "json"},
      "timestamp": {"type": "time", "null": false, "default": "now"}},
      "checks": [{"name": "lab_logs_text_when_said", "check": {"or": [{"kind": {"ne": "said"}}, {"text": {"null": false}}]}}],
      "indexes": [{"name": "lab_logs_agent", "columns": ["agent_id", "timestamp desc"]}]},)json";

std::string Namespace(std::string_view reader_grants, std::string_view team_indexes, std::string_view more_tables) {
  std::string schema = R"({"namespace": "lab", "version": 3, "owner": "test.owner", "grants": {"test.reader": )";
  schema.append(reader_grants).append(R"(}, "tables": {"teams": {"columns": {)").append(kTeamColumns).append("},");
  schema.append(team_indexes).append(R"("touch": ["updated"]},)").append(more_tables).append(kBasicTables);
  return schema.append("}}");
}

}  // namespace

std::string BasicSchema() {
  return Namespace(R"({"teams": ["query"], "jobs": ["query", "insert"]})", "", "");
}

std::string FullSchema() {
  return Namespace(R"({"teams": ["query"], "agents": ["query", "insert"]})",
                   R"("indexes": [{"name": "lab_teams_created", "columns": ["created desc"]},
                                  {"name": "lab_teams_kind", "columns": ["meta->kind"], "where": {"active": true}}],)",
                   kFullTables);
}

void StorageCase::SetUp() {
  backend_ = GetParam().make();
  ASSERT_NE(backend_, nullptr);
  Reopen();
}

void StorageCase::TearDown() {
  storage_.reset();
  backend_.reset();
}

void StorageCase::Reopen() {
  storage_.reset();
  Result<std::unique_ptr<Storage>> opened = backend_->Open();
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  storage_ = std::move(*opened);
  const auto ensured = EnsureSchema(schema_);
  ASSERT_TRUE(ensured.ok()) << ensured.status().ToString();
}

Answer StorageCase::RunAs(std::string_view plugin, std::string_view ops) {
  return RunBatch("{\"parts\":[{\"by\":\"" + std::string(plugin) + "\",\"ops\":" + std::string(ops) + "}]}");
}

Answer StorageCase::RunBatch(std::string_view batch) {
  return Answer(storage_->Execute("test.owner", std::string(batch)));
}

Answer StorageCase::Must(std::string_view ops) {
  Answer answer = Run(ops);
  EXPECT_TRUE(answer.ok()) << answer.text() << "\nin " << ops.substr(0, 400);
  return answer;
}

std::string StorageCase::Id(int number) {
  std::string digits = std::to_string(number);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

void StorageCase::AddTeam(int number) {
  Must(R"([{"op":"insert","table":"lab.teams","row":{"id":")" + Id(number) + R"(","name":"team )" +
       std::to_string(number) + R"("}}])");
}

void StorageCase::AddAgent(int number, int team, std::string_view name) {
  Must(R"([{"op":"insert","table":"lab.agents","row":{"id":")" + Id(number) + R"(","team_id":")" + Id(team) +
       R"(","name":")" + std::string(name) + R"("}}])");
}

}  // namespace tutti::storage_suite
