// The database as an installation of the reference orchestrator left it: section 3 of its contract, with its indexes,
// triggers and the constraint on names that the server replaces.
#pragma once

namespace tutti::test {

inline constexpr const char* kReferenceTables = R"sql(
CREATE TABLE orchestrator_agents (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), session_id TEXT UNIQUE,
  system_prompt TEXT, status TEXT CHECK (status IN ('idle','executing','waiting','blocked','complete')), working_dir TEXT,
  input_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0, total_cost DECIMAL(10,4) DEFAULT 0,
  archived BOOLEAN DEFAULT false, metadata JSONB DEFAULT '{}', created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now());
CREATE TABLE agents (id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  orchestrator_agent_id UUID NOT NULL REFERENCES orchestrator_agents(id) ON DELETE CASCADE, name TEXT NOT NULL,
  model TEXT NOT NULL, system_prompt TEXT, working_dir TEXT, git_worktree TEXT,
  status TEXT CHECK (status IN ('idle','executing','waiting','blocked','complete')), session_id TEXT, adw_id TEXT,
  adw_step TEXT, input_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0, total_cost DECIMAL(10,4) DEFAULT 0,
  archived BOOLEAN DEFAULT false, metadata JSONB DEFAULT '{}', created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(), UNIQUE (orchestrator_agent_id, name));
CREATE TABLE prompts (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), agent_id UUID REFERENCES agents(id) ON DELETE CASCADE,
  task_slug TEXT, author TEXT NOT NULL CHECK (author IN ('engineer','orchestrator_agent')), prompt_text TEXT NOT NULL,
  summary TEXT, "timestamp" TIMESTAMPTZ NOT NULL DEFAULT now(), session_id TEXT);
CREATE TABLE agent_logs (id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  agent_id UUID NOT NULL REFERENCES agents(id) ON DELETE CASCADE, session_id TEXT, task_slug TEXT, adw_id TEXT,
  adw_step TEXT, entry_index INTEGER, event_category TEXT NOT NULL CHECK (event_category IN ('hook','response')),
  event_type TEXT NOT NULL, content TEXT, payload JSONB DEFAULT '{}', summary TEXT,
  "timestamp" TIMESTAMPTZ NOT NULL DEFAULT now());
CREATE TABLE system_logs (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), file_path TEXT, adw_id TEXT, adw_step TEXT,
  level TEXT NOT NULL CHECK (level IN ('DEBUG','INFO','WARNING','ERROR')), message TEXT NOT NULL, summary TEXT,
  metadata JSONB DEFAULT '{}', "timestamp" TIMESTAMPTZ NOT NULL DEFAULT now());
CREATE TABLE orchestrator_chat (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  orchestrator_agent_id UUID NOT NULL REFERENCES orchestrator_agents(id) ON DELETE CASCADE,
  sender_type TEXT NOT NULL CHECK (sender_type IN ('user','orchestrator','agent')),
  receiver_type TEXT NOT NULL CHECK (receiver_type IN ('user','orchestrator','agent')), message TEXT NOT NULL, summary TEXT,
  agent_id UUID REFERENCES agents(id) ON DELETE CASCADE, metadata JSONB DEFAULT '{}',
  CHECK ((agent_id IS NOT NULL) = (sender_type = 'agent' OR receiver_type = 'agent')));
)sql";

inline constexpr const char* kReferenceIndexes = R"sql(
CREATE INDEX idx_orchestrator_agents_status ON orchestrator_agents (status);
CREATE INDEX idx_orchestrator_agents_updated_at ON orchestrator_agents (updated_at DESC);
CREATE INDEX idx_agents_status ON agents (status);
CREATE INDEX idx_agents_archived ON agents (archived);
CREATE INDEX idx_agents_updated_at ON agents (updated_at DESC);
CREATE INDEX idx_agents_name ON agents (name);
CREATE INDEX idx_prompts_agent_id ON prompts (agent_id);
CREATE INDEX idx_prompts_author ON prompts (author);
CREATE INDEX idx_prompts_timestamp ON prompts ("timestamp" DESC);
CREATE INDEX idx_prompts_task_slug ON prompts (task_slug) WHERE task_slug IS NOT NULL;
CREATE INDEX idx_agent_logs_agent_id ON agent_logs (agent_id);
CREATE INDEX idx_agent_logs_task_slug ON agent_logs (task_slug) WHERE task_slug IS NOT NULL;
CREATE INDEX idx_agent_logs_adw_id ON agent_logs (adw_id) WHERE adw_id IS NOT NULL;
CREATE INDEX idx_agent_logs_adw_step ON agent_logs (adw_step) WHERE adw_step IS NOT NULL;
CREATE INDEX idx_agent_logs_task_slug_entry_index ON agent_logs (task_slug, entry_index) WHERE task_slug IS NOT NULL;
CREATE INDEX idx_agent_logs_event_category ON agent_logs (event_category);
CREATE INDEX idx_agent_logs_event_type ON agent_logs (event_type);
CREATE INDEX idx_agent_logs_category_type ON agent_logs (event_category, event_type);
CREATE INDEX idx_agent_logs_timestamp ON agent_logs ("timestamp" DESC);
CREATE INDEX idx_agent_logs_session_id ON agent_logs (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX idx_system_logs_level ON system_logs (level);
CREATE INDEX idx_system_logs_timestamp ON system_logs ("timestamp" DESC);
CREATE INDEX idx_system_logs_adw_id ON system_logs (adw_id) WHERE adw_id IS NOT NULL;
CREATE INDEX idx_system_logs_adw_step ON system_logs (adw_step) WHERE adw_step IS NOT NULL;
CREATE INDEX idx_orchestrator_chat_orchestrator_agent_id ON orchestrator_chat (orchestrator_agent_id);
CREATE INDEX idx_orchestrator_chat_agent_id ON orchestrator_chat (agent_id);
CREATE INDEX idx_orchestrator_chat_sender_type ON orchestrator_chat (sender_type);
CREATE INDEX idx_orchestrator_chat_receiver_type ON orchestrator_chat (receiver_type);
CREATE INDEX idx_orchestrator_chat_orchestrator_created ON orchestrator_chat (orchestrator_agent_id, created_at DESC);
CREATE INDEX idx_orchestrator_chat_agent_created ON orchestrator_chat (agent_id, created_at DESC);
CREATE FUNCTION touch() RETURNS trigger AS 'BEGIN NEW.updated_at = now(); RETURN NEW; END' LANGUAGE plpgsql;
CREATE TRIGGER orchestrator_agents_touch BEFORE UPDATE ON orchestrator_agents FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER agents_touch BEFORE UPDATE ON agents FOR EACH ROW EXECUTE FUNCTION touch();
)sql";

}  // namespace tutti::test
