// Chat: where a message of the user goes. Text starts a turn of the model; "/name words" is a command.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "chat_turns.h"
#include "context.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/task.hpp"
#include "typed_command.h"

namespace tutti::orchestrator {

// Every message is stored as it was typed. A command of the registry is invoked with the rights of who typed it, and
// its answer is a line of the chat; a command that lies in a file becomes the prompt of a turn; what is neither is
// answered by the nearest names. No model is asked but for prompts.
//
// Threads: any. Stop must have returned true before the object goes.
class Chat {
 public:
  Chat(Context& context, ChatTurns& turns) : context_(context), turns_(turns) {}

  // Answers when the message is stored and what it starts has begun.
  Task<Result<std::string>> Send(Call call, std::string text);

  // Waits for the commands that run, which the host cancels when it stops. false: one had not ended at the deadline.
  bool Stop();

 private:
  // What a command answered, from the moment it was invoked on.
  struct Invocation {
    bool is_shown = false;  // it has typing dots of its own
    bool answers_itself = false;
  };

  Task<Status> Start(Call call, TypedCommand typed, std::string text);
  Task<Status> StartFileCommand(Call call, TypedCommand typed, std::string unknown);
  void Invoke(const Call& call, std::string_view parsed);
  Task<void> Finish(Invocation invocation, Result<std::string> result);
  Task<void> Reply(std::string text);

  Context& context_;
  ChatTurns& turns_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;  // guarded by mutex_; commands
};

}  // namespace tutti::orchestrator
