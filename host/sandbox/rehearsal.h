// Tries in a forked copy what cannot be taken back in the process itself.
#pragma once

#include <functional>

#include "tutti/sdk/status.hpp"

namespace tutti::host {

// Runs `attempt` in a child and answers what it answered; this process stays as it is. A child that dies instead is an
// error too. REQUIRES: one thread.
Status Rehearse(const std::function<Status()>& attempt);

}  // namespace tutti::host
