// ChatTurns: the user's messages to the orchestrator, and the turns they start.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent_rows.h"
#include "context.h"
#include "turn_lane.h"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// A new message replaces the running turn: that one is interrupted, its end events come first, then the next turn
// begins. Messages that arrive while another waits are answered together with it, and so are those of a turn that was
// replaced before its run had stored them.
//
// Threads: any. Stop must have returned true before the object goes.
class ChatTurns {
 public:
  ChatTurns(Context& context, std::vector<std::string> tools);

  // Stores and announces the message, then starts its turn in the background.
  Task<Result<std::string>> Send(tutti_call parent, std::string text);

  // Interrupts the running turn and takes no more. false: it had not ended at the deadline.
  bool Stop();

 private:
  struct Prompt {
    std::string text;
    bool has_replaced = false;  // a running turn was interrupted for it
  };

  Status Submit(std::string text);
  Task<void> RunTurn(TurnLane::Number number);
  Prompt Take(TurnLane::Number number);
  void Finished(const Prompt& prompt, const Status& ended);
  Task<void> Announce(std::string type, std::string data);
  Task<void> Account(TurnTotals totals);
  [[nodiscard]] std::string TotalsBatch(const TurnTotals& totals, bool with_system_info) const;
  [[nodiscard]] std::string SystemInfo(std::string_view model) const;

  Context& context_;
  const std::vector<std::string> tools_;
  std::shared_ptr<TurnLane> lane_;
  std::mutex mutex_;
  std::vector<std::string> waiting_;  // guarded by mutex_; messages no turn has taken yet
  TurnLane::Number running_ = 0;      // guarded by mutex_; turn that has taken its messages, 0 = none
  bool has_replaced_ = false;         // guarded by mutex_
};

}  // namespace tutti::orchestrator
