// ChatTurns: the user's messages to the orchestrator, and the turns they start.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "agent_rows.h"
#include "chat_work.h"
#include "context.h"
#include "run_request.h"
#include "turn_lane.h"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// A new message replaces the running turn: that one is interrupted, its end events come first, then the next turn
// begins. Messages that arrive while another waits are answered together with it, and so are those of a turn that was
// replaced before its run had stored them. Compaction takes its place in the order and interrupts nothing, nor is it
// interrupted by a message.
//
// Threads: any. Stop must have returned true before the object goes.
class ChatTurns {
 public:
  ChatTurns(Context& context, std::vector<std::string> tools);

  // RESOURCE_EXHAUSTED: too much waits already.
  [[nodiscard]] Status CheckRoom();

  // Queues it; everything else is seen in the chat. UNAVAILABLE: the orchestrator is stopping.
  Status Submit(ChatWork work);

  // Stops what runs; what waits goes on. false: nothing runs.
  bool Interrupt();

  // Whether a turn runs, so that the typing dots are its own.
  [[nodiscard]] bool IsBusy();

  // Interrupts the running turn and takes no more. false: it had not ended at the deadline.
  bool Stop();

 private:
  struct Taken {
    ChatWork work;
    bool has_replaced = false;  // a running turn was interrupted for it
  };

  Status Push();
  Task<void> RunTurn(TurnLane::Number number);
  Task<void> RunPrompt(TurnLane::Number number, ChatWork work);
  Task<void> RunCompaction(TurnLane::Number number, std::string instructions);
  Task<void> BeginSession();
  Task<Result<std::string>> Run(TurnLane::Number number, std::string request);
  bool Take(TurnLane::Number number, Taken& taken);
  void Finished();
  void FinishedPrompt(ChatWork work, const Status& ended);
  Task<RunRequest> NewRequest(std::string model) const;
  // `commands`: JSON array, as the console gets it.
  [[nodiscard]] std::string SystemInfo(std::string_view model, std::string_view commands) const;

  Context& context_;
  const std::vector<std::string> tools_;
  std::shared_ptr<TurnLane> lane_;
  std::mutex mutex_;
  std::deque<ChatWork> waiting_;  // guarded by mutex_; what no turn has taken yet
  bool is_queued_ = false;        // guarded by mutex_; a turn is in the lane that will take some of it
  TurnLane::Number running_ = 0;  // guarded by mutex_; turn that has taken its work, 0 = none
  bool is_replaceable_ = false;   // guarded by mutex_; by a message
  bool has_replaced_ = false;     // guarded by mutex_
};

}  // namespace tutti::orchestrator
