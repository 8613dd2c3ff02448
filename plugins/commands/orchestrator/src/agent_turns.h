// AgentTurns: what command agents are told to do, accepted: a row of a run before anybody is told so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent_rows.h"
#include "context.h"
#include "run_request.h"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// Each agent works on one thing at a time, its commands queue. The order lies with the runs; here is nothing that a
// crash could lose. `principal` is who the work is for, empty: the local user. Threads: any.
class AgentTurns {
 public:
  explicit AgentTurns(const Context& context) : context_(context) {}

  // Stores the agent with its first turn and ends when that has ended. ALREADY_EXISTS: a live agent has its name, and
  // nothing was stored. After any other failure the agent is gone again, or goes when its turn ends.
  Task<Status> Create(tutti_call parent, std::string principal, Agent agent);

  // What a command comes to.
  struct Work {
    enum class Kind { kPrompt, kCompact, kClear };

    Kind kind = Kind::kPrompt;
    std::string command;             // as it was given
    std::string text;                // the prompt, or what a summary is to keep
    std::string slug;                // of the task
    std::string model;               // of this turn only; empty: the agent's
    std::vector<std::string> tools;  // of this turn only, besides the agent's
  };

  // Ends when it is accepted; everything else is seen in the agent's status and log. NOT_FOUND: the agent is gone.
  // RESOURCE_EXHAUSTED: too many commands wait. In both cases nothing was stored.
  Task<Status> Command(tutti_call parent, std::string principal, Agent agent, Work work);

 private:
  [[nodiscard]] RunRequest Request(const Agent& agent, std::string_view principal, RunKind kind,
                                   std::string_view slug) const;

  const Context& context_;
};

}  // namespace tutti::orchestrator
