#include "limit_list.h"

#include <algorithm>

#include "pattern.h"

namespace tutti::budget {
namespace {

bool Fits(const std::string& pattern, std::string_view text) {
  return pattern.empty() || MatchesPattern(pattern, text);
}

Status Check(const Limit& limit) {
  const auto is_set = [](const std::optional<std::int64_t>& bound) { return bound.has_value(); };
  if (std::none_of(limit.bounds.begin(), limit.bounds.end(), is_set)) {
    return Status::InvalidArgument("the limit " + limit.id +
                                   " bounds nothing; give it one of cost_usd, input_tokens, output_tokens, "
                                   "cache_read_tokens, cache_write_tokens, model_calls, tool_calls, wall_time_ms, "
                                   "agents, concurrent_agents, depth");
  }
  return {};
}

}  // namespace

bool Limit::Matches(const Facts& facts) const {
  const bool is_agent = agent.empty() || MatchesPattern(agent, facts.agent_name) || MatchesPattern(agent, facts.agent);
  return is_agent && Fits(agent_template, facts.agent_template) && Fits(role, facts.role) &&
         Fits(orchestrator, facts.stream) && Fits(user, facts.user);
}

std::string Limit::ToJson() const {
  JsonObject match;
  for (const auto& [name, pattern] :
       {std::pair("agent", &agent), std::pair("template", &agent_template), std::pair("role", &role),
        std::pair("orchestrator", &orchestrator), std::pair("user", &user)}) {
    if (!pattern->empty()) {
      match(name, *pattern);
    }
  }
  JsonObject object;
  object("id", id)("scope", NameOf(scope))("period", is_per_day ? "day" : "total").Raw("match", match.Take());
  for (std::size_t i = 0; i < kResources; ++i) {
    if (bounds[i]) {
      const auto resource = static_cast<Resource>(i);
      object.Raw(NameOf(resource), ToNumber(resource, *bounds[i]));
    }
  }
  return object("on_breach", asks ? "ask" : "deny").Take();
}

Status Limits::Configure(JsonView list) {
  limits_.clear();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const JsonView json = list[i];
    Limit limit;
    limit.scope = FindScopeKind(json["scope"].AsString()).value_or(ScopeKind::kRun);
    limit.id = json["id"].AsString();
    if (limit.id.empty()) {
      limit.id = std::string(NameOf(limit.scope)) + "-" + std::to_string(i + 1);
    }
    limit.is_per_day = json["period"].AsString() == "day";
    limit.asks = json["on_breach"].AsString("ask") != "deny";
    const JsonView match = json["match"];
    limit.agent = match["agent"].AsString();
    limit.agent_template = match["template"].AsString();
    limit.role = match["role"].AsString();
    limit.orchestrator = match["orchestrator"].AsString();
    limit.user = match["user"].AsString();
    for (std::size_t k = 0; k < kResources; ++k) {
      const auto resource = static_cast<Resource>(k);
      limit.bounds[k] = FromNumber(resource, json[NameOf(resource)]);
    }
    if (Status status = Check(limit); !status.ok()) {
      return status;
    }
    if (Find(limit.id) != nullptr) {
      return Status::InvalidArgument("two limits have the id " + limit.id + "; raises are kept by it, so rename one");
    }
    limits_.push_back(std::move(limit));
  }
  return {};
}

std::vector<const Limit*> Limits::For(const Facts& facts) const {
  std::vector<const Limit*> matching;
  for (const Limit& limit : limits_) {
    if (limit.Matches(facts)) {
      matching.push_back(&limit);
    }
  }
  return matching;
}

const Limit* Limits::Find(std::string_view id) const {
  const auto found = std::find_if(limits_.begin(), limits_.end(), [&](const Limit& limit) { return limit.id == id; });
  return found == limits_.end() ? nullptr : &*found;
}

bool Limits::BoundAnywhere(Resource resource) const {
  return std::any_of(limits_.begin(), limits_.end(),
                     [&](const Limit& limit) { return limit.bound(resource).has_value(); });
}

std::string Limits::ToJson() const {
  JsonWriter writer;
  writer.BeginArray();
  for (const Limit& limit : limits_) {
    writer.Raw(limit.ToJson());
  }
  return writer.EndArray().Take();
}

}  // namespace tutti::budget
