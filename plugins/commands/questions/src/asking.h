// Asking: one question from the tool call that asks it to the answer it ends with.
#pragma once

#include <chrono>
#include <string>

#include "question_rows.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/task.hpp"
#include "waiting_room.h"

namespace tutti::questions {

// Threads: any; one object serves all questions. A question that waits holds a row, a waiter and a timer, no thread.
class Asking {
 public:
  Asking(const Host& host, WaitingRoom& room, std::chrono::milliseconds expiry)
      : host_(host), room_(room), expiry_(expiry) {}

  // The tool. Ends with the answers, or DEADLINE_EXCEEDED, CANCELLED, RESOURCE_EXHAUSTED.
  Task<Result<std::string>> Ask(Call call, JsonView args) const;

  // Answers an open question, once. NOT_FOUND, FAILED_PRECONDITION (closed already), INVALID_ARGUMENT.
  Task<Result<std::string>> Answer(Call call, JsonView args) const;

 private:
  Task<Ending> WaitFor(Call call, std::string id) const;
  // When nobody has answered. The row's answers, when somebody did in the last moment.
  Task<Result<std::string>> EndWithoutAnswer(std::string id, Ending ending) const;
  // The row, or NOT_FOUND.
  Task<Result<Json>> Find(tutti_call parent, std::string id) const;

  const Host host_;
  WaitingRoom& room_;
  const std::chrono::milliseconds expiry_;
};

}  // namespace tutti::questions
