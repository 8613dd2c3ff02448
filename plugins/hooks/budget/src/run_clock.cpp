#include "run_clock.h"

#include <algorithm>
#include <set>

namespace tutti::budget {
namespace {

constexpr std::int64_t kLongestStartMs = 600'000;

}  // namespace

void RunClock::Settle(Run& run, std::int64_t now_ms) {
  const std::int64_t worked = At(run, now_ms);
  run.untaken_ms += worked;
  if (run.remaining_ms >= 0) {
    run.remaining_ms = std::max<std::int64_t>(run.remaining_ms - worked, 0);
  }
  run.since_ms = now_ms;
}

void RunClock::Touch(const Facts& facts, std::int64_t now_ms) {
  if (facts.run.empty()) {
    return;
  }
  const auto found = runs_.find(facts.run);
  if (found != runs_.end()) {
    Settle(found->second, now_ms);
    found->second.is_waiting = false;
    return;
  }
  if (runs_.size() >= max_runs_) {
    // The one that was quiet for longest.
    runs_.erase(std::min_element(runs_.begin(), runs_.end(),
                                 [](const auto& a, const auto& b) { return a.second.since_ms < b.second.since_ms; }));
  }
  starting_.erase({facts.stream, facts.agent_name});
  runs_.emplace(facts.run, Run{.facts = facts, .scopes = facts.Scopes(), .since_ms = now_ms});
}

void RunClock::Wait(const std::string& run, std::int64_t now_ms) {
  if (const auto found = runs_.find(run); found != runs_.end()) {
    Settle(found->second, now_ms);
    found->second.is_waiting = true;
  }
}

std::int64_t RunClock::Take(const std::string& run, std::int64_t now_ms) {
  const auto found = runs_.find(run);
  if (found == runs_.end()) {
    return 0;
  }
  Settle(found->second, now_ms);
  return std::exchange(found->second.untaken_ms, 0);
}

std::int64_t RunClock::End(const std::string& run, std::int64_t now_ms) {
  const std::int64_t taken = Take(run, now_ms);
  runs_.erase(run);
  return taken;
}

std::int64_t RunClock::Untaken(const Scope& scope, std::int64_t now_ms) const {
  std::int64_t sum = 0;
  for (const auto& [id, run] : runs_) {
    if (std::find(run.scopes.begin(), run.scopes.end(), scope) != run.scopes.end()) {
      sum += run.untaken_ms + At(run, now_ms);
    }
  }
  return sum;
}

void RunClock::SetRemaining(const std::string& run, std::int64_t remaining_ms, std::int64_t now_ms) {
  if (const auto found = runs_.find(run); found != runs_.end()) {
    Settle(found->second, now_ms);
    found->second.remaining_ms = remaining_ms;
  }
}

std::vector<Facts> RunClock::Overdue(std::int64_t now_ms) {
  std::vector<Facts> overdue;
  for (auto& [id, run] : runs_) {
    if (run.remaining_ms >= 0 && !run.is_waiting && At(run, now_ms) > run.remaining_ms) {
      overdue.push_back(run.facts);
      run.remaining_ms = -1;
    }
  }
  std::erase_if(starting_, [&](const auto& entry) { return entry.second + kLongestStartMs < now_ms; });
  return overdue;
}

void RunClock::Start(const std::string& orchestrator, const std::string& agent_name, std::int64_t now_ms) {
  if (starting_.size() < max_runs_) {
    starting_[{orchestrator, agent_name}] = now_ms;
  }
}

std::int64_t RunClock::BusyAgents(const Scope& scope, std::string_view orchestrator, std::string_view other_than,
                                  std::int64_t now_ms) const {
  std::set<std::string_view> names;
  for (const auto& [id, run] : runs_) {
    if (run.facts.depth > 0 && std::find(run.scopes.begin(), run.scopes.end(), scope) != run.scopes.end() &&
        run.facts.agent_name != other_than) {
      names.insert(run.facts.agent);
    }
  }
  std::int64_t starting = 0;
  for (const auto& [who, since] : starting_) {
    starting += who.first == orchestrator && who.second != other_than && since + kLongestStartMs >= now_ms ? 1 : 0;
  }
  return static_cast<std::int64_t>(names.size()) + starting;
}

}  // namespace tutti::budget
