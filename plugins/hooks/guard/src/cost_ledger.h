// Adds up what model calls cost, per run and since the start, and says when a ceiling is reached.
//
// Remembers the last max_runs runs; an older one begins at nothing again. Costs arrive when a call has ended, so a run
// can pass its ceiling by the calls under way. Threads: any, concurrently. Amounts in US dollars.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tutti::guard {

class CostLedger {
 public:
  struct Ceilings {
    double run_usd = 0;      // 0: none
    double process_usd = 0;  // 0: none
    double unknown_usd = 0;  // what a call of unknown cost counts as
    std::size_t max_runs = 10'000;
  };

  explicit CostLedger(Ceilings ceilings) : ceilings_(ceilings) {}

  // nullopt: the cost is not known. An empty run counts for the process only.
  void Add(std::string_view run, std::optional<double> cost_usd);

  // Why the run may not call a model any more; empty when it may.
  [[nodiscard]] std::string Refusal(std::string_view run) const;

 private:
  struct Entry {
    std::string run;
    double usd = 0;
  };

  const Ceilings ceilings_;
  mutable std::mutex mutex_;
  double process_usd_ = 0;                                                   // guarded by mutex_
  std::list<Entry> entries_;                                                 // guarded by mutex_, last used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_run_;  // guarded by mutex_, keys in entries_
};

}  // namespace tutti::guard
