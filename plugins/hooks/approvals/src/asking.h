// Asking: one question from who asks it to the answer it ends with; and what becomes of commands that were kept.
//
// Everything that must survive the process stands in rows: who asks again after a restart finds the row and waits on,
// or is told what was answered meanwhile. Threads: any.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "lasting_rules.h"
#include "rule_set.h"
#include "shared_keys.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/task.hpp"
#include "waiting_room.h"

namespace tutti::approvals {

struct AskingLimits {
  std::chrono::milliseconds expiry{86400000};
  std::size_t max_pending = 200;
  std::size_t max_result_bytes = 256 * 1024;
};

class Asking {
 public:
  Asking(Host host, const RuleSet& rules, WaitingRoom& room, AskingLimits limits)
      : host_(host), rules_(rules), room_(room), limits_(limits) {}

  // approvals.ask; see docs/hook-points.md. CANCELLED leaves the row pending.
  Task<Result<std::string>> Ask(Call call, JsonView args) const;

  // approvals.withdraw: what was asked with these arguments is not wanted any more.
  Task<Result<std::string>> Withdraw(JsonView args) const;

  // The run has ended: nobody needs its answers.
  Task<void> WithdrawRun(std::string run) const;

  // Runs a kept command that was just allowed, as its client, and stores what came of it.
  Task<void> RunKept(std::string row) const;

  // Ends a pending row without a person. Whoever waits is told. `status` expired or cancelled.
  Task<void> Close(std::string row, std::string status, std::string reason) const;

 private:
  // The row this was asked with before, or null.
  Task<Result<Json>> FindSame(JsonView args) const;
  // `key` is let go once the question is stored.
  Task<Result<std::string>> AskNew(Call call, JsonView args, std::shared_ptr<void> key) const;
  // Those who ask with the same "key" in `ask` wait for one answer, whichever run they belong to.
  Task<Result<std::string>> AskWithKey(Call call, JsonView args) const;
  Task<Result<Json>> FindKey(JsonView args) const;
  Task<Result<std::string>> WaitFor(Call call, JsonView args, std::string id, WaitingRoom::Ticket ticket) const;
  // What who asked is told of a row that is not pending.
  Task<Result<std::string>> Outcome(std::string row) const;
  // Reads the row for as long as the call lives and the database is away.
  Task<Result<Json>> Read(Call call, std::string id) const;
  // Tells the runs plugin that the run waits, or goes on. Without one that is nobody's concern.
  Task<void> TellRun(const char* command, std::string run, std::string id, std::string reason) const;
  [[nodiscard]] std::string AlwaysOf(JsonView args) const;

  const Host host_;
  const RuleSet& rules_;
  WaitingRoom& room_;
  const AskingLimits limits_;
  mutable SharedKeys keys_;
};

// Of a reply to GetBatch: the row, or NOT_FOUND.
Result<Json> RowOf(const Result<StoreReply>& reply);

}  // namespace tutti::approvals
