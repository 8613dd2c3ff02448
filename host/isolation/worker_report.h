// What an operator may know of a plugin's process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "host/isolation/messages.h"

namespace tutti::host {

struct WorkerReport {
  enum class State { kRunning, kRestarting, kDown };

  pid_t pid = 0;  // 0: none runs now
  ConfinementReport confinement;
  std::uint64_t restarts = 0;  // since the plugin was created
  State state = State::kRestarting;
  std::string last_death;  // a sentence; empty: never
};

}  // namespace tutti::host
