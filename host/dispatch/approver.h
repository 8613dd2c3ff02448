// Asks a person, where a gate answered {"ask": ...} or a command is declared `confirm`: through the command
// approvals.ask of whichever plugin serves it. Without one the answer is no.
//
// Waiting holds no thread, and no hook's time limit runs meanwhile. What is asked is stored by the plugin, so that a
// question outlives the process: whoever asks the same again is told what was answered.
// Threads: any.
#pragma once

#include <string>
#include <string_view>

#include "host/calls/call_table.h"
#include "host/dispatch/changeover.h"
#include "host/dispatch/routes.h"
#include "tutti/sdk/task.hpp"

namespace tutti::host {

// Who asks on behalf of a command's `confirm`.
inline constexpr std::string_view kHostAsks = "tutti.host";

struct Question {
  std::string hook;     // plugin id, or kHostAsks
  std::string point;    // where it was asked
  std::string payload;  // JSON object, of the point
  std::string ask;      // JSON: a text, or an object as in tutti/abi/hook.h
  // {"name", "args"}: a client's command that nobody waits for. It is kept, and run once it is allowed; empty: the call
  // waits for the answer.
  std::string command;
};

class Approver {
 public:
  Approver(Executor& executor, CallTable& calls, Routes& routes)
      : executor_(executor), calls_(calls), changeover_(executor, routes), routes_(routes) {}

  // OK: allowed. PERMISSION_DENIED: the message says why, for whoever asked. CANCELLED: what asked is over; the
  // question was withdrawn, unless the host stops. FAILED_PRECONDITION: the command was kept (PendingApproval has its
  // id).
  Task<Status> Ask(Question question, ContextPtr context, NodePtr parent);

 private:
  Task<Result<std::string>> Call(const CommandRoute* route, const char* command, std::string args, ContextPtr context,
                                 NodePtr parent, std::int64_t deadline_ms);
  // What was asked is not wanted any more.
  Task<void> Withdraw(std::string args, ContextPtr context);

  Executor& executor_;
  CallTable& calls_;
  const Changeover changeover_;
  Routes& routes_;
};

// {"id", "status", "question", "expires_at"} of a command that was kept until a person allows it; empty for any other
// status.
std::string_view PendingApproval(const Status& status);

}  // namespace tutti::host
