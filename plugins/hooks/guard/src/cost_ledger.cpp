#include "cost_ledger.h"

#include <cmath>
#include <cstdio>

namespace tutti::guard {
namespace {

std::string Dollars(double usd) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f USD", usd);
  return text;
}

}  // namespace

void CostLedger::Add(std::string_view run, std::optional<double> cost_usd) {
  double cost = cost_usd.value_or(ceilings_.unknown_usd);
  if (!std::isfinite(cost) || cost < 0) {
    cost = ceilings_.unknown_usd;
  }
  const std::lock_guard lock(mutex_);
  process_usd_ += cost;
  if (run.empty()) {
    return;
  }
  if (const auto found = by_run_.find(run); found != by_run_.end()) {
    found->second->usd += cost;
    entries_.splice(entries_.begin(), entries_, found->second);
    return;
  }
  entries_.push_front({std::string(run), cost});
  by_run_.emplace(entries_.front().run, entries_.begin());
  if (entries_.size() > ceilings_.max_runs) {
    by_run_.erase(entries_.back().run);
    entries_.pop_back();
  }
}

std::string CostLedger::Refusal(std::string_view run) const {
  const std::lock_guard lock(mutex_);
  if (ceilings_.process_usd > 0 && process_usd_ >= ceilings_.process_usd) {
    return "The server's cost ceiling of " + Dollars(ceilings_.process_usd) + " is reached (" + Dollars(process_usd_) +
           " since its start). Raise process_cost_ceiling_usd of tutti.hooks.guard, or restart the server.";
  }
  const auto found = by_run_.find(run);
  if (ceilings_.run_usd > 0 && found != by_run_.end() && found->second->usd >= ceilings_.run_usd) {
    return "This run's cost ceiling of " + Dollars(ceilings_.run_usd) + " is reached (" + Dollars(found->second->usd) +
           "). Start a new run, or raise cost_ceiling_usd of tutti.hooks.guard.";
  }
  return "";
}

}  // namespace tutti::guard
