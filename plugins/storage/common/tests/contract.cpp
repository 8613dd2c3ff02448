#include "contract.h"

#include <rapidjson/pointer.h>

#include <future>

namespace tutti::storage::testing {

std::string_view Schema() {
  return R"json({
  "namespace": "lab", "version": 3, "owner": "test.owner",
  "grants": {"test.reader": {"teams": ["query"], "agents": ["query", "insert"]}},
  "tables": {
    "teams": {"columns": {
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
      "updated": {"type": "time", "null": false, "default": "now"}},
      "indexes": [{"name": "lab_teams_created", "columns": ["created desc"]},
                  {"name": "lab_teams_kind", "columns": ["meta->kind"], "where": {"active": true}}],
      "touch": ["updated"]},
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
      "indexes": [{"name": "lab_logs_agent", "columns": ["agent_id", "timestamp desc"]}]},
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
      "a_time": {"type": "time"}, "a_uuid": {"type": "uuid"}, "a_bytes": {"type": "bytes"}}}
  }})json";
}

Answer::Answer(Result<std::string> result) : result_(std::move(result)) {
  if (result_.ok()) {
    document_ = std::make_shared<rapidjson::Document>();
    document_->Parse(result_->data(), result_->size());
    EXPECT_FALSE(document_->HasParseError()) << *result_;
  }
}

std::string Answer::At(std::string_view pointer) const {
  if (!document_ || document_->HasParseError()) {
    return text();
  }
  const rapidjson::Pointer path("/results" + std::string(pointer));
  const rapidjson::Value* found = path.Get(*document_);
  return found == nullptr ? "absent" : JsonWriter().Value(*found).Take();
}

void StorageContract::SetUp() {
  backend_ = GetParam().make();
  ASSERT_NE(backend_, nullptr);
  Reopen();
}

void StorageContract::TearDown() {
  engine_.reset();
  backend_.reset();
}

void StorageContract::Reopen(const EngineOptions& options) {
  engine_.reset();
  engine_ = backend_->MakeEngine(options);
  const Status opened = engine_->Open();
  ASSERT_TRUE(opened.ok()) << opened.ToString();
  const auto ensured = engine_->EnsureSchema(Schema());
  ASSERT_TRUE(ensured.ok()) << ensured.status().ToString();
}

Answer StorageContract::RunAs(std::string_view plugin, std::string_view ops) {
  return RunBatch("{\"parts\":[{\"by\":\"" + std::string(plugin) + "\",\"ops\":" + std::string(ops) + "}]}");
}

Answer StorageContract::RunBatch(std::string_view batch) {
  std::promise<Result<std::string>> promise;
  auto answer = promise.get_future();
  engine_->Execute("test.owner", batch, [&](Result<std::string> result) { promise.set_value(std::move(result)); });
  return Answer(answer.get());
}

Answer StorageContract::Must(std::string_view ops) {
  Answer answer = Run(ops);
  EXPECT_TRUE(answer.ok()) << answer.text() << "\nin " << ops.substr(0, 400);
  return answer;
}

std::string StorageContract::Id(int number) {
  std::string digits = std::to_string(number);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

void StorageContract::AddTeam(int number) {
  Must(R"([{"op":"insert","table":"lab.teams","row":{"id":")" + Id(number) + R"(","name":"team )" +
       std::to_string(number) + R"("}}])");
}

void StorageContract::AddAgent(int number, int team, std::string_view name) {
  Must(R"([{"op":"insert","table":"lab.agents","row":{"id":")" + Id(number) + R"(","team_id":")" + Id(team) +
       R"(","name":")" + std::string(name) + R"("}}])");
}

}  // namespace tutti::storage::testing
