// BuiltInCommands: what the chat itself offers to be typed, beside the tools of the model that can be typed too.
#pragma once

#include <array>
#include <string>
#include <string_view>

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

extern const std::array<BuiltInDefinition, 5> kBuiltIns;

// Answers are {"status":"success","text": Markdown}. Threads: any. `args` must outlive the Task.
class BuiltInCommands {
 public:
  using Answer = Task<Result<std::string>>;

  BuiltInCommands(const Context& context, ChatTurns& chat) : context_(context), chat_(chat) {}

  // `name` is one of kBuiltIns.
  Answer Invoke(std::string_view name, Call call, JsonView args);

 private:
  Answer Help(Call call);
  Answer InterruptOne(Call call, JsonView args);
  Answer Stop(Call call, JsonView args);
  Answer Compact(Call call, JsonView args);
  Answer Clear(Call call, JsonView args);

  const Context& context_;
  ChatTurns& chat_;
};

// The text of /help. `registry` is the host's list of slash commands; those without a usage of their own, which take
// JSON, are left out. `files` is Markdown that follows, may be empty.
std::string HelpText(std::string_view registry, std::string_view files);

}  // namespace tutti::orchestrator
