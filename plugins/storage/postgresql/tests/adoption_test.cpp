// A database made by the reference orchestrator's own schema is taken over without losing a row.
#include "engine_fixture.h"

namespace tutti::storage::postgresql {
namespace {

// Section 3 of the contract, as the reference creates it; two columns and some indexes are missing, as in older ones.
constexpr const char* kReference = R"sql(
CREATE TABLE orchestrator_agents (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), session_id TEXT UNIQUE, system_prompt TEXT,
  status TEXT CHECK (status IN ('idle','executing','waiting','blocked','complete')), working_dir TEXT,
  input_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0, total_cost DECIMAL(10,4) DEFAULT 0,
  archived BOOLEAN DEFAULT false, metadata JSONB DEFAULT '{}'::jsonb, created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now());
CREATE TABLE agents (id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  orchestrator_agent_id UUID NOT NULL REFERENCES orchestrator_agents(id) ON DELETE CASCADE, name TEXT NOT NULL,
  model TEXT NOT NULL, status TEXT, session_id TEXT, input_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0,
  total_cost DECIMAL(10,4) DEFAULT 0, archived BOOLEAN DEFAULT false, metadata JSONB DEFAULT '{}'::jsonb,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(), updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  UNIQUE (orchestrator_agent_id, name));
CREATE INDEX idx_agents_status ON agents(status);
CREATE FUNCTION touch() RETURNS trigger AS 'BEGIN NEW.updated_at = now(); RETURN NEW; END' LANGUAGE plpgsql;
CREATE TRIGGER agents_touch BEFORE UPDATE ON agents FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE agent_logs (id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  agent_id UUID NOT NULL REFERENCES agents(id) ON DELETE CASCADE, entry_index INTEGER, event_category TEXT NOT NULL,
  event_type TEXT NOT NULL, content TEXT, payload JSONB DEFAULT '{}'::jsonb, "timestamp" TIMESTAMPTZ NOT NULL DEFAULT now());
INSERT INTO orchestrator_agents (id, session_id, input_tokens, total_cost)
  VALUES ('00000000-0000-4000-8000-000000000001', 'session', 2147483647, 999999.9999);
INSERT INTO agents (id, orchestrator_agent_id, name, model, status, metadata) VALUES ('00000000-0000-4000-8000-000000000002',
  '00000000-0000-4000-8000-000000000001', 'scout', 'm', 'idle', '{"template_name": "t"}');
INSERT INTO agent_logs (agent_id, entry_index, event_category, event_type, content, payload, "timestamp") VALUES
  ('00000000-0000-4000-8000-000000000002', 0, 'response', 'text', 'hello', '{"text": "hello"}', '2026-01-01 00:00:00.5+00');
)sql";

constexpr std::string_view kOwn = R"json({"namespace":"orchestrator","version":1,"owner":"o","tables":{
  "orchestrator_agents":{"physical":"orchestrator_agents","columns":{"id":{"type":"uuid","primary":true},
    "session_id":{"type":"text","unique":true},"system_prompt":{"type":"text"},
    "status":{"type":"text","in":["idle","executing","waiting","blocked","complete"]},"working_dir":{"type":"text"},
    "input_tokens":{"type":"int64","default":0},"output_tokens":{"type":"int64","default":0},
    "total_cost":{"type":"decimal","default":0},"archived":{"type":"bool","default":false},"metadata":{"type":"json","default":{}},
    "created_at":{"type":"time","null":false,"default":"now"},"updated_at":{"type":"time","null":false,"default":"now"}},
    "touch":["updated_at"]},
  "agents":{"physical":"agents","columns":{"id":{"type":"uuid","primary":true},
    "orchestrator_agent_id":{"type":"uuid","null":false,"references":"orchestrator_agents.id","on_delete":"cascade"},
    "name":{"type":"text","null":false},"model":{"type":"text","null":false},"system_prompt":{"type":"text"},
    "git_worktree":{"type":"text"},"status":{"type":"text"},"session_id":{"type":"text"},
    "input_tokens":{"type":"int64","default":0},"output_tokens":{"type":"int64","default":0},
    "total_cost":{"type":"decimal","default":0},"archived":{"type":"bool","default":false},"metadata":{"type":"json","default":{}},
    "created_at":{"type":"time","null":false,"default":"now"},"updated_at":{"type":"time","null":false,"default":"now"}},
    "unique":[{"name":"agents_live_name_key","columns":["orchestrator_agent_id","name"],"where":{"archived":false},
      "replaces":["agents_orchestrator_agent_id_name_key"]}],
    "indexes":[{"name":"idx_agents_status","columns":["status"]},{"name":"idx_agents_updated_at","columns":["updated_at desc"]}],
    "touch":["updated_at"]},
  "agent_logs":{"physical":"agent_logs","columns":{"id":{"type":"uuid","primary":true},
    "agent_id":{"type":"uuid","null":false,"references":"agents.id","on_delete":"cascade"},"entry_index":{"type":"int64"},
    "event_category":{"type":"text","null":false},"event_type":{"type":"text","null":false},"content":{"type":"text"},
    "payload":{"type":"json","default":{}},"summary":{"type":"text"},"timestamp":{"type":"time","null":false,"default":"now"}},
    "indexes":[{"name":"idx_agent_logs_agent_timestamp","columns":["agent_id","timestamp desc"]}]}}})json";

class Adoption : public PostgresqlEngine {
 protected:
  void SetUp() override {
    PostgresqlEngine::SetUp();
    ASSERT_EQ(Sql(kReference), "");
    const Status status = Open({}, kOwn);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
};

TEST_F(Adoption, RowsAreThereAndReadInCanonicalForm) {
  const std::string text =
      Text(R"([{"op":"query","from":"orchestrator.agent_logs","as":"l","order":[{"by":"timestamp","desc":true}],
     "join":[{"table":"orchestrator.agents","as":"a","on":{"a.id":"l.agent_id"}}],
     "select":{"name":"a.name","content":"content","timestamp":"timestamp","template":"a.metadata->template_name","summary":"summary"}},
     {"op":"query","from":"orchestrator.orchestrator_agents","select":["total_cost","input_tokens"]}])");
  EXPECT_NE(
      text.find(
          R"({"name" : "scout", "content" : "hello", "timestamp" : "2026-01-01T00:00:00.500000+00:00", "template" : "t", "summary" : null})"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find(R"({"total_cost" : 999999.9999, "input_tokens" : 2147483647})"), std::string::npos) << text;
}

TEST_F(Adoption, CountersAndCostsAreWiderAndIndexesAdded) {
  const auto grown = Run(R"([{"op":"update","table":"orchestrator.orchestrator_agents","where":{},
     "add":{"input_tokens":2147483647,"total_cost":0.00001},"return":["input_tokens","total_cost"]}])");
  ASSERT_TRUE(grown.ok()) << grown.status().ToString();
  EXPECT_NE(grown->find(R"("new":{"input_tokens" : 4294967294, "total_cost" : 999999.99991})"), std::string::npos)
      << *grown;
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_indexes WHERE indexname IN ('idx_agents_updated_at', 'agents_live_name_key', "
                "'idx_agent_logs_agent_timestamp', 'orchestrator_agents_session_id_key')"),
            "4");
}

TEST_F(Adoption, UniquenessOfNamesHoldsForLiveAgentsOnly) {
  const std::string again = R"([{"op":"insert","table":"orchestrator.agents","row":{"name":"scout","model":"m",
     "orchestrator_agent_id":"00000000-0000-4000-8000-000000000001"}}])";
  EXPECT_EQ(Run(again).status().code(), Code::kAlreadyExists);
  ASSERT_TRUE(
      Run(R"([{"op":"update","table":"orchestrator.agents","where":{"name":"scout"},"set":{"archived":true}}])").ok());
  const auto inserted = Run(again);
  EXPECT_TRUE(inserted.ok()) << inserted.status().ToString();
}

TEST_F(Adoption, EnsuringAgainChangesNothing) {
  const auto again = engine_->EnsureSchema(kOwn);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(*again, R"({"namespace":"orchestrator","version":1,"created":[],"changed":[]})");
}

TEST_F(PostgresqlEngine, FreshTablesCarryTheDatabaseDefaultsOfTheContract) {
  const Status status = Open({}, kOwn);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(
      Sql("INSERT INTO orchestrator_agents DEFAULT VALUES RETURNING (id IS NOT NULL AND created_at IS NOT NULL AND "
          "metadata = '{}' AND total_cost = 0 AND NOT archived)"),
      "t");
}

}  // namespace
}  // namespace tutti::storage::postgresql
