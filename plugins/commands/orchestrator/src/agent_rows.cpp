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

// The agent as long as no new conversation began behind `conversation`.
std::string InConversation(std::string_view id, std::string_view conversation) {
  const std::string same = JsonObject()("session_id", conversation).Take();
  return JsonObject()("id", id).Raw("or", "[" + same + R"(,{"session_id":null}])").Take();
}

std::string Gone() {
  return JsonObject()("affected", 1)("code", "NOT_FOUND")("message", "the agent was deleted").Take();
}

Op AppendFor(const AgentKey& key, std::string_view type, std::string_view data) {
  Op op = Op::Append(key.stream, type, data);
  op("agent", key.agent)("tree", key.tree);
  return op;
}

Op AnnounceStatus(const AgentKey& key, std::string_view new_status) {
  Op op = AppendFor(key, "agent_status_changed", wire::AgentStatusChanged(key.agent, {}, new_status));
  op.Raw("refs", R"({"/data/old_status":"agent.rows/0/old/status"})");
  return op;
}

Op AnnounceTotals(const AgentKey& key) {
  Op op = AppendFor(key, "agent_updated", wire::AgentUpdated(key.agent));
  op.Raw("refs", R"({"/data/agent/input_tokens":"agent.rows/0/new/input_tokens",)"
                 R"("/data/agent/output_tokens":"agent.rows/0/new/output_tokens",)"
                 R"("/data/agent/total_cost":"agent.rows/0/new/total_cost"})");
  return op;
}

AgentKey KeyOf(const Agent& agent, const Place& place) {
  return {.agent = agent.id, .stream = agent.orchestrator, .tree = place.tree()};
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

}  // namespace

Agent Agent::FromRow(JsonView row) {
  const auto text = [&](const char* column) { return std::string(row[column].AsString()); };
  return {text("id"),
          text("orchestrator_agent_id"),
          text("name"),
          text("model"),
          text("system_prompt"),
          text("working_dir"),
          std::string(row["status"].AsString("idle")),
          text("session_id"),
          text("tree"),
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

TurnTotals TurnTotals::Read(JsonView body) {
  const JsonView usage = body["usage"];
  TurnTotals totals;
  totals.input_tokens = usage["input_tokens"].AsInt();
  totals.output_tokens = usage["output_tokens"].AsInt();
  totals.cost_usd = body["cost_usd"].AsDouble();
  totals.context_tokens = body["context_tokens"].AsInt();
  totals.is_reset = body["compactions"].AsInt() > 0;
  totals.input_tokens_since = body["usage_since_compaction"]["input_tokens"].AsInt();
  totals.output_tokens_since = body["usage_since_compaction"]["output_tokens"].AsInt();
  return totals;
}

std::string TurnTotals::TokensToAdd() const {
  return is_reset ? std::string() : JsonObject()("input_tokens", input_tokens)("output_tokens", output_tokens).Take();
}

std::string TurnTotals::CostToAdd() const {
  return JsonObject()("total_cost", cost_usd).Take();
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

Op InsertAgent(const Agent& agent) {
  const Place place = agent.place();
  JsonObject row;
  row("id", agent.id)("orchestrator_agent_id", agent.orchestrator)("name", agent.name)("model", agent.model);
  row.OrNull("parent_agent_id", place.depth() > 1 ? place.parent() : std::string_view());
  row("depth", place.depth())("tree", place.tree());
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

Op ExpectLive(const Agent& agent) {
  Op op = Op::Update(kAgents, LiveById(agent.id));
  op.Raw("set", R"({"archived":false})").Raw("expect", Gone());
  return op;
}

void AddStatus(Batch& batch, const AgentKey& key, std::string_view status) {
  Op update = Op::Update(kAgents, ById(key.agent));
  update("label", "agent").Raw("set", JsonObject()("status", status).Take()).Raw("return", R"(["status"])");
  batch.Add(update).Add(AnnounceStatus(key, status));
}

void AddTotals(Batch& batch, const AgentKey& key, std::string_view conversation, const TurnTotals& totals,
               std::string_view status) {
  JsonObject set;
  set("session_id", conversation);
  (void)totals.AddResets(set);
  Op tokens = Op::Update(kAgents, InConversation(key.agent, conversation));
  tokens.Raw("set", set.Take());
  if (const std::string added = totals.TokensToAdd(); !added.empty()) {
    tokens.Raw("add", added);
  }
  JsonObject metadata;
  if (totals.AddContext(metadata)) {
    tokens.Raw("merge", JsonObject().Raw("metadata", metadata.Take()).Take());
  }
  Op cost = Op::Update(kAgents, ById(key.agent));
  cost("label", "agent").Raw("set", JsonObject()("status", status).Take()).Raw("add", totals.CostToAdd());
  cost.Raw("return", R"(["name","model","status","input_tokens","output_tokens","total_cost"])");
  batch.Add(tokens).Add(cost);
}

void AddTurnEnd(Batch& batch, const AgentKey& key, std::string_view conversation, const TurnTotals& totals,
                std::string_view status) {
  AddTotals(batch, key, conversation, totals, status);
  if (totals.has_tokens() || totals.is_reset) {
    batch.Add(AnnounceTotals(key));
  }
  batch.Add(AnnounceStatus(key, status));
}

void AddGreetingEnd(Batch& batch, const AgentKey& key, std::string_view conversation, const TurnTotals& totals) {
  AddTotals(batch, key, conversation, totals, "idle");
  if (totals.has_tokens()) {
    batch.Add(AnnounceTotals(key));
  }
  Op created = AppendFor(key, "agent_created", wire::AgentCreated(key.agent, {}, {}));
  created.Raw("refs", R"({"/data/agent/name":"agent.rows/0/new/name","/data/agent/model":"agent.rows/0/new/model"})");
  batch.Add(created);
}

Op ArchiveAgent(std::string_view agent) {
  Op update = Op::Update(kAgents, ById(agent));
  update.Raw("set", R"({"archived":true})");
  return update;
}

void AddNewSession(Batch& batch, const Agent& agent, std::string_view session) {
  Op update = Op::Update(kAgents, LiveById(agent.id));
  JsonObject set;
  set("session_id", session)("input_tokens", 0)("output_tokens", 0);
  update("label", "agent").Raw("set", set.Take()).Raw("merge", R"({"metadata":{"context_tokens":0}})");
  update.Raw("return", R"(["status","input_tokens","output_tokens","total_cost"])").Raw("expect", Gone());
  const Place place = agent.place();
  batch.Add(update).Add(AnnounceTotals(KeyOf(agent, place)));
}

std::string DeleteAgentBatch(const Agent& agent) {
  const Place place = agent.place();
  Op update = Op::Update(kAgents, LiveById(agent.id));
  update.Raw("set", R"({"archived":true})").Raw("expect", Gone());
  Batch batch;
  batch.Add(update).Add(AppendFor(KeyOf(agent, place), "agent_deleted", wire::AgentDeleted(agent.id)));
  return batch.Take();
}

std::string SetIdleBatch(const std::vector<Agent>& agents) {
  Batch batch;
  for (const Agent& agent : agents) {
    const Place place = agent.place();
    Op update = Op::Update(kAgents, JsonObject()("id", agent.id)("status", agent.status).Take());
    update.Raw("set", R"({"status":"idle"})");
    batch.Add(update).Add(AppendFor(KeyOf(agent, place), "agent_status_changed",
                                    wire::AgentStatusChanged(agent.id, agent.status, "idle")));
  }
  return batch.Take();
}

}  // namespace tutti::orchestrator
