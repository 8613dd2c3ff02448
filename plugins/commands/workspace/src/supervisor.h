// The small process between the server and a child: it adopts whatever the child leaves behind and ends all of it.
//
//   server --_Fork--> supervisor (child subreaper) --_Fork--> the program, in a session of its own
//
// The supervisor ends when the program has ended, when the server writes to or closes its end of `control`, or when
// more than max_processes descendants live; before it does, no descendant is left, also none that became a daemon. Then
// it sends one SupervisorReport.
//
// Everything here runs after a fork of a process with threads: system calls on memory prepared before, nothing else.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace tutti::workspace {

// What the supervisor needs, prepared by the server before the fork. Descriptors and arrays are borrowed.
struct SupervisorPlan {
  const char* program = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  int control = -1;                  // SOCK_SEQPACKET, the supervisor's end
  int input = -1;                    // the program's standard input
  int output = -1;                   // its standard output and error
  int directory = -1;                // its current directory
  int ruleset = -1;                  // Landlock, -1: none
  std::uint64_t file_bytes = 0;      // RLIMIT_FSIZE, 0: leave
  std::uint64_t user_processes = 0;  // RLIMIT_NPROC, 0: leave
  std::uint32_t max_processes = 0;   // descendants alive at once, 0: any number
};

enum class SupervisorEvent : std::int32_t {
  kStartFailed = 1,       // value: errno; detail: the step, see SupervisorStep
  kEnded = 2,             // value: wait status of the program; detail: descendants ended with it
  kTooManyProcesses = 3,  // value: how many were seen; detail: descendants ended
};

enum class SupervisorStep : std::int32_t { kFork, kDescriptors, kDirectory, kLimits, kConfine, kExecute };

struct SupervisorReport {
  SupervisorEvent event;
  std::int32_t value;
  std::int32_t detail;
  std::int32_t left;  // descendants that could not be ended in time (stuck in the kernel)
};

// The name of a step, for messages.
const char* StepName(SupervisorStep step);

// Runs in the forked process; never returns.
[[noreturn]] void RunSupervisor(const SupervisorPlan& plan) noexcept;

}  // namespace tutti::workspace
