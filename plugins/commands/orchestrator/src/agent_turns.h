// AgentTurns: the turns of the command agents. Each agent works on one thing at a time, its commands queue.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "agent_rows.h"
#include "context.h"
#include "run_request.h"
#include "turn_lane.h"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// Threads: any. Stop must have returned true before the object goes.
class AgentTurns {
 public:
  explicit AgentTurns(Context& context) : context_(context) {}

  // The first turn of a new agent; ends when it has ended. Only a success is stored and announced.
  Task<Status> Greet(tutti_call parent, Agent agent);

  // What a command comes to.
  struct Work {
    enum class Kind { kPrompt, kCompact, kClear };

    Kind kind = Kind::kPrompt;
    std::string text;                // the prompt, or what a summary is to keep
    std::string slug;                // of the task
    std::string model;               // of this turn only; empty: the agent's
    std::vector<std::string> tools;  // of this turn only, besides the agent's
  };

  // Queues a turn; everything else is seen in the agent's status and log.
  Status Command(Agent agent, Work work);

  // Stops the running turn, drops the waiting ones, and ends when the agent is at rest. The number of turns stopped.
  Task<std::size_t> Interrupt(std::string agent);

  // For an agent that is gone.
  void Forget(const std::string& agent);

  // Interrupts everything and takes no more. false: something was still running at the deadline.
  bool Stop();

 private:
  std::shared_ptr<TurnLane> Lane(const std::string& agent);
  Task<void> RunCommand(std::shared_ptr<TurnLane> lane, TurnLane::Number number, Agent agent, Work work);
  Task<void> BeginSession(Agent agent);
  Task<Status> RunGreeting(std::shared_ptr<TurnLane> lane, TurnLane::Number number, tutti_call parent, Agent agent);
  Task<Result<std::string>> Run(std::shared_ptr<TurnLane> lane, TurnLane::Number number, tutti_call parent,
                                std::string request);
  [[nodiscard]] RunRequest Request(const Agent& agent, std::string_view prompt, std::string_view slug) const;

  Context& context_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<TurnLane>> lanes_;  // guarded by mutex_; by agent id
  bool is_closed_ = false;                                  // guarded by mutex_
};

}  // namespace tutti::orchestrator
