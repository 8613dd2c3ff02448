// ChatTurns: what the user wants of the orchestrator, accepted: a row of a run before anybody is told so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "context.h"
#include "run_request.h"
#include "tutti/sdk/store.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

// A prompt replaces the turn that is at work and those that wait: they end, their end events first, then it begins, in
// a conversation that has the prompts of all of them. A compaction takes its place in the order, interrupts nothing and
// is not replaced. What the order needs lies with the runs; here is nothing that a crash could lose.
//
// `principal` is who the run is for, empty: the local user. `line` is what was typed, stored as a line of the chat in
// one batch with the work it stands for. RESOURCE_EXHAUSTED: too much waits already, nothing was stored. Threads: any.
class ChatTurns {
 public:
  ChatTurns(Context& context, std::vector<std::string> tools) : context_(context), tools_(std::move(tools)) {}

  struct Prompt {
    std::string text;
    std::string model;               // of this turn only; empty: the usual one
    std::vector<std::string> tools;  // of this turn only, besides the usual ones
  };

  // Ends when it is accepted; everything else is seen in the chat.
  Task<Status> Say(tutti_call parent, std::string principal, std::string line, Prompt prompt);

  // `line` empty: nothing was typed in the chat.
  Task<Status> Compact(tutti_call parent, std::string principal, std::string line, std::string instructions);

  // Begins a new session at once, answers in the chat, and stops what is at work in the old one.
  Task<Status> Clear(tutti_call parent, std::string line);

 private:
  // Stops what is accepted for other conversations of the chat.
  Task<Status> StopOthers(tutti_call parent, std::string conversation);

  // NOT_FOUND: the orchestrator's row is gone.
  Task<Result<std::string>> Conversation(tutti_call parent);
  Task<RunRequest> NewRequest(tutti_call parent, std::string principal, RunKind kind, std::string conversation,
                              std::string model) const;

  Context& context_;
  const std::vector<std::string> tools_;
};

}  // namespace tutti::orchestrator
