// Facts: who makes a call, as far as budgets care, and the scopes that it is charged to.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::budget {

enum class ScopeKind : std::uint8_t { kRun, kAgent, kTree, kOrchestrator, kUser, kServer };

std::string_view NameOf(ScopeKind kind);
std::optional<ScopeKind> FindScopeKind(std::string_view name);

// One of the things that amounts are added up for.
struct Scope {
  ScopeKind kind = ScopeKind::kServer;
  std::string id;  // empty for the server

  auto operator<=>(const Scope&) const = default;

  // "run 4f1c...", "the server": for sentences.
  [[nodiscard]] std::string InWords() const;
};

struct Facts {
  std::string run;     // empty outside a run
  std::string agent;   // id
  std::string stream;  // the orchestrator's id
  std::string user;    // "local" is who needs no token
  std::string agent_name;
  std::string agent_template;
  std::string role;
  std::vector<std::string> trees;  // ids of the agent and of those above it, without the orchestrator; root first
  std::int64_t depth = 0;          // agents above it

  // `labels` is the run's JSON object, or empty; what is missing in it is taken from the ids.
  static Facts Read(std::string_view run, std::string_view agent, std::string_view stream, std::string_view principal,
                    std::string_view labels);

  // Every scope, in one order for all calls: rows are locked in that order. A call outside a run is charged to its
  // user and the server alone.
  [[nodiscard]] std::vector<Scope> Scopes() const;

  // Those of one kind.
  [[nodiscard]] std::vector<Scope> ScopesOf(ScopeKind kind) const;
};

}  // namespace tutti::budget
