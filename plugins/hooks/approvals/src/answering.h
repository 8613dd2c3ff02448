// Answering: a person's answer to a question, once; and the lasting rules that come of "always".
//
// Threads: any.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "asking.h"
#include "tutti/sdk/call.hpp"
#include "tutti/sdk/host.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/task.hpp"
#include "waiting_room.h"

namespace tutti::approvals {

struct Answer {
  std::string id;  // or, where it is typed, the beginning of one
  bool is_allow = false;
  bool is_always = false;
  std::string reason;
  std::string amount;  // JSON number, or empty
};

class Answering {
 public:
  // `reload` reads the lasting rules again.
  using Reload = std::function<Task<void>()>;

  Answering(Host host, const Asking& asking, WaitingRoom& room, Reload reload)
      : host_(host), asking_(asking), room_(room), reload_(std::move(reload)) {}

  // The row as it then is. FAILED_PRECONDITION says who answered before, and what.
  Task<Result<std::string>> Give(Call call, Answer answer) const;

  // The row whose id is `id` or, alone among the newest, begins with it.
  Task<Result<Json>> Find(Call call, std::string id) const;

 private:
  Task<Result<std::string>> Refuse(Call call, std::string id) const;

  const Host host_;
  const Asking& asking_;
  WaitingRoom& room_;
  const Reload reload_;
};

}  // namespace tutti::approvals
