// Storage operations on agents, their prompts, and the announcements that go with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "place.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::orchestrator {

struct Agent {
  static Agent FromRow(JsonView row);
  // The agents of a query's rows.
  static std::vector<Agent> FromRows(std::string_view rows);

  // What a turn may use when the default tools are `default_tools`. A disallowed "mcp__server" takes away all of that
  // server.
  [[nodiscard]] std::vector<std::string> ToolsOfTurn(const std::vector<std::string>& default_tools) const;

  // Model calls that a turn may cause when `most` are allowed to any.
  [[nodiscard]] std::int64_t TurnLimit(std::int64_t most) const {
    return max_turns > 0 && max_turns < most ? max_turns : most;
  }

  // What its turns continue.
  [[nodiscard]] const std::string& conversation() const { return session_id.empty() ? id : session_id; }

  [[nodiscard]] Place place() const { return Place::Of(orchestrator, tree, id); }

  std::string id, orchestrator, name, model, system_prompt, working_dir, status, session_id;
  std::string tree;  // empty: of a row from before there were any
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  double total_cost = 0;
  std::string template_name, template_color;      // empty: created without a template, or one without a colour
  std::optional<std::vector<std::string>> tools;  // what its template allows; empty: the default ones
  std::vector<std::string> disallowed_tools;      // what its template takes away
  std::int64_t max_turns = 0;                     // model calls of one turn by its template; 0: not said
};

// What a turn used up; zeros as far as it is unknown.
struct TurnTotals {
  // `totals` is a run's result, also as far as a failed one got.
  static TurnTotals Read(JsonView totals);

  [[nodiscard]] bool has_tokens() const { return input_tokens != 0 || output_tokens != 0; }

  // Members to add to a row. Of the tokens empty: AddResets has them.
  [[nodiscard]] std::string TokensToAdd() const;
  [[nodiscard]] std::string CostToAdd() const;

  // Adds the members that are to be set in a row. false: none. A conversation that was compacted or begun anew counts
  // its tokens from there on; what they cost is kept.
  bool AddResets(JsonObject& set) const;

  // Adds what the metadata are to say of the conversation's size now. false: nothing is known.
  bool AddContext(JsonObject& metadata) const;

  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  double cost_usd = 0;
  bool is_reset = false;
  std::int64_t input_tokens_since = 0;  // the reset
  std::int64_t output_tokens_since = 0;
  std::int64_t context_tokens = 0;  // of the conversation, 0: unknown
};

Op InsertAgent(const Agent& agent);
Op FindAgent(std::string_view orchestrator, std::string_view name);
// Live agents, newest first. `limit` bounds the answer.
Op ListAgents(std::string_view orchestrator, std::int64_t limit);
Op InsertPrompt(const Agent& agent, std::string_view command, std::string_view slug);

// Fails the batch it is in with NOT_FOUND when the agent is gone.
Op ExpectLive(const Agent& agent);

// Who changes, and where that is told.
struct AgentKey {
  std::string_view agent;
  std::string_view stream;  // of the journal: the orchestrator's id
  std::string_view tree;
};

// A new status and its announcement, with the true old one.
void AddStatus(Batch& batch, const AgentKey& key, std::string_view status);

// What a turn of `conversation` used up, as far as the agent still is in that conversation; its cost in any case. The
// reply to the operation labelled `agent` has the sums.
void AddTotals(Batch& batch, const AgentKey& key, std::string_view conversation, const TurnTotals& totals,
               std::string_view status);

// The end of a commanded turn: status, totals, announcements with the true old status and the new sums.
void AddTurnEnd(Batch& batch, const AgentKey& key, std::string_view conversation, const TurnTotals& totals,
                std::string_view status);

// The end of a greeting: session and totals, then the agent is announced as created.
void AddGreetingEnd(Batch& batch, const AgentKey& key, std::string_view conversation, const TurnTotals& totals);

// Without announcement: the agent was never announced.
Op ArchiveAgent(std::string_view agent);

// A new conversation for the agent, its tokens counted from zero. NOT_FOUND when the agent is gone.
void AddNewSession(Batch& batch, const Agent& agent, std::string_view session);

// NOT_FOUND when it is archived already.
std::string DeleteAgentBatch(const Agent& agent);

// Agents that an earlier process left at work become idle, those of them that are still as they were read.
std::string SetIdleBatch(const std::vector<Agent>& agents);

}  // namespace tutti::orchestrator
