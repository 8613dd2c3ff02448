// Gatekeeper: looks at every model and tool call before it is made, sets aside what it will take, and charges what it
// took.
//
// What was spent is read from the database before each call, so that it is right after a restart and with a second
// host; what calls in flight hold is in memory. A limit can be passed by what calls in flight on other hosts take.
// Threads: any, concurrently.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "breach.h"
#include "budget_rows.h"
#include "estimate.h"
#include "facts.h"
#include "holds.h"
#include "limit_list.h"
#include "run_clock.h"
#include "tutti/sdk/plugin.hpp"

namespace tutti::budget {

struct GateSettings {
  EstimateSettings estimate;
  std::set<std::string, std::less<>> creating_tools;
  std::set<std::string, std::less<>> starting_tools;
  std::int64_t question_expiry_ms = 86'400'000;
  std::int64_t run_retention_days = 90;
  std::size_t max_runs = 10'000;
};

struct Times {
  std::function<std::int64_t()> unix_micros;  // says the day
  std::function<std::int64_t()> steady_ms;    // never goes back
};

class Gatekeeper {
 public:
  Gatekeeper(Host host, GateSettings settings, Times times);

  // The limits may be filled in before the first call.
  Limits& limits() { return limits_; }

  // Gates. `payload` is the point's.
  Task<HookReply> BeforeModel(JsonView payload, Call call);
  Task<HookReply> BeforeTool(JsonView payload, Call call);

  // Records: the operations for the step's batch.
  HookReply RecordModel(JsonView payload, const Call& call);
  HookReply RecordFailure(JsonView payload);
  HookReply RecordTool(JsonView payload, const Call& call);
  HookReply RecordToolEnd(JsonView payload, const Call& call);
  HookReply RecordState(JsonView payload, const Call& call);

  // Observed: the step's batch is committed.
  void Committed(std::string_view point, std::string_view run, JsonView payload);

  // For a timer. Stops runs whose time is over.
  Task<void> Watch();

  // For a timer. Removes rows that are kept no longer.
  Task<void> Clean();

  [[nodiscard]] bool WatchesTime() const;

  // A person raises a limit. See budget.raise in plugin.cpp.
  Task<Result<std::string>> Raise(JsonView args, Call call);

  // What calls in flight hold of a scope.
  [[nodiscard]] Amounts Reserved(const Scope& scope) const;

  [[nodiscard]] std::string Today() const { return DayOf(times_.unix_micros()); }

 private:
  struct Asked {
    Facts facts;
    Action action = Action::kModelCall;
    std::string key;       // of the hold
    Amounts next;          // looked at
    Amounts reserved;      // set aside
    std::string starting;  // the agent that is set to work, when it is
  };

  Task<HookReply> Decide(Asked asked, Call call);
  // The rows; what was last seen of them while the database is away.
  Task<Result<Books>> Look(std::vector<BookKey> keys, std::vector<Scope> scopes, tutti_call parent);
  // Under mutex_. Sets aside when the call fits, or when a person is asked.
  std::optional<Breach> Fit(const Asked& asked, const std::vector<Demand>& demands, const Books& books,
                            std::uint64_t read, bool& is_certain);
  Besides BesidesOf(const Asked& asked, const Demand& demand, std::uint64_t read, bool& is_certain) const;
  // Under mutex_. When the run is to be stopped if it goes on without another call.
  void LimitTime(const std::string& run, const std::vector<Demand>& demands, const Books& books,
                 const std::function<Besides(const Demand&)>& besides);
  Task<HookReply> Refuse(const Asked& asked, Breach breach, Call call);
  Task<void> Announce(Facts facts, Breach breach, std::string_view action, tutti_call parent);
  Task<void> StopWhenOver(Facts facts);
  [[nodiscard]] std::int64_t NowMs() const;
  HookReply RecordEnd(const Facts& facts);
  HookReply Charge(const std::string& key, const Facts& facts, Amounts taken, std::string_view once);

  const Host host_;
  const GateSettings settings_;
  const Times times_;
  Limits limits_;
  mutable std::mutex mutex_;
  Holds holds_;                           // guarded by mutex_
  RunClock clock_;                        // guarded by mutex_
  std::map<BookKey, Amounts> last_seen_;  // guarded by mutex_
  std::set<std::string> announced_;       // guarded by mutex_; keys of breaches
  std::atomic<bool> has_warned_{false};
};

}  // namespace tutti::budget
