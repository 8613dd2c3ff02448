// Upkeep: what happens by itself. Overdue questions expire, answers given through another host on the same database
// reach who waits here, lasting rules are read again; and after a start, what the former process left is put in order.
//
// Threads: any. Stop returns when nothing of it starts any more.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "asking.h"
#include "lasting_rules.h"
#include "rule_set.h"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/task.hpp"
#include "tutti/sdk/text.hpp"
#include "waiting_room.h"

namespace tutti::approvals {

class Upkeep {
 public:
  Upkeep(Host host, const Asking& asking, const RuleSet& rules, LastingRules& lasting, WaitingRoom& room,
         std::chrono::milliseconds pause)
      : host_(host), asking_(asking), rules_(rules), lasting_(lasting), room_(room), pause_(pause) {}

  void Start();
  void Stop();

  // One round. The status of the database.
  Task<Status> Sweep();

  // Kept commands that were running when this host stopped have an unknown outcome, and questions of runs that have
  // ended since are withdrawn. false: the plugin of runs cannot be asked yet.
  Task<bool> Recover();

 private:
  // The next round, or the first, after a pause.
  void Arm(bool is_first);
  Task<void> Round(bool is_first);
  Task<bool> HasEnded(std::string run) const;
  // Names in rules that no tool of this host has.
  void WarnOfUnknownTools() const;
  void TakeRules(std::string_view rows);

  const Host host_;
  const Asking& asking_;
  const RuleSet& rules_;
  LastingRules& lasting_;
  WaitingRoom& room_;
  const std::chrono::milliseconds pause_;
  const std::string began_at_ = NowIso();  // what was allowed later runs here, and has not been cut off
  std::mutex mutex_;
  bool is_stopped_ = false;  // guarded by mutex_
  Timer timer_;              // guarded by mutex_
};

}  // namespace tutti::approvals
