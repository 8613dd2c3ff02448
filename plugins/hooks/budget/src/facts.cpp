#include "facts.h"

#include <algorithm>
#include <array>

#include "tutti/sdk/json.hpp"

namespace tutti::budget {
namespace {

constexpr std::array<std::string_view, 6> kKinds = {"run", "agent", "tree", "orchestrator", "user", "server"};
constexpr std::size_t kMostTrees = 100;

// "/<orchestrator>/<agent>/<agent>/" as its agents.
std::vector<std::string> SplitTree(std::string_view path, std::string_view orchestrator) {
  std::vector<std::string> ids;
  while (!path.empty() && ids.size() < kMostTrees) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view id = path.substr(0, slash);
    if (!id.empty() && id != orchestrator) {
      ids.emplace_back(id);
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return ids;
}

}  // namespace

std::string_view NameOf(ScopeKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::optional<ScopeKind> FindScopeKind(std::string_view name) {
  const auto found = std::find(kKinds.begin(), kKinds.end(), name);
  return found == kKinds.end() ? std::nullopt : std::optional(static_cast<ScopeKind>(found - kKinds.begin()));
}

std::string Scope::InWords() const {
  if (kind == ScopeKind::kServer) {
    return "the server";
  }
  return (kind == ScopeKind::kTree ? "the tree of agent" : std::string(NameOf(kind))) + " " + id;
}

Facts Facts::Read(std::string_view run, std::string_view agent, std::string_view stream, std::string_view principal,
                  std::string_view labels) {
  Facts facts{.run = std::string(run), .agent = std::string(agent), .stream = std::string(stream)};
  const Result<Json> json = Json::Parse(labels.empty() ? std::string_view("{}") : labels);
  const JsonView known = json.ok() ? json->view() : JsonView();
  const std::string_view user = known["principal"].AsString(principal);
  facts.user = user.empty() ? "local" : user;
  facts.agent_name = known["agent_name"].AsString();
  facts.agent_template = known["template"].AsString(known["subagent_template"].AsString());
  facts.role = known["role"].AsString();
  facts.trees = SplitTree(known["tree"].AsString(), stream);
  const bool is_agent = !agent.empty() && agent != stream;
  if (facts.trees.empty() && is_agent) {
    facts.trees = {facts.agent};
  }
  facts.depth = known["depth"].AsInt(is_agent ? static_cast<std::int64_t>(facts.trees.size()) : 0);
  return facts;
}

std::vector<Scope> Facts::ScopesOf(ScopeKind kind) const {
  const auto one = [&](const std::string& id) {
    return run.empty() || id.empty() ? std::vector<Scope>() : std::vector<Scope>{{kind, id}};
  };
  switch (kind) {
    case ScopeKind::kRun:
      return one(run);
    case ScopeKind::kAgent:
      return one(agent);
    case ScopeKind::kTree: {
      std::vector<Scope> scopes;
      for (const std::string& id : trees) {
        if (!run.empty()) {
          scopes.push_back({kind, id});
        }
      }
      return scopes;
    }
    case ScopeKind::kOrchestrator:
      return one(stream);
    case ScopeKind::kUser:
      return {{kind, user}};
    case ScopeKind::kServer:
      break;
  }
  return {{ScopeKind::kServer, ""}};
}

std::vector<Scope> Facts::Scopes() const {
  std::vector<Scope> all;
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    for (Scope& scope : ScopesOf(static_cast<ScopeKind>(i))) {
      all.push_back(std::move(scope));
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace tutti::budget
