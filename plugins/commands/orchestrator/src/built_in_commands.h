// BuiltInCommands: what the chat itself offers to be typed, beside the tools of the model that can be typed too.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "agent_turns.h"
#include "chat_turns.h"
#include "context.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti::orchestrator {

struct BuiltInDefinition {
  const char* name;
  const char* json;
};

extern const std::array<BuiltInDefinition, 4> kBuiltIns;

// Answers are {"status":"success","text": Markdown}. Threads: any. `args` must outlive the Task.
class BuiltInCommands {
 public:
  using Answer = Task<Result<std::string>>;

  BuiltInCommands(Context& context, ChatTurns& chat, AgentTurns& agents)
      : context_(context), chat_(chat), agents_(agents) {}

  // `name` is one of kBuiltIns.
  Answer Invoke(std::string_view name, Call call, JsonView args);

 private:
  Answer Help(Call call);
  Answer Interrupt(Call call, JsonView args);
  Answer Compact(JsonView args);
  Answer Clear();

  Context& context_;
  ChatTurns& chat_;
  AgentTurns& agents_;
};

// The text of /help. `registry` is the host's list of slash commands; those without a usage of their own, which take
// JSON, are left out. `files` is Markdown that follows, may be empty.
std::string HelpText(std::string_view registry, std::string_view files);

}  // namespace tutti::orchestrator
