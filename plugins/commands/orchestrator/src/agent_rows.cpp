#include "agent_rows.h"

#include <algorithm>

#include "tutti/sdk/text.hpp"
#include "wire_messages.h"

namespace tutti::orchestrator {
namespace {

constexpr std::string_view kAgents = "orchestrator.agents";

std::string ById(std::string_view id) {
  return JsonObject()("id", id).Take();
}

std::string LiveById(std::string_view id) {
  return JsonObject()("id", id)("archived", false).Take();
}

std::string Gone() {
  return JsonObject()("affected", 1)("code", "NOT_FOUND")("message", "the agent was deleted").Take();
}

Op AppendFor(std::string_view stream, std::string_view type, std::string_view agent, std::string_view data) {
  Op op = Op::Append(stream, type, data);
  op("agent", agent);
  return op;
}

Op AnnounceStatus(std::string_view stream, std::string_view agent, std::string_view new_status) {
  Op op = AppendFor(stream, "agent_status_changed", agent, wire::AgentStatusChanged(agent, {}, new_status));
  op.Raw("refs", R"({"/data/old_status":"agent.rows/0/old/status"})");
  return op;
}

Op AnnounceTotals(std::string_view stream, std::string_view agent) {
  Op op = AppendFor(stream, "agent_updated", agent, wire::AgentUpdated(agent));
  op.Raw("refs", R"({"/data/agent/input_tokens":"agent.rows/0/new/input_tokens",)"
                 R"("/data/agent/output_tokens":"agent.rows/0/new/output_tokens",)"
                 R"("/data/agent/total_cost":"agent.rows/0/new/total_cost"})");
  return op;
}

std::string NamesJson(const std::vector<std::string>& names) {
  JsonWriter writer;
  writer.BeginArray();
  for (const std::string& name : names) {
    writer.Value(name);
  }
  return writer.EndArray().Take();
}

std::vector<std::string> Names(JsonView json) {
  std::vector<std::string> names;
  json.ForEach([&](JsonView name) { names.emplace_back(name.AsString()); });
  return names;
}

bool TakesAway(std::string_view disallowed, std::string_view tool) {
  return tool == disallowed || (disallowed.starts_with("mcp__") && tool.starts_with(disallowed) &&
                                tool.substr(disallowed.size()).starts_with("__"));
}

// What the console shows of a template, and what later turns need of it.
std::string Metadata(const Agent& agent) {
  JsonObject metadata;
  if (agent.template_name.empty()) {
    return metadata.Take();
  }
  metadata("template_name", agent.template_name).OrNull("template_color", agent.template_color);
  if (agent.tools) {
    metadata.Raw("template_tools", NamesJson(*agent.tools));
  }
  if (!agent.disallowed_tools.empty()) {
    metadata.Raw("template_disallowed_tools", NamesJson(agent.disallowed_tools));
  }
  if (agent.max_turns > 0) {
    metadata("template_max_turns", agent.max_turns);
  }
  return metadata.Take();
}

std::optional<std::vector<std::string>> TemplateTools(JsonView metadata) {
  if (!metadata["template_tools"].is_array()) {
    return std::nullopt;
  }
  return Names(metadata["template_tools"]);
}

Op UpdateAfterTurn(const Agent& agent, std::string_view status, const TurnTotals& totals) {
  Op op = Op::Update(kAgents, ById(agent.id));
  JsonObject set;
  set("status", status)("session_id", agent.conversation());
  (void)totals.AddResets(set);
  JsonObject metadata;
  if (totals.AddContext(metadata)) {
    op.Raw("merge", JsonObject().Raw("metadata", metadata.Take()).Take());
  }
  op("label", "agent").Raw("set", set.Take());
  op.Raw("add", totals.Additions()).Raw("return", R"(["status","input_tokens","output_tokens","total_cost"])");
  return op;
}

}  // namespace

Agent Agent::FromRow(JsonView row) {
  const auto text = [&](const char* column) { return std::string(row[column].AsString()); };
  return {text("id"),
          text("name"),
          text("model"),
          text("system_prompt"),
          text("working_dir"),
          std::string(row["status"].AsString("idle")),
          text("session_id"),
          row["input_tokens"].AsInt(),
          row["output_tokens"].AsInt(),
          row["total_cost"].AsDouble(),
          std::string(row["metadata"]["template_name"].AsString()),
          std::string(row["metadata"]["template_color"].AsString()),
          TemplateTools(row["metadata"]),
          Names(row["metadata"]["template_disallowed_tools"]),
          row["metadata"]["template_max_turns"].AsInt()};
}

std::vector<std::string> Agent::ToolsOfTurn(const std::vector<std::string>& default_tools) const {
  std::vector<std::string> left = tools.value_or(default_tools);
  std::erase_if(left, [&](const std::string& tool) {
    return std::any_of(disallowed_tools.begin(), disallowed_tools.end(),
                       [&](const std::string& disallowed) { return TakesAway(disallowed, tool); });
  });
  return left;
}

std::vector<Agent> Agent::FromRows(std::string_view rows) {
  std::vector<Agent> agents;
  const Result<Json> json = Json::Parse(rows);
  if (json.ok()) {
    json->view().ForEach([&](JsonView row) { agents.push_back(FromRow(row)); });
  }
  return agents;
}

TurnTotals TurnTotals::FromResult(std::string_view body) {
  const Result<Json> json = Json::Parse(body.empty() ? std::string_view("{}") : body);
  if (!json.ok()) {
    return {};
  }
  const JsonView usage = (*json)["usage"];
  TurnTotals totals;
  totals.input_tokens = usage["input_tokens"].AsInt();
  totals.output_tokens = usage["output_tokens"].AsInt();
  totals.cost_usd = (*json)["cost_usd"].AsDouble();
  totals.context_tokens = (*json)["context_tokens"].AsInt();
  totals.is_reset = (*json)["compactions"].AsInt() > 0;
  totals.input_tokens_since = (*json)["usage_since_compaction"]["input_tokens"].AsInt();
  totals.output_tokens_since = (*json)["usage_since_compaction"]["output_tokens"].AsInt();
  return totals;
}

std::string TurnTotals::Additions() const {
  JsonObject additions;
  if (!is_reset) {
    additions("input_tokens", input_tokens)("output_tokens", output_tokens);
  }
  return additions("total_cost", cost_usd).Take();
}

bool TurnTotals::AddResets(JsonObject& set) const {
  if (is_reset) {
    set("input_tokens", input_tokens_since)("output_tokens", output_tokens_since);
  }
  return is_reset;
}

bool TurnTotals::AddContext(JsonObject& metadata) const {
  if (context_tokens > 0 || is_reset) {
    metadata("context_tokens", context_tokens);
    return true;
  }
  return false;
}

Op InsertAgent(std::string_view orchestrator, const Agent& agent) {
  JsonObject row;
  row("id", agent.id)("orchestrator_agent_id", orchestrator)("name", agent.name)("model", agent.model);
  row("system_prompt", agent.system_prompt)("working_dir", agent.working_dir)("status", "idle");
  return Op::Insert(kAgents, row.Raw("metadata", Metadata(agent)).Take());
}

Op FindAgent(std::string_view orchestrator, std::string_view name) {
  Op op = Op::Query(kAgents);
  op.Raw("where", JsonObject()("orchestrator_agent_id", orchestrator)("name", name)("archived", false).Take());
  op("limit", 1);
  return op;
}

Op ListAgents(std::string_view orchestrator, std::int64_t limit) {
  JsonObject select;
  for (const char* column : {"id", "orchestrator_agent_id", "name", "model", "system_prompt", "working_dir",
                             "git_worktree", "status", "session_id", "adw_id", "adw_step", "input_tokens",
                             "output_tokens", "total_cost", "archived", "metadata", "created_at", "updated_at"}) {
    select(column, column);
  }
  select.Raw("log_count", R"({"count_of":"orchestrator.agent_logs","match":{"agent_id":"id"}})");
  Op op = Op::Query(kAgents);
  op.Raw("where", JsonObject()("orchestrator_agent_id", orchestrator)("archived", false).Take());
  op.Raw("select", select.Take()).Raw("order", R"([{"by":"created_at","desc":true}])")("limit", limit);
  return op;
}

Op InsertPrompt(const Agent& agent, std::string_view command, std::string_view slug) {
  JsonObject row;
  row("id", NewUuid())("agent_id", agent.id)("task_slug", slug)("author", "orchestrator_agent");
  row("prompt_text", command)("timestamp", NowIso()).OrNull("session_id", agent.session_id);
  return Op::Insert("orchestrator.prompts", row.Take());
}

std::string BeginTurnBatch(std::string_view stream, const Agent& agent) {
  Op update = Op::Update(kAgents, LiveById(agent.id));
  update("label", "agent").Raw("set", R"({"status":"executing"})");
  update.Raw("return", R"(["status","session_id"])").Raw("expect", Gone());
  Batch batch;
  batch.Add(update).Add(AnnounceStatus(stream, agent.id, "executing"));
  return batch.Take();
}

std::string EndTurnBatch(std::string_view stream, const Agent& agent, std::string_view status,
                         const TurnTotals& totals) {
  Batch batch;
  batch.Add(UpdateAfterTurn(agent, status, totals));
  if (totals.has_tokens() || totals.is_reset) {
    batch.Add(AnnounceTotals(stream, agent.id));
  }
  batch.Add(AnnounceStatus(stream, agent.id, status));
  return batch.Take();
}

std::string BeginSessionBatch(std::string_view stream, const Agent& agent, std::string_view session) {
  Op update = Op::Update(kAgents, LiveById(agent.id));
  JsonObject set;
  set("session_id", session)("input_tokens", 0)("output_tokens", 0);
  update("label", "agent").Raw("set", set.Take()).Raw("merge", R"({"metadata":{"context_tokens":0}})");
  update.Raw("return", R"(["status","input_tokens","output_tokens","total_cost"])").Raw("expect", Gone());
  return Batch().Add(update).Add(AnnounceTotals(stream, agent.id)).Take();
}

std::string EndGreetingBatch(std::string_view stream, const Agent& agent, const TurnTotals& totals) {
  Batch batch;
  batch.Add(UpdateAfterTurn(agent, "idle", totals));
  if (totals.has_tokens()) {
    batch.Add(AnnounceTotals(stream, agent.id));
  }
  batch.Add(AppendFor(stream, "agent_created", agent.id, wire::AgentCreated(agent.id, agent.name, agent.model)));
  return batch.Take();
}

std::string DeleteAgentBatch(std::string_view stream, std::string_view agent) {
  Op update = Op::Update(kAgents, LiveById(agent));
  update.Raw("set", R"({"archived":true})").Raw("expect", Gone());
  Batch batch;
  batch.Add(update).Add(AppendFor(stream, "agent_deleted", agent, wire::AgentDeleted(agent)));
  return batch.Take();
}

std::string ArchiveAgentBatch(std::string_view agent) {
  Op update = Op::Update(kAgents, ById(agent));
  update.Raw("set", R"({"archived":true})");
  return Batch().Add(update).Take();
}

std::string SetIdleBatch(std::string_view stream, const std::vector<Agent>& agents) {
  Batch batch;
  for (const Agent& agent : agents) {
    Op update = Op::Update(kAgents, ById(agent.id));
    update.Raw("set", R"({"status":"idle"})");
    batch.Add(update).Add(
        AppendFor(stream, "agent_status_changed", agent.id, wire::AgentStatusChanged(agent.id, agent.status, "idle")));
  }
  return batch.Take();
}

}  // namespace tutti::orchestrator
