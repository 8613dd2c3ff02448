#include "breach.h"

#include <algorithm>
#include <array>
#include <limits>

namespace tutti::budget {
namespace {

constexpr std::array kOfModelCalls = {Resource::kCost,
                                      Resource::kInputTokens,
                                      Resource::kOutputTokens,
                                      Resource::kCacheReadTokens,
                                      Resource::kCacheWriteTokens,
                                      Resource::kModelCalls,
                                      Resource::kWallTime};
constexpr std::array kOfToolCalls = {Resource::kToolCalls, Resource::kWallTime, Resource::kAgents,
                                     Resource::kConcurrentAgents, Resource::kDepth};

bool Concerns(Action action, Resource resource) {
  const auto is_in = [&](const auto& list) { return std::find(list.begin(), list.end(), resource) != list.end(); };
  if (action == Action::kModelCall) {
    return is_in(kOfModelCalls);
  }
  if (resource == Resource::kAgents || resource == Resource::kDepth) {
    return action == Action::kCreateAgent;
  }
  if (resource == Resource::kConcurrentAgents) {
    return action == Action::kStartAgent;
  }
  return is_in(kOfToolCalls);
}

std::int64_t Plus(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

std::int64_t Looked(const Books& books, const Demand& demand) {
  const auto found = books.spent.find({demand.scope, demand.day});
  return found == books.spent.end() ? 0 : found->second[demand.resource];
}

std::int64_t RaisedBy(const Books& books, const Demand& demand) {
  const auto found = books.raised.find({demand.limit->id, demand.scope, demand.day, demand.resource});
  return found == books.raised.end() ? 0 : found->second;
}

}  // namespace

std::int64_t Breach::missing() const {
  return std::max<std::int64_t>(Plus(Plus(spent, reserved), std::max<std::int64_t>(demand.next, 1)) - allowed(), 1);
}

std::string Breach::Sentence() const {
  const Resource resource = demand.resource;
  std::string text = demand.scope.InWords() + " may take " + InWords(resource, allowed());
  text += demand.day.empty() ? "" : " on " + demand.day + " (UTC)";
  text += raised > 0 ? ", raises included" : "";
  if (resource == Resource::kDepth || resource == Resource::kConcurrentAgents) {
    text += "; there are " + std::to_string(Plus(spent, reserved)) + " already";
  } else {
    text +=
        ": " + InWords(resource, spent) + " spent, " + InWords(resource, reserved) + " set aside for calls in flight";
    text += demand.next > 0 ? ", and the next call is estimated at " + InWords(resource, demand.next) : "";
  }
  return text + " (limit " + demand.limit->id + " of tutti.hooks.budget)";
}

std::string Breach::Key() const {
  return "budget/" + demand.limit->id + "/" + std::string(NameOf(demand.scope.kind)) + "/" + demand.scope.id + "/" +
         demand.day + "/" + std::string(NameOf(demand.resource)) + "/" + std::to_string(allowed());
}

std::string Breach::ToJson() const {
  const Resource resource = demand.resource;
  return JsonObject()("limit", demand.limit->id)("scope", NameOf(demand.scope.kind))("scope_id", demand.scope.id)
      .OrNull("day", demand.day)("resource", NameOf(resource))
      .Raw("allowed", ToNumber(resource, allowed()))
      .Raw("raised", ToNumber(resource, raised))
      .Raw("spent", ToNumber(resource, spent))
      .Raw("reserved", ToNumber(resource, reserved))
      .Raw("estimate", ToNumber(resource, demand.next))
      .Take();
}

std::vector<Demand> DemandsOf(const std::vector<const Limit*>& limits, const Facts& facts, Action action,
                              const Amounts& next, const std::string& day) {
  std::vector<Demand> demands;
  for (const Limit* limit : limits) {
    const std::vector<Scope> scopes = facts.ScopesOf(limit->scope);
    for (std::size_t i = 0; i < kResources; ++i) {
      const auto resource = static_cast<Resource>(i);
      if (!limit->bounds[i] || !Concerns(action, resource)) {
        continue;
      }
      for (const Scope& scope : scopes) {
        demands.push_back({.limit = limit,
                           .scope = scope,
                           .day = limit->is_per_day ? day : "",
                           .resource = resource,
                           .bound = *limit->bounds[i],
                           .next = next[resource]});
      }
    }
  }
  return demands;
}

std::vector<BookKey> KeysOf(const std::vector<Demand>& demands) {
  std::vector<BookKey> keys;
  for (const Demand& demand : demands) {
    if (At(demand.resource) < kStoredResources) {
      keys.emplace_back(demand.scope, demand.day);
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::int64_t RoomOf(const Demand& demand, const Books& books, const Besides& besides) {
  return demand.bound + RaisedBy(books, demand) - Plus(Plus(Looked(books, demand), besides.spent), besides.reserved);
}

std::optional<Breach> FindBreach(const std::vector<Demand>& demands, const Books& books,
                                 const std::function<Besides(const Demand&)>& besides_of) {
  for (const Demand& demand : demands) {
    const Besides besides = besides_of(demand);
    // What a call takes of it is not always known before: then something must be left.
    if (RoomOf(demand, books, besides) < std::max<std::int64_t>(demand.next, 1)) {
      return Breach{.demand = demand,
                    .raised = RaisedBy(books, demand),
                    .spent = Plus(Looked(books, demand), besides.spent),
                    .reserved = besides.reserved};
    }
  }
  return std::nullopt;
}

}  // namespace tutti::budget
