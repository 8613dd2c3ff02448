// RunClock: which runs are at work, since when, and which agents that makes busy.
//
// Times in milliseconds of a clock that never goes back. Time in which a run waits for a person does not count.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facts.h"

namespace tutti::budget {

class RunClock {
 public:
  explicit RunClock(std::size_t max_runs) : max_runs_(max_runs) {}

  // The run does something: it is at work from now on, if it was not.
  void Touch(const Facts& facts, std::int64_t now_ms);

  // It waits for a person until it is touched again.
  void Wait(const std::string& run, std::int64_t now_ms);

  // The time at work that nobody has taken yet.
  std::int64_t Take(const std::string& run, std::int64_t now_ms);

  // The same, and forgets the run.
  std::int64_t End(const std::string& run, std::int64_t now_ms);

  // Of all runs of a scope: the time at work that nobody has taken yet.
  [[nodiscard]] std::int64_t Untaken(const Scope& scope, std::int64_t now_ms) const;

  // The run is to be stopped when it is still at work after so much more of it; negative is no such time.
  void SetRemaining(const std::string& run, std::int64_t remaining_ms, std::int64_t now_ms);

  // Runs whose time is over; each is returned once.
  [[nodiscard]] std::vector<Facts> Overdue(std::int64_t now_ms);

  // An agent was told to work by a run of this orchestrator; it counts as busy until its run begins, at most for ten
  // minutes.
  void Start(const std::string& orchestrator, const std::string& agent_name, std::int64_t now_ms);

  // Agents below an orchestrator that are at work in a scope. `other_than` is not counted.
  [[nodiscard]] std::int64_t BusyAgents(const Scope& scope, std::string_view orchestrator, std::string_view other_than,
                                        std::int64_t now_ms) const;

  [[nodiscard]] std::size_t size() const { return runs_.size(); }

 private:
  struct Run {
    Facts facts;
    std::vector<Scope> scopes;
    std::int64_t since_ms = 0;    // of the time not counted in `untaken_ms`
    std::int64_t untaken_ms = 0;  // before that
    bool is_waiting = false;
    std::int64_t remaining_ms = -1;  // counted from `since_ms`
  };

  static std::int64_t At(const Run& run, std::int64_t now_ms) { return run.is_waiting ? 0 : now_ms - run.since_ms; }

  // Moves the time since `since_ms` into the other members.
  static void Settle(Run& run, std::int64_t now_ms);

  const std::size_t max_runs_;
  std::map<std::string, Run, std::less<>> runs_;
  std::map<std::pair<std::string, std::string>, std::int64_t> starting_;  // by orchestrator and name
};

}  // namespace tutti::budget
