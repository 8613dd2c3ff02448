// Chat: where a message of the user goes. Text starts a turn of the model; "/name words" is a command.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "bookkeeper.h"
#include "chat_turns.h"
#include "context.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/task.hpp"
#include "typed_command.h"

namespace tutti::orchestrator {

// Every message is stored as it was typed, together with what it stands for. A command of the registry is invoked with
// the rights of who typed it, and its answer is a line of the chat; a command that lies in a file becomes the prompt of
// a turn; what is neither is answered by the nearest names. No model is asked but for prompts.
//
// Threads: any. Stop must have returned true before the object goes.
class Chat {
 public:
  Chat(Context& context, ChatTurns& turns, const Bookkeeper& books) : context_(context), turns_(turns), books_(books) {}

  // Answers when the message is stored and what it starts cannot be lost any more.
  Task<Result<std::string>> Send(Call call, std::string text);

  // Says, in the background, of commands that an earlier process was at that nobody knows what came of them.
  void Begin();

  // Waits for the commands that run, which the host cancels when it stops. false: one had not ended at the deadline.
  bool Stop();

 private:
  // What a command answered, from the moment it was invoked on.
  struct Invocation {
    std::string line;       // of the chat that it was typed in
    bool is_shown = false;  // it has typing dots of its own
  };

  Task<Status> Start(Call call, TypedCommand typed, std::string text);
  Task<Status> StartFileCommand(Call call, TypedCommand typed, std::string text, std::string unknown);
  Task<Status> StartTurn(Call call, std::string command, std::string args, std::string text);
  Task<Status> StartCommand(Call call, std::string command, std::string args, std::string text);
  Task<void> Finish(Invocation invocation, Result<std::string> result);
  Task<void> CloseCutOffCommands();
  void Enter();
  void Leave();
  Task<Status> Refuse(tutti_call parent, std::string text, std::string reply);

  Context& context_;
  ChatTurns& turns_;
  const Bookkeeper& books_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;  // guarded by mutex_; commands
};

}  // namespace tutti::orchestrator
